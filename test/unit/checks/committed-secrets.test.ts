import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { nonEmpty } from '../../support/non-empty.ts';

const projectFolder = fileURLToPath(new URL('../../../', import.meta.url));

/** Shapes of real secrets. The test data of this repository is shorter or says that it is not real. */
const secretPatterns: Readonly<Record<string, RegExp>> = {
  'private key': /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s*[A-Za-z0-9+/=]{40}/,
  'key of Xendit': /xnd_(?:development|production)_[A-Za-z0-9+/]{32,}/,
  'key of Stripe': /[rs]k_live_[A-Za-z0-9]{24,}/,
  'token of GitHub': /gh[opsur]_[A-Za-z0-9]{36}|github_pat_\w{60,}/,
  'token of npm': /npm_[A-Za-z0-9]{36}/,
  'key of AWS': /AKIA(?![0-9A-Z]*EXAMPLE)[0-9A-Z]{16}/,
};

const findSecrets = (text: string): string[] =>
  Object.entries(secretPatterns).flatMap(([name, pattern]) => (pattern.test(text) ? [name] : []));

/** What a push protection would refuse must not be in the repository in the first place. */
it('no tracked file contains a secret', () => {
  const output = execFileSync('git', ['ls-files', '-z'], { cwd: projectFolder, encoding: 'utf8' });
  const files = nonEmpty(output.split('\0')).filter((file) => file !== '' && !/\.(?:png|sqlite)$/.test(file));
  expect(files.length).toBeGreaterThan(500);
  expect(files).toContain('package.json');
  // A file that was deleted and not yet committed is still listed.
  const found = files
    .filter((file) => existsSync(join(projectFolder, file)))
    .flatMap((file) => findSecrets(readFileSync(join(projectFolder, file), 'utf8')).map((name) => `${file}: ${name}`));
  expect(found).toEqual([]);
});

it.each([
  ['private key', `-----BEGIN PRIVATE KEY${'-'.repeat(5)}\n${'A'.repeat(64)}`],
  ['private key', `-----BEGIN RSA PRIVATE KEY${'-'.repeat(5)}\n${'A'.repeat(64)}`],
  ['key of Xendit', `xnd_production_${'a1B2'.repeat(10)}`],
  ['key of Stripe', `sk_live_${'a1B2'.repeat(8)}`],
  ['token of GitHub', `ghp_${'a1B2'.repeat(9)}`],
  ['token of npm', `npm_${'a1B2'.repeat(9)}`],
  ['key of AWS', `AKIA${'A1B2'.repeat(4)}`],
])('the check finds a %s', (name, text) => {
  expect(findSecrets(`const key = '${text}';`)).toEqual([name]);
});
