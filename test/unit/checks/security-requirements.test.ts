import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  allSecurityTests,
  findSecurityTests,
  securityRequirements,
  securityDocument,
  replaceRequirementsTable,
} from '../../checks/security-requirements.ts';
import { nonEmpty } from '../../support/non-empty.ts';

const allTests = allSecurityTests();

describe('security requirements', () => {
  it.each(nonEmpty(Object.entries(securityRequirements)))('%s is verified by a test: %s', (id) => {
    const titles = allTests.filter(({ requirementIds }) => requirementIds.includes(id)).map(({ title }) => title);
    expect(titles).not.toEqual([]);
  });

  it('no test names an unknown requirement', () => {
    const testsWithUnknownId = nonEmpty(allTests).filter(({ requirementIds }) =>
      requirementIds.some((id) => !(id in securityRequirements)),
    );
    expect(testsWithUnknownId).toEqual([]);
  });

  it('the table of resources/docs/security.md is up to date: run npm run security-requirements', () => {
    const document = readFileSync(securityDocument, 'utf8');
    expect(replaceRequirementsTable(document, allTests)).toBe(document);
  });
});

describe('findSecurityTests', () => {
  const findTitles = (text: string) => findSecurityTests('x.test.ts', text).map(({ title }) => title);

  it('finds the requirement ids and the title of a test', () => {
    expect(
      findSecurityTests('x.test.ts', "  // Verifies E-01, B-02.\n  it.each(['a'])('finds it: %s', () => {\n  });\n"),
    ).toEqual([{ file: 'x.test.ts', title: 'finds it: ', requirementIds: ['E-01', 'B-02'] }]);
  });

  it('finds the title after a table of cases and after a condition', () => {
    expect(findTitles("// Verifies E-01.\nit.each([\n  'a', ['b'],\n])('checks that %s is', () => {\n});\n")).toEqual([
      'checks that ',
    ]);
    expect(findTitles("// Verifies E-01.\nif (isRoot()) it('runs before it is', () => {\n});\n")).toEqual([
      'runs before it is',
    ]);
  });

  it('finds the title after cases that contain calls with strings', () => {
    const cases = "  ['a', (text) => text.replace('Account 3', 'Account 4')],\n  ['b', () => { run('x'); }],\n";
    expect(
      findTitles(`// Verifies E-01.\nit.each<[string, () => void]>([\n${cases}])('detects %s', async (_, f) => {});\n`),
    ).toEqual(['detects ']);
    expect(findTitles("// Verifies E-01.\ntest('has a tag', { tag: '@smoke' }, async () => {});\n")).toEqual([
      'has a tag',
    ]);
  });

  it('throws if the comment is not directly above a test', () => {
    expect(() => findTitles('// Verifies E-01.\n\nconst x = 1;\n')).toThrow('not directly above a test');
  });
});
