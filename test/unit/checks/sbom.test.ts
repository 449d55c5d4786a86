import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { lockedPackages } from '../../checks/allowed-dependencies.ts';
import { licenceReport, writeSbom } from '../../checks/sbom.ts';
import { nonEmpty } from '../../support/non-empty.ts';

interface CycloneDxSbom {
  readonly bomFormat: string;
  readonly components: readonly {
    readonly hashes: readonly { readonly content: string }[];
    readonly licenses: readonly unknown[];
  }[];
}

// Verifies P-06.
it('sbom: the bill of materials lists every locked package with its hash and licence', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sbom-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeSbom(folder);
  const { bomFormat, components } = JSON.parse(readFileSync(join(folder, 'sbom.cdx.json'), 'utf8')) as CycloneDxSbom;
  expect(bomFormat).toBe('CycloneDX');
  expect(nonEmpty(components).filter(({ licenses }) => licenses.length === 0)).toEqual([]);
  const listedHashes = new Set(components.flatMap(({ hashes }) => hashes.map(({ content }) => content)));
  const locked = lockedPackages(readFileSync('package-lock.json', 'utf8'));
  const hashOf = (integrity = '') => Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex');
  expect(locked.length).toBeGreaterThan(100);
  expect(
    nonEmpty(locked)
      .filter(([, { integrity }]) => integrity !== undefined && !listedHashes.has(hashOf(integrity)))
      .map(([path]) => path),
  ).toEqual([]);
  const report = readFileSync(join(folder, 'licences.md'), 'utf8');
  expect(
    nonEmpty(locked).filter(
      ([path, { version }]) => !report.includes(`${path.replace(/^.*node_modules\//, '')} ${version}`),
    ),
  ).toEqual([]);
}, 60_000);

it('licence report: licences are sorted by frequency, and a missing licence is listed as unknown', () => {
  const { text, count } = licenceReport([
    ['node_modules/a', { version: '1.0.0', license: 'ISC' }],
    ['node_modules/b', { version: '2.0.0', license: 'MIT' }],
    ['node_modules/b/node_modules/@c/d', { version: '3.0.0', license: 'MIT' }],
    ['node_modules/e', { version: '4.0.0' }],
  ]);
  expect(count).toBe(3);
  expect(text).toBe(
    '# Licences\n\n## MIT: 2\n\n@c/d 3.0.0, b 2.0.0\n\n## ISC: 1\n\na 1.0.0\n\n## unknown: 1\n\ne 4.0.0\n',
  );
});
