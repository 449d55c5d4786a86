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

const project = fileURLToPath(new URL('../../../', import.meta.url));
const readProjectFile = (path: string) => readFileSync(join(project, path), 'utf8');
const manifest = JSON.parse(readProjectFile('package.json')) as Record<
  'dependencies' | 'devDependencies' | 'optionalDependencies',
  Record<string, string>
>;
const locked = lockedPackages(readProjectFile('package-lock.json'));

/** The packages that the files of a folder import, by name; `verify-audit.ts` is a tool of its own, for who checks a log. */
function importedPackages(folder: string): string[] {
  const files = readdirSync(join(project, folder), { recursive: true, encoding: 'utf8' }).filter(
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

describe('what runs at the desk', () => {
  // Verifies P-01.
  it('is on the list with a reason, and nothing is on the list that does not', () => {
    expect(importedPackages('src-main')).toEqual([...Object.keys(mainDependencies), 'electron'].sort());
    expect(importedPackages('src-renderer')).toEqual(Object.keys(rendererDependencies).sort());
    expect(Object.keys(manifest.dependencies).sort()).toEqual(Object.keys(mainDependencies).sort());
    const reasons = [mainDependencies, rendererDependencies, platformPackages, ignoredInstallScripts].flatMap((list) =>
      Object.values(list),
    );
    for (const reason of reasons) expect(reason).not.toBe('');
  });

  // Verifies P-02.
  it('is pinned to the version and the hash, and comes from the registry', () => {
    const all = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
    for (const [name, version] of Object.entries(all))
      expect(version, name).toMatch(/^(npm:@[\w-]+\/[\w-]+@)?\d+\.\d+\.\d+$/);
    for (const [place, { integrity, resolved, link }] of locked) {
      expect(link, place).toBeUndefined();
      // A package inside another's tarball is covered by that one's hash.
      if (resolved === undefined) continue;
      expect(integrity, place).toMatch(/^sha512-/);
      expect(new URL(resolved).protocol, place).toBe('https:');
    }
    const [, electron] = locked.find(([place]) => place === 'node_modules/electron') ?? [];
    expect(electron?.version).toBe(manifest.devDependencies['electron']);
  });

  // Verifies E-16.
  it('is the Electron that is named, whose binary is checked against the hashes in its package', () => {
    const checksums = JSON.parse(readProjectFile('node_modules/electron/checksums.json')) as Record<string, string>;
    const version = manifest.devDependencies['electron'] ?? '';
    expect(checksums[`electron-v${version}-linux-x64.zip`]).toMatch(/^[0-9a-f]{64}$/);
    expect(readProjectFile('node_modules/electron/install.js')).toContain('checksums');
  });

  // Verifies P-03.
  it('needs no script of a package to be run', () => {
    expect(
      locked
        .filter(([, { hasInstallScript }]) => hasInstallScript)
        .map(([place]) => place)
        .sort(),
    ).toEqual(Object.keys(ignoredInstallScripts).sort());
    expect(readProjectFile('.ci/run')).toMatch(/npm ci --ignore-scripts/);
  });

  // Verifies P-03.
  it('has its keychain’s binary in the package, where it is looked for whether or not a script has copied it', () => {
    const inside = join(project, 'node_modules/keytar');
    const prebuilt = readFileSync(join(inside, `prebuilds/${process.platform}-${process.arch}/keytar.node`));
    expect(readProjectFile('node_modules/keytar/lib/keytar.js')).toContain("'prebuilds/' + process.platform");
    const copied = join(inside, 'build/Release/keytar.node');
    if (existsSync(copied)) expect(readFileSync(copied).equals(prebuilt)).toBe(true);
  });

  // Verifies P-04.
  it('may be used by anybody who names it', () => {
    const isTool = (place: string, license?: string) => license === 'MPL-2.0' && weakCopyleftTools.test(place);
    const others = locked
      .filter(([place, { license }]) => !permissiveLicences.includes(license ?? '') && !isTool(place, license))
      .map(([place, { license }]) => `${place}: ${license ?? 'not told'}`);
    expect(others).toEqual([]);
  });
});
