import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { expect, it } from 'vitest';
import { nonEmpty } from '../../support/non-empty.ts';

const project = fileURLToPath(new URL('../../../', import.meta.url));
interface LockedPackage {
  version: string;
  license?: string;
  dev?: boolean;
  optional?: boolean;
  dependencies?: Record<string, string>;
}
const { packages } = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, LockedPackage>;
};

/** The path in package-lock.json at which npm resolves `name`, as required by the package at `from`. */
function resolvePackage(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const path = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
    if (packages[path]) return path;
    if (folder === '') return undefined;
  }
}

/** Packages that the renderer imports. */
function importedPackages(): string[] {
  const folder = join(project, 'src-renderer');
  const source = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(vue|ts|css)$/.test(path))
    .map((path) => readFileSync(join(folder, path), 'utf8'))
    .join('\n');
  const names = [...source.matchAll(/(?:from|import) '((?:@[\w-]+\/)?[a-z][\w-]*)/g)].map(([, name = '']) => name);
  return [...new Set(names)].filter((name) => packages[`node_modules/${name}`]);
}

// After a change of the packages, `vitest run -u` on this file updates the list.
it('third-party-licences.json: lists every package that is shipped, with version and licence', async () => {
  const queue = [...importedPackages(), 'electron']
    .map((name) => `node_modules/${name}`)
    .concat(Object.keys(packages).filter((path) => path !== '' && !packages[path]?.dev && !packages[path]?.optional));
  const shippedPaths = new Set<string>();
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (shippedPaths.has(path)) continue;
    shippedPaths.add(path);
    // Electron's dependencies download its binary and are not shipped.
    if (path === 'node_modules/electron') continue;
    for (const name of Object.keys(packages[path]?.dependencies ?? {})) {
      const next = resolvePackage(name, path);
      if (next) queue.push(next);
    }
  }
  const shipped = [...shippedPaths].map((path) => ({
    name: path.replace(/^.*node_modules\//, ''),
    version: packages[path]?.version,
    licence: packages[path]?.license ?? '',
  }));
  const unique = [...new Map(shipped.map((each) => [`${each.name} ${each.version}`, each])).values()]
    .map((each) => JSON.stringify(each))
    .sort();
  expect(nonEmpty(shipped).filter(({ licence }) => licence === '')).toEqual([]);
  const list = await format(`[\n${unique.join(',\n')}\n]`, { parser: 'json', printWidth: 120 });
  await expect(list).toMatchFileSnapshot(join(project, 'src-renderer/views/settings/third-party-licences.json'));
});
