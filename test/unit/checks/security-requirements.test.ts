import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import {
  allSecurityTests,
  findSecurityTests,
  securityRequirements,
  readmeFile,
  replaceRequirementsTable,
} from '../../checks/security-requirements.ts';

const allTests = allSecurityTests();

it.each(Object.entries(securityRequirements))('%s is kept by a test: %s', (id) => {
  expect(allTests.filter(({ requirementIds }) => requirementIds.includes(id)).map(({ title }) => title)).not.toEqual(
    [],
  );
});

it('no test keeps a promise that nobody made', () => {
  expect(allTests.filter(({ requirementIds }) => requirementIds.some((id) => !(id in securityRequirements)))).toEqual(
    [],
  );
});

it('the table of README is current: npm run security-requirements', () => {
  const readme = readFileSync(readmeFile, 'utf8');
  expect(replaceRequirementsTable(readme, allTests)).toBe(readme);
});

it('a line that keeps a promise stands right above a test', () => {
  expect(
    findSecurityTests('x.test.ts', "  // Verifies E-01, B-02.\n  it.each(['a'])('says so: %s', () => {\n  });\n"),
  ).toEqual([{ file: 'x.test.ts', title: 'says so: ', requirementIds: ['E-01', 'B-02'] }]);
  const table = "// Verifies E-01.\nit.each([\n  'a', ['b'],\n])('says of it what %s is', () => {\n});\n";
  expect(findSecurityTests('x.test.ts', table).map(({ title }) => title)).toEqual(['says of it what ']);
  const guarded = "// Verifies E-01.\nif (isRoot()) it('does not say so before it is', () => {\n});\n";
  expect(findSecurityTests('x.test.ts', guarded).map(({ title }) => title)).toEqual(['does not say so before it is']);
  expect(() => findSecurityTests('x.test.ts', '// Verifies E-01.\n\nconst x = 1;\n')).toThrow('not right above a test');
});
