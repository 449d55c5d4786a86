import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const readTestFile = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const rows = [...readTestFile('README.md').matchAll(/^\| (\d+) +\| .+ \| (\S+\.test\.ts) +\| `(.+)` +\|$/gm)].map(
  ([, number, file = '', test = '']) => ({ number: Number(number), file, test }),
);

it('there is a row for each of the 34', () => {
  expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 34 }, (_, index) => index + 1));
});

it.each(rows)('$number is covered by a test that exists: $test', ({ file, test }) => {
  const name = test.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  // As a title, or as the key of a table of titles.
  expect(readTestFile(file)).toMatch(new RegExp(`\\('${name}'|^\\s*'?${name}'?: `, 'm'));
});
