import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nonEmpty } from '../../support/non-empty.ts';

const readFile = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const providerFacts = readFile('resources/docs/providers.md');
const rows = [...providerFacts.matchAll(/^\| (\d+) +\| .+ \| (\S+\.test\.ts) +\| `(.+)` +\|$/gm)].map(
  ([, number, file = '', test = '']) => ({ number: Number(number), file, test }),
);

describe('providers.md', () => {
  it('the table of contradictions has one row for each of the 34 items', () => {
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 34 }, (_, index) => index + 1));
  });

  it.each(nonEmpty(rows))('contradiction $number names a test that exists: $test', ({ file, test }) => {
    const name = test.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
    // The name is a title, or a key in a table of titles.
    expect(readFile(`test/${file}`)).toMatch(new RegExp(`\\(\\s*'${name}'|^\\s*'?${name}'?: `, 'm'));
  });
});
