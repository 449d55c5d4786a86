/** `npm run sbom`: what the console is made of, as CycloneDX JSON (npm's own), and by licence. Both from package-lock.json alone. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lockedPackages } from './dependencies.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));
const folder = join(project, 'test-results', 'sbom');
mkdirSync(folder, { recursive: true });

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const bill = execFileSync(npm, ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], {
  cwd: project, encoding: 'utf8', maxBuffer: 64_000_000, shell: process.platform === 'win32',
});
writeFileSync(join(folder, 'sbom.cdx.json'), bill);
const { components } = JSON.parse(bill) as { components: readonly unknown[] };

const packages = lockedPackages(readFileSync(join(project, 'package-lock.json'), 'utf8'));
const byLicence = new Map<string, typeof packages>();
for (const each of packages) {
  const licence = each[1].license ?? 'not told';
  byLicence.set(licence, [...(byLicence.get(licence) ?? []), each]);
}
const lines = [...byLicence].sort(([, one], [, other]) => other.length - one.length).map(([licence, of]) => {
  const named = of.map(([place, { version }]) => `${place.replace(/^.*node_modules\//, '')} ${version}`);
  return `## ${licence}: ${of.length}\n\n${named.sort().join(', ')}\n`;
});
writeFileSync(join(folder, 'licences.md'), `# Licences\n\n${lines.join('\n')}`);
process.stdout.write(`${components.length} components: ${join(folder, 'sbom.cdx.json')}\n${byLicence.size} licences: ${join(folder, 'licences.md')}\n`);
