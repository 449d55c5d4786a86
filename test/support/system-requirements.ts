/** What the tests need of the machine beyond npm packages: installed where that is possible, else named. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chromiumPath } from './chromium.ts';

/** A browser, a private keyring, a screen for the Electron window with the libraries that it loads. */
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

/** Installs what is missing (Debian, as root) and returns, for each need that stays unmet, why and how to meet it. */
export function installRequirements(needs: ReadonlySet<SystemRequirement>): ReadonlyMap<SystemRequirement, string> {
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  if (/^ID(_LIKE)?=.*debian/m.test(release)) return installOnDebian([...needs]);
  return new Map(
    [...needs].flatMap((need) => {
      const obstacle = missingRequirementReason(need);
      return obstacle === undefined ? [] : [[need, obstacle]];
    }),
  );
}

function installOnDebian(needs: readonly SystemRequirement[]): ReadonlyMap<SystemRequirement, string> {
  const missingFor = (need: SystemRequirement) => debianPackages[need].filter((name) => !isPackageInstalled(name));
  const missing = [...new Set(needs.flatMap(missingFor))];
  if (missing.length > 0 && process.getuid?.() === 0) installPackages(missing);
  const unmet = new Map<SystemRequirement, string>();
  for (const need of needs) {
    const still = missingFor(need);
    if (still.length > 0) unmet.set(need, `packages are missing: sudo apt-get install ${still.join(' ')}`);
  }
  return unmet;
}

/** Newer releases give some libraries a name that ends in t64. */
function isPackageInstalled(name: string): boolean {
  const asked = spawnSync('dpkg-query', ['-W', '-f=${Status}\n', name, `${name}t64`], { encoding: 'utf8' });
  return asked.stdout.includes('install ok installed');
}

function installPackages(names: readonly string[]): void {
  const apt = (...args: string[]) =>
    execFileSync('apt-get', ['-qq', ...args], {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  process.stdout.write(`Installing ${names.join(' ')}\n`);
  try {
    apt('update');
    apt(
      'install',
      '-y',
      '--no-install-recommends',
      ...names.map((name) => (isPackageAvailable(`${name}t64`) ? `${name}t64` : name)),
    );
  } catch {
    // What is still missing is named by the caller.
  }
}

function isPackageAvailable(name: string): boolean {
  return spawnSync('apt-cache', ['show', name], { stdio: 'ignore' }).status === 0;
}

function missingRequirementReason(need: SystemRequirement): string | undefined {
  if (need === 'chromium')
    return existsSync(chromiumPath()) ? undefined : 'no Chromium or Chrome was found; name one in CHROMIUM';
  if (process.platform !== 'linux')
    return 'it needs a keyring and a screen of its own, which the tests can make on Linux alone';
  const programs =
    need === 'keyring' ? ['dbus-run-session', 'gnome-keyring-daemon', 'secret-tool'] : ['xvfb-run', 'xauth'];
  const absent = programs.filter((program) => spawnSync('which', [program], { stdio: 'ignore' }).status !== 0);
  return absent.length === 0 ? undefined : `programs are missing: ${absent.join(', ')}`;
}
