import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { expect, it } from 'vitest';

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

/** Where npm would find a package that the one at `from` asks for. */
function resolvePackage(name: string, from: string): string | undefined {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const place = `${at === '' ? '' : `${at}/`}node_modules/${name}`;
    if (packages[place]) return place;
    if (at === '') return undefined;
  }
}

/** What the screen is built from: its source says so. */
function importedPackages(): string[] {
  const folder = join(project, 'src-renderer');
  const source = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(vue|ts|css)$/.test(path))
    .map((path) => readFileSync(join(folder, path), 'utf8'))
    .join('\n');
  const names = [...source.matchAll(/(?:from|import) '((?:@[\w-]+\/)?[a-z][\w-]*)/g)].map(([, name = '']) => name);
  return [...new Set(names)].filter((name) => packages[`node_modules/${name}`]);
}

// After a change of the packages: vitest run -u on this file writes the list anew.
it('the parts that Settings names are those of package-lock.json that the console is shipped with, with their licences', async () => {
  const queue = [...importedPackages(), 'electron']
    .map((name) => `node_modules/${name}`)
    .concat(
      Object.keys(packages).filter((place) => place !== '' && !packages[place]?.dev && !packages[place]?.optional),
    );
  const places = new Set<string>();
  for (let place = queue.pop(); place !== undefined; place = queue.pop()) {
    if (places.has(place)) continue;
    places.add(place);
    // Electron's own packages fetch its binary and do not ship.
    if (place === 'node_modules/electron') continue;
    for (const name of Object.keys(packages[place]?.dependencies ?? {})) {
      const next = resolvePackage(name, place);
      if (next) queue.push(next);
    }
  }
  const parts = [...places].map((place) => ({
    name: place.replace(/^.*node_modules\//, ''),
    version: packages[place]?.version,
    licence: packages[place]?.license ?? '',
  }));
  const unique = [...new Map(parts.map((part) => [`${part.name} ${part.version}`, part])).values()]
    .map((part) => JSON.stringify(part))
    .sort();
  expect(parts.filter(({ licence }) => licence === '')).toEqual([]);
  const list = await format(`[\n${unique.join(',\n')}\n]`, { parser: 'json', printWidth: 120 });
  await expect(list).toMatchFileSnapshot(join(project, 'src-renderer/views/settings/third-party-licences.json'));
});
