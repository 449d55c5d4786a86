import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { judgeMutation } from '../../checks/mutation-result.ts';
import { allSecurityTests, securityRequirements } from '../../checks/security-requirements.ts';
import { applyReplacements, securityMutations } from '../../checks/security-mutations.ts';
import type { ReportEntry, TestResult } from '../../support/test-report.ts';
import { nonEmpty } from '../../support/non-empty.ts';

const projectFolder = fileURLToPath(new URL('../../../', import.meta.url));

describe('security mutations', () => {
  it.each(nonEmpty(Object.keys(securityRequirements)))('%s has a mutation', (id) => {
    expect(securityMutations.filter(({ requirement }) => requirement === id)).not.toEqual([]);
  });

  it('each mutation changes its file', () => {
    expect(securityMutations.length).toBeGreaterThan(130);
    for (const mutation of nonEmpty(securityMutations)) {
      const content = readFileSync(join(projectFolder, mutation.file), 'utf8');
      expect(applyReplacements(mutation, content), mutation.description).not.toBe(content);
    }
  });

  it('no mutation changes a test: a changed test proves nothing about the protection', () => {
    const files = securityMutations.map(({ file }) => file);
    expect(files).toContain('package-lock.json');
    expect(nonEmpty(files).filter((file) => /^test\/(?!checks\/)|\.(?:test|spec)\.ts$/.test(file))).toEqual([]);
  });

  it('applyReplacements: throws if a text is missing, occurs twice or is not changed', () => {
    const apply = (text: string, replacement: string) =>
      applyReplacements(
        { requirement: 'P-02', description: '', file: 'a.ts', replacements: [[text, replacement]] },
        'a b b',
      );
    expect(apply('a', '$&')).toBe('$& b b');
    expect(() => apply('c', 'd')).toThrow('exactly once');
    expect(() => apply('b', 'd')).toThrow('exactly once');
    expect(() => apply('a', 'a')).toThrow('is the same text');
  });
});

describe('judgeMutation', () => {
  const test = { file: 'unit/a.test.ts', title: 'rejects a foreign ', requirementIds: ['E-01'] };
  const other = { file: 'unit/a.test.ts', title: 'draws the list', requirementIds: ['E-01'] };
  const result = (title: string, ...errors: string[]): TestResult => ({
    title,
    fullTitle: `group › ${title}`,
    state: errors.length === 0 ? 'passed' : 'failed',
    durationMs: 1,
    errors,
  });
  const report = (file: string, tests: TestResult[], errors: string[] = []): ReportEntry[] => [
    { kind: 'file', file, durationMs: 1, tests, errors },
    { kind: 'end', errors: [] },
  ];
  const judge = (...args: Parameters<typeof report>) => judgeMutation([test, other], report(...args));

  it('a failed test of the requirement kills the mutation', () => {
    const failed = result('rejects a foreign frame', 'AssertionError: expected true to be false');
    expect(judge('test/unit/a.test.ts', [result('draws the list'), failed])).toEqual({
      kind: 'killed',
      tests: [test],
      reason: 'group › rejects a foreign frame',
    });
  });

  it('a mutation survives if all tests ran and passed', () => {
    expect(judge('test/unit/a.test.ts', [result('draws the list'), result('rejects a foreign frame')])).toEqual({
      kind: 'survived',
    });
  });

  it.each([
    'SyntaxError: Unexpected token',
    'ReferenceError: x is not defined',
    'Error: Test timed out in 40000ms.',
    'Test timeout of 180000ms exceeded.',
    'Error: locator.click: Test timeout of 180000ms exceeded.',
    "Error: Cannot find module './a.ts'",
    'The test did not end.',
  ])('a test that fails with "%s" does not kill a mutation', (error) => {
    expect(judge('test/unit/a.test.ts', [result('rejects a foreign frame', error)])).toEqual({
      kind: 'invalid',
      reason: error,
    });
  });

  it('a failed test of another requirement or file does not kill a mutation', () => {
    const error = 'AssertionError: expected 1 to be 2';
    expect(judge('test/unit/a.test.ts', [result('something else', error)]).kind).toBe('invalid');
    expect(judge('test/unit/b.test.ts', [result('rejects a foreign frame', error)]).kind).toBe('invalid');
  });

  it('a file that cannot be loaded does not kill a mutation', () => {
    expect(judge('test/unit/a.test.ts', [], ['Error: Transform failed with 1 error']).kind).toBe('invalid');
  });

  it('a run without tests or without an end is invalid', () => {
    expect(judge('test/unit/a.test.ts', []).kind).toBe('invalid');
    const [file] = report('test/unit/a.test.ts', [result('draws the list')]);
    expect(judgeMutation([test], file === undefined ? [] : [file]).kind).toBe('invalid');
    expect(judgeMutation([test], [])).toEqual({ kind: 'invalid', reason: 'the run did not end' });
  });

  it('every test that names a requirement can be found in a report', () => {
    const tests = allSecurityTests();
    expect(tests.length).toBeGreaterThan(150);
    for (const { file, title } of nonEmpty(tests)) expect(title.length, `${file}: ${title}`).toBeGreaterThan(8);
  });
});
