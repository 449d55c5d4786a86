/** System requirements of the tests beyond npm packages. Missing packages are installed if possible, else reported. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chromiumPath } from './chromium.ts';

/** A browser, a private keyring, or a virtual display with the libraries of Electron. */
export type SystemRequirement = 'chromium' | 'keyring' | 'window';

const debianPackages: Readonly<Record<SystemRequirement, readonly string[]>> = {
  chromium: ['chromium', 'fonts-dejavu-core'],
  keyring: ['gnome-keyring', 'dbus', 'libsecret-1-0', 'libsecret-tools'],
  window: [
    'xvfb',
    'xauth',
    'libgtk-3-0',
    'libnss3',
    'libasound2',
    'libgbm1',
    'libxss1',
    'libxtst6',
    'libnotify4',
    'libatspi2.0-0',
    'libdrm2',
    'libxkbcommon0',
    'libsecret-1-0',
    'fonts-dejavu-core',
  ],
};

/** Installs missing packages (Debian, as root). Returns the reason for each requirement that is still missing. */
export function installRequirements(
  requirements: ReadonlySet<SystemRequirement>,
): ReadonlyMap<SystemRequirement, string> {
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  if (/^ID(_LIKE)?=.*debian/m.test(release)) return installOnDebian([...requirements]);
  return new Map(
    [...requirements].flatMap((requirement) => {
      const reason = missingRequirementReason(requirement);
      return reason === undefined ? [] : [[requirement, reason]];
    }),
  );
}

function installOnDebian(requirements: readonly SystemRequirement[]): ReadonlyMap<SystemRequirement, string> {
  const missingPackages = (requirement: SystemRequirement) =>
    debianPackages[requirement].filter((name) => !isPackageInstalled(name));
  const packagesToInstall = [...new Set(requirements.flatMap(missingPackages))];
  if (packagesToInstall.length > 0 && process.getuid?.() === 0) installPackages(packagesToInstall);
  const reasons = new Map<SystemRequirement, string>();
  for (const requirement of requirements) {
    const missing = missingPackages(requirement);
    if (missing.length > 0) reasons.set(requirement, `packages are missing: sudo apt-get install ${missing.join(' ')}`);
  }
  return reasons;
}

/** In newer releases, the names of some libraries end with t64. */
function isPackageInstalled(name: string): boolean {
  const query = spawnSync('dpkg-query', ['-W', '-f=${Status}\n', name, `${name}t64`], { encoding: 'utf8' });
  return query.stdout.includes('install ok installed');
}

function installPackages(names: readonly string[]): void {
  const apt = (...args: string[]) =>
    execFileSync('apt-get', ['-qq', ...args], {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  process.stdout.write(`Installing system packages: ${names.join(' ')}\n`);
  try {
    apt('update');
    apt(
      'install',
      '-y',
      '--no-install-recommends',
      ...names.map((name) => (isPackageAvailable(`${name}t64`) ? `${name}t64` : name)),
    );
  } catch {
    // The caller reports the packages that are still missing.
  }
}

function isPackageAvailable(name: string): boolean {
  return spawnSync('apt-cache', ['show', name], { stdio: 'ignore' }).status === 0;
}

function missingRequirementReason(requirement: SystemRequirement): string | undefined {
  if (requirement === 'chromium')
    return existsSync(chromiumPath())
      ? undefined
      : 'Chromium or Chrome was not found; set the environment variable CHROMIUM to its path';
  if (process.platform !== 'linux')
    return 'it needs a private keyring and a virtual display, which the tests can create only on Linux';
  const programs =
    requirement === 'keyring' ? ['dbus-run-session', 'gnome-keyring-daemon', 'secret-tool'] : ['xvfb-run', 'xauth'];
  const missing = programs.filter((program) => spawnSync('which', [program], { stdio: 'ignore' }).status !== 0);
  return missing.length === 0 ? undefined : `programs are missing: ${missing.join(', ')}`;
}
