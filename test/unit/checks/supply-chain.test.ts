import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  permissiveLicences,
  ignoredInstallScripts,
  lockedPackages,
  mainDependencies,
  platformPackages,
  rendererDependencies,
  weakCopyleftTools,
} from '../../checks/allowed-dependencies.ts';
import { checkLockFile } from '../../checks/lock-file.ts';
import { nonEmpty } from '../../support/non-empty.ts';

const projectFolder = fileURLToPath(new URL('../../../', import.meta.url));
const readProjectFile = (path: string) => readFileSync(join(projectFolder, path), 'utf8');
const manifest = JSON.parse(readProjectFile('package.json')) as Record<
  'dependencies' | 'devDependencies' | 'optionalDependencies' | 'scripts',
  Record<string, string>
> & { allowScripts: Record<string, boolean> };
const lock = readProjectFile('package-lock.json');
const locked = lockedPackages(lock);

/** The names of packages that the files of a folder import, without `verify-audit.ts`, which is a separate program. */
function importedPackages(folder: string): string[] {
  const files = readdirSync(join(projectFolder, folder), { recursive: true, encoding: 'utf8' }).filter(
    (path) => /\.(ts|vue|css)$/.test(path) && path !== 'verify-audit.ts',
  );
  const specifiers = files.flatMap((path) =>
    [
      ...readProjectFile(join(folder, path)).matchAll(/(?:\bfrom|\bimport\(?|@import)\s*['"]([\w@][\w@/.:-]*)['"]/g),
    ].map(([, name = '']) => name),
  );
  const names = specifiers
    .filter((name) => !name.startsWith('node:') && !builtinModules.includes(name))
    .map((name) =>
      name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/'),
    );
  return [...new Set(names)].sort();
}

describe('supply chain', () => {
  // Verifies P-01.
  it('the list of production packages is complete and has a reason for each package', () => {
    expect(importedPackages('src-main')).toEqual([...Object.keys(mainDependencies), 'electron'].sort());
    expect(importedPackages('src-renderer')).toEqual(Object.keys(rendererDependencies).sort());
    expect(Object.keys(manifest.dependencies).sort()).toEqual(Object.keys(mainDependencies).sort());
    const reasons = [mainDependencies, rendererDependencies, platformPackages, ignoredInstallScripts].flatMap((list) =>
      Object.values(list),
    );
    expect(reasons.length).toBeGreaterThan(20);
    for (const reason of nonEmpty(reasons)) expect(reason).not.toBe('');
  });

  // Verifies P-02.
  it('package.json names exact versions', () => {
    const all = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
    const versions = Object.entries(all);
    expect(versions.length).toBeGreaterThan(40);
    for (const [name, version] of nonEmpty(versions))
      expect(version, name).toMatch(/^(npm:@[\w-]+\/[\w-]+@)?\d+\.\d+\.\d+$/);
  });

  // Verifies P-02.
  it('each package of package-lock.json has a SHA-512 hash and comes from the registry', () => {
    const { checkedPaths, faults } = checkLockFile(lock);
    expect(faults).toEqual([]);
    // Counted in the text and not with the function that is tested: each package, and the project, has one version.
    const versionCount = lock.match(/^ {6}"version": /gm)?.length ?? 0;
    expect(checkedPaths).toHaveLength(versionCount - 1);
    expect(checkedPaths.length).toBeGreaterThan(500);
    for (const name of nonEmpty([...Object.keys(manifest.dependencies), ...Object.keys(manifest.devDependencies)]))
      expect(checkedPaths).toContain(`node_modules/${name}`);
  });

  // Verifies P-02.
  it.each<[string, (entry: Record<string, unknown>) => void, string]>([
    ['without a hash', (entry) => delete entry['integrity'], 'has no SHA-512 hash'],
    ['with a weak hash', (entry) => (entry['integrity'] = `sha1-${'A'.repeat(27)}=`), 'has no SHA-512 hash'],
    [
      'with a second, weak hash',
      (entry) => (entry['integrity'] = `${String(entry['integrity'])} sha1-${'A'.repeat(27)}=`),
      'has no SHA-512 hash',
    ],
    [
      'of another host',
      (entry) => (entry['resolved'] = 'https://example.org/a.tgz'),
      'comes from https://example.org/',
    ],
    [
      'of a host whose name begins like the registry',
      (entry) => (entry['resolved'] = 'https://registry.npmjs.org.example.org/a.tgz'),
      'comes from https://registry.npmjs.org.example.org/',
    ],
    ['of a Git repository', (entry) => (entry['resolved'] = 'git+ssh://git@example.org/a.git'), 'comes from git+ssh'],
    ['that is a link', (entry) => (entry['link'] = true), 'is a link'],
  ])('checkLockFile: a package %s is a fault, whichever package it is', (_case, change, fault) => {
    const { checkedPaths } = checkLockFile(lock);
    for (const path of [checkedPaths.at(0), 'node_modules/keytar', checkedPaths.at(-1)]) {
      const changed = JSON.parse(lock) as { packages: Record<string, Record<string, unknown>> };
      const entry = changed.packages[path ?? ''];
      if (entry === undefined) throw new Error(`No package ${path}.`);
      change(entry);
      expect(checkLockFile(JSON.stringify(changed)).faults).toEqual([expect.stringContaining(`${path}: ${fault}`)]);
    }
  });

  // Verifies E-16.
  it('the Electron package contains checksums of its binary, and its installer verifies them', () => {
    const checksums = JSON.parse(readProjectFile('node_modules/electron/checksums.json')) as Record<string, string>;
    const version = manifest.devDependencies['electron'] ?? '';
    expect(locked.find(([path]) => path === 'node_modules/electron')?.[1].version).toBe(version);
    expect(checksums[`electron-v${version}-linux-x64.zip`]).toMatch(/^[0-9a-f]{64}$/);
    expect(readProjectFile('node_modules/electron/install.js')).toContain('checksums');
  });

  // Verifies P-03.
  it('the list of packages with install scripts is complete', () => {
    const paths = locked.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path);
    expect(paths.sort()).toEqual(Object.keys(ignoredInstallScripts).sort());
    // `hasInstallScript` is in the lock file for the package manager; the packages themselves say the same.
    const installScripts = ['preinstall', 'install', 'postinstall'];
    const installed = locked.filter(([path]) => existsSync(join(projectFolder, path, 'package.json')));
    expect(installed.length).toBeGreaterThan(300);
    const withScripts = installed.filter(([path]) => {
      const { scripts = {} } = JSON.parse(readProjectFile(join(path, 'package.json'))) as {
        scripts?: Record<string, string>;
      };
      return installScripts.some((name) => name in scripts);
    });
    expect(withScripts.map(([path]) => path).sort()).toEqual(Object.keys(ignoredInstallScripts).sort());
  });

  // Verifies P-03.
  it('npm runs no install scripts: .npmrc says so, and so does CI', () => {
    expect(readProjectFile('.npmrc').split('\n')).toContain('ignore-scripts=true');
    expect(readProjectFile('.ci/run')).toMatch(/npm ci --ignore-scripts/);
    const aliased = locked.find(([path]) => path === 'node_modules/keytar')?.[1].name;
    expect(manifest.allowScripts).toEqual({ [aliased ?? '']: false, esbuild: false });
  });

  // Verifies P-03.
  it('no npm script relies on a pre or post script, which ignore-scripts would skip', () => {
    const names = Object.keys(manifest.scripts);
    expect(names).toContain('start');
    const reserved = ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish'];
    const skipped = nonEmpty(names).filter(
      (name) => reserved.includes(name) || names.some((other) => name === `pre${other}` || name === `post${other}`),
    );
    expect(skipped).toEqual([]);
  });

  // Verifies P-03.
  it('keytar loads its binary from the package without an install script', () => {
    const packageFolder = join(projectFolder, 'node_modules/keytar');
    const prebuilt = readFileSync(join(packageFolder, `prebuilds/${process.platform}-${process.arch}/keytar.node`));
    expect(readProjectFile('node_modules/keytar/lib/keytar.js')).toContain("'prebuilds/' + process.platform");
    const copy = join(packageFolder, 'build/Release/keytar.node');
    if (existsSync(copy)) expect(readFileSync(copy).equals(prebuilt)).toBe(true);
  });

  // Verifies P-04.
  it('all licences are permissive, except those of unmodified tools', () => {
    const isTool = (path: string, license?: string) => license === 'MPL-2.0' && weakCopyleftTools.test(path);
    const otherLicences = nonEmpty(locked)
      .filter(([path, { license }]) => !permissiveLicences.includes(license ?? '') && !isTool(path, license))
      .map(([path, { license }]) => `${path}: ${license ?? 'unknown'}`);
    expect(otherLicences).toEqual([]);
    expect(locked.length).toBeGreaterThan(500);
  });
});
