/** `npm run sbom`: what the console is made of, as CycloneDX JSON (npm's own), and by licence. Both from package-lock.json alone. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lockedPackages } from './allowed-dependencies.ts';

const projectFolder = fileURLToPath(new URL('../../', import.meta.url));
export const sbomFolder = join(projectFolder, 'test-results', 'sbom');

/** The bill of materials as npm writes it: CycloneDX JSON. */
function createSbom(): string {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  return execFileSync(npm, ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], {
    cwd: projectFolder,
    encoding: 'utf8',
    maxBuffer: 64_000_000,
    shell: process.platform === 'win32',
  });
}

/** Every package under its licence, the commonest first, as Markdown. */
export function licenceReport(packages: ReturnType<typeof lockedPackages>): {
  readonly text: string;
  readonly count: number;
} {
  const byLicence = new Map<string, string[]>();
  for (const [place, { license = 'not told', version }] of packages) {
    const named = `${place.replace(/^.*node_modules\//, '')} ${version}`;
    byLicence.set(license, [...(byLicence.get(license) ?? []), named]);
  }
  const parts = [...byLicence]
    .sort(([, one], [, other]) => other.length - one.length)
    .map(([license, all]) => `## ${license}: ${all.length}\n\n${all.sort().join(', ')}\n`);
  return { text: `# Licences\n\n${parts.join('\n')}`, count: byLicence.size };
}

/** Writes both files into `folder`; says how much is in them. */
export function writeSbom(folder = sbomFolder): { readonly components: number; readonly licences: number } {
  mkdirSync(folder, { recursive: true });
  const all = createSbom();
  writeFileSync(join(folder, 'sbom.cdx.json'), all);
  const report = licenceReport(lockedPackages(readFileSync(join(projectFolder, 'package-lock.json'), 'utf8')));
  writeFileSync(join(folder, 'licences.md'), report.text);
  return {
    components: (JSON.parse(all) as { components: readonly unknown[] }).components.length,
    licences: report.count,
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const written = writeSbom();
  process.stdout.write(`${written.components} components and ${written.licences} licences: ${sbomFolder}\n`);
}
