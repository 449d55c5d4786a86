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

const projectFolder = fileURLToPath(new URL('../../../', import.meta.url));
const readProjectFile = (path: string) => readFileSync(join(projectFolder, path), 'utf8');
const manifest = JSON.parse(readProjectFile('package.json')) as Record<
  'dependencies' | 'devDependencies' | 'optionalDependencies',
  Record<string, string>
>;
const locked = lockedPackages(readProjectFile('package-lock.json'));

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
    for (const reason of reasons) expect(reason).not.toBe('');
  });

  // Verifies P-02.
  it('every package is pinned by version and hash and comes from the registry', () => {
    const all = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
    for (const [name, version] of Object.entries(all))
      expect(version, name).toMatch(/^(npm:@[\w-]+\/[\w-]+@)?\d+\.\d+\.\d+$/);
    for (const [path, { integrity, resolved, link }] of locked) {
      expect(link, path).toBeUndefined();
      // The hash of the outer package covers a bundled package.
      if (resolved === undefined) continue;
      expect(integrity, path).toMatch(/^sha512-/);
      expect(new URL(resolved).protocol, path).toBe('https:');
    }
    const [, electron] = locked.find(([path]) => path === 'node_modules/electron') ?? [];
    expect(electron?.version).toBe(manifest.devDependencies['electron']);
  });

  // Verifies E-16.
  it('the Electron package contains checksums of its binary, and its installer verifies them', () => {
    const checksums = JSON.parse(readProjectFile('node_modules/electron/checksums.json')) as Record<string, string>;
    const version = manifest.devDependencies['electron'] ?? '';
    expect(checksums[`electron-v${version}-linux-x64.zip`]).toMatch(/^[0-9a-f]{64}$/);
    expect(readProjectFile('node_modules/electron/install.js')).toContain('checksums');
  });

  // Verifies P-03.
  it('the list of ignored install scripts is complete, and CI ignores them', () => {
    expect(
      locked
        .filter(([, { hasInstallScript }]) => hasInstallScript)
        .map(([path]) => path)
        .sort(),
    ).toEqual(Object.keys(ignoredInstallScripts).sort());
    expect(readProjectFile('.ci/run')).toMatch(/npm ci --ignore-scripts/);
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
    const otherLicences = locked
      .filter(([path, { license }]) => !permissiveLicences.includes(license ?? '') && !isTool(path, license))
      .map(([path, { license }]) => `${path}: ${license ?? 'unknown'}`);
    expect(otherLicences).toEqual([]);
  });
});
