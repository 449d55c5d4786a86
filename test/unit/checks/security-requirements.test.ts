import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { keepers, keepersIn, promises, readmeFile, withTable } from '../../checks/security-requirements.ts';

const all = keepers();

it.each(Object.entries(promises))('%s is kept by a test: %s', (id) => {
  expect(all.filter(({ ids }) => ids.includes(id)).map(({ test }) => test)).not.toEqual([]);
});

it('no test keeps a promise that nobody made', () => {
  expect(all.filter(({ ids }) => ids.some((id) => !(id in promises)))).toEqual([]);
});

it('the table of README is current: npm run promises', () => {
  const readme = readFileSync(readmeFile, 'utf8');
  expect(withTable(readme, all)).toBe(readme);
});

it('a line that keeps a promise stands right above a test', () => {
  expect(keepersIn('x.test.ts', "  // Keeps E-01, B-02.\n  it.each(['a'])('says so: %s', () => {\n  });\n")).toEqual([
    { file: 'x.test.ts', test: 'says so: ', ids: ['E-01', 'B-02'] },
  ]);
  const table = "// Keeps E-01.\nit.each([\n  'a', ['b'],\n])('says of it what %s is', () => {\n});\n";
  expect(keepersIn('x.test.ts', table).map(({ test }) => test)).toEqual(['says of it what ']);
  const guarded = "// Keeps E-01.\nif (isRoot()) it('does not say so before it is', () => {\n});\n";
  expect(keepersIn('x.test.ts', guarded).map(({ test }) => test)).toEqual(['does not say so before it is']);
  expect(() => keepersIn('x.test.ts', '// Keeps E-01.\n\nconst x = 1;\n')).toThrow('not right above a test');
});
