/**
 * `npm run sbom`: writes a bill of materials (CycloneDX JSON from npm) and a list of licences, from package-lock.json.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lockedPackages } from './allowed-dependencies.ts';

const projectFolder = fileURLToPath(new URL('../../', import.meta.url));
export const sbomFolder = join(projectFolder, 'test-results', 'sbom');

/** The bill of materials in CycloneDX JSON, created by npm. */
function createSbom(): string {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  return execFileSync(npm, ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], {
    cwd: projectFolder,
    encoding: 'utf8',
    maxBuffer: 64_000_000,
    shell: process.platform === 'win32',
  });
}

/** The packages by licence as Markdown, most frequent licence first. */
export function licenceReport(packages: ReturnType<typeof lockedPackages>): {
  readonly text: string;
  readonly count: number;
} {
  const byLicence = new Map<string, string[]>();
  for (const [path, { license = 'unknown', version }] of packages) {
    const label = `${path.replace(/^.*node_modules\//, '')} ${version}`;
    byLicence.set(license, [...(byLicence.get(license) ?? []), label]);
  }
  const sections = [...byLicence]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([license, labels]) => `## ${license}: ${labels.length}\n\n${labels.sort().join(', ')}\n`);
  return { text: `# Licences\n\n${sections.join('\n')}`, count: byLicence.size };
}

/** Writes both files to `folder`. Returns the number of components and licences. */
export function writeSbom(folder = sbomFolder): { readonly components: number; readonly licences: number } {
  mkdirSync(folder, { recursive: true });
  const sbom = createSbom();
  writeFileSync(join(folder, 'sbom.cdx.json'), sbom);
  const report = licenceReport(lockedPackages(readFileSync(join(projectFolder, 'package-lock.json'), 'utf8')));
  writeFileSync(join(folder, 'licences.md'), report.text);
  return {
    components: (JSON.parse(sbom) as { components: readonly unknown[] }).components.length,
    licences: report.count,
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const counts = writeSbom();
  process.stdout.write(`${counts.components} components and ${counts.licences} licences: ${sbomFolder}\n`);
}
