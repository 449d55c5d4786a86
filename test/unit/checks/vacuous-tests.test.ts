import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { findVacuousChecks } from '../../checks/vacuous-tests.ts';
import { nonEmpty } from '../../support/non-empty.ts';

const projectFolder = fileURLToPath(new URL('../../../', import.meta.url));

describe('tests', () => {
  it('no check of a test passes because its collection is empty', () => {
    const files = globSync('test/**/*.ts', { cwd: projectFolder });
    expect(files.length).toBeGreaterThan(200);
    const problems = nonEmpty(files).flatMap((file) =>
      findVacuousChecks(file, readFileSync(`${projectFolder}${file}`, 'utf8')),
    );
    expect(problems).toEqual([]);
  });
});

describe('findVacuousChecks', () => {
  const find = (text: string) => findVacuousChecks('a.test.ts', text);

  it.each([
    'for (const item of list()) expect(item).toBe(1);',
    'const items = list(); for (const item of items) { const x = item; expect(x).toBe(1); }',
    'let items = [1]; items = []; for (const item of items) expect(item).toBe(1);',
    'function check(items) { for (const item of items) expect(item).toBe(1); }',
    'for (const item of []) expect(item).toBe(1);',
    'for (const item of [1, 2].filter(isOdd)) expect(item).toBe(1);',
    'for (const [name, value] of Object.entries(record)) expect(value).toBe(name);',
    'list().forEach((item) => expect(item).toBe(1));',
    "it.each(list())('a %s', (item) => expect(item).toBe(1));",
    "describe.each(list)('a %s', (item) => {});",
    'expect(list().every(isOdd)).toBe(true);',
    'expect(list().filter(isOdd)).toEqual([]);',
    'const faults = (await list()).filter(isOdd).map(String); expect(faults).toEqual([]);',
    'expect(list().flatMap(findFaults)).toHaveLength(0);',
  ])('finds: %s', (text) => {
    expect(find(text)).toHaveLength(1);
  });

  it.each([
    'for (const item of [1, 2]) expect(item).toBe(1);',
    'const items = [1, 2] as const; for (const [i, item] of items.entries()) expect(item).toBe(i);',
    'for (const item of nonEmpty(list())) expect(item).toBe(1);',
    'for (const item of [...nonEmpty(list())].toSorted()) expect(item).toBe(1);',
    'for (const [name] of Object.entries({ a: 1 })) expect(name).toBe(1);',
    'for (const item of list()) print(item);',
    'nonEmpty(list()).forEach((item) => expect(item).toBe(1));',
    "it.each(nonEmpty(list()))('a %s', (item) => expect(item).toBe(1));",
    "it.each([[1], [2]])('a %s', (item) => expect(item).toBe(1));",
    'expect(nonEmpty(list()).every(isOdd)).toBe(true);',
    'expect(list().filter(isOdd)).toEqual([1]);',
    'const faults = nonEmpty(await list()).filter(isOdd).map(String); expect(faults).toEqual([]);',
    'expect(list()).toEqual([]);',
  ])('accepts: %s', (text) => {
    expect(find(text)).toEqual([]);
  });

  it('finds tests of Playwright that check nothing, also through a function of the file', () => {
    const findInSpec = (text: string) => findVacuousChecks('a.spec.ts', text);
    expect(findInSpec("test('a', async ({ page }) => { await page.click('b'); });")).toEqual([
      'a.spec.ts:1: the test has no expect',
    ]);
    expect(findInSpec("test('a', async ({ page }) => { await expect(page).toHaveTitle('b'); });")).toEqual([]);
    expect(findInSpec("function check(x) { expect(x).toBe(1); }\ntest('a', () => { check(2); });")).toEqual([]);
  });

  it('names the file, the line and the collection', () => {
    expect(find('\nfor (const item of list()) expect(item).toBe(1);')).toEqual([
      'a.test.ts:2: the loop over list() may have no round',
    ]);
  });
});

describe('nonEmpty', () => {
  it('returns the elements, and throws if there are none', () => {
    const list = [1, 2];
    expect(nonEmpty(list)).toBe(list);
    expect(nonEmpty(new Map([['a', 1]]).entries())).toEqual([['a', 1]]);
    expect(() => nonEmpty([])).toThrow('nothing to check');
    expect(() => nonEmpty(new Set())).toThrow('nothing to check');
  });
});
