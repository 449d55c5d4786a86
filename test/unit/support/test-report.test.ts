import { describe, expect, it, vi } from 'vitest';
import { formatFileLine, parseReportLine, printReportEntry, summarizeReport } from '../../support/test-report.ts';
import type { FileEntry, ReportEntry, TestResult } from '../../support/test-report.ts';

const testResult = (title: string, state: TestResult['state'] = 'passed'): TestResult => ({
  title,
  fullTitle: `group › ${title}`,
  state,
  durationMs: 5,
  errors: state === 'failed' ? ['Error: wrong', 'Error: cleanup'] : [],
});
const file = (tests: TestResult[], errors: string[] = []): FileEntry => ({
  kind: 'file',
  file: 'test/unit/a.test.ts',
  durationMs: 1_250,
  tests,
  errors,
});
const end = (errors: string[] = []): ReportEntry => ({ kind: 'end', errors });

describe('test report', () => {
  it('test report: an entry is printed as one line, and other lines are not entries', () => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const entry = file([testResult('two\nlines')]);
    printReportEntry(entry);
    const line = String(write.mock.calls[0]?.[0]);
    write.mockRestore();
    expect(line.match(/\n/g)).toHaveLength(1);
    expect(parseReportLine(line.trimEnd())).toEqual(entry);
    expect(parseReportLine('** Message: 12:00 keyring started')).toBeNull();
  });

  it('test report: a line with an invalid entry is an error and not ignored', () => {
    expect(() => parseReportLine('##test-report {"kind":"file"}')).toThrow();
  });

  it('test report: failed and skipped tests are failures with their errors', () => {
    const entries = [file([testResult('a'), testResult('b', 'failed'), testResult('c', 'skipped')]), end()];
    expect(summarizeReport('unit', entries, false, [])).toEqual({
      passed: 1,
      failures: [
        {
          heading: 'test/unit/a.test.ts › group › b',
          details: 'Error: wrong\n\nError: cleanup',
          file: 'test/unit/a.test.ts',
          title: 'b',
        },
        {
          heading: 'test/unit/a.test.ts › group › c',
          details: 'The test was skipped.',
          file: 'test/unit/a.test.ts',
          title: 'c',
        },
      ],
    });
  });

  it('test report: errors outside of tests are failures', () => {
    const entries = [file([testResult('a')], ['Error: import']), end(['Error: Worker exited unexpectedly'])];
    const { passed, failures } = summarizeReport('unit', entries, false, []);
    expect(passed).toBe(1);
    expect(failures.map(({ heading, details }) => [heading, details])).toEqual([
      ['test/unit/a.test.ts', 'Error: import'],
      ['unit', 'Error: Worker exited unexpectedly'],
    ]);
  });

  it.each([
    ['without its last entry', [file([testResult('a')])], true, 'The run ended before its report was complete.'],
    ['without a report', [], true, 'The run ended before its report was complete.'],
    ['without a test', [end()], true, 'No test ran.'],
    ['with an exit code', [file([testResult('a')]), end()], false, 'The run ended with an error.'],
  ] as const)(
    'test report: a run that ended %s is a failure, with its last output',
    (_, entries, isSuccessful, reason) => {
      const { failures } = summarizeReport('unit', entries, isSuccessful, ['Fatal error: jit_page']);
      expect(failures).toEqual([
        { heading: 'unit', details: `${reason}\nFatal error: jit_page`, file: null, title: null },
      ]);
    },
  );

  it('test report: the line of a file shows the result, the number of tests and the duration', () => {
    expect(formatFileLine(file([testResult('a'), testResult('b')]))).toBe(
      'ok             2    1.3 s  test/unit/a.test.ts',
    );
    expect(formatFileLine(file([testResult('a'), testResult('b', 'failed')]))).toBe(
      'FAILED    1 of 2    1.3 s  test/unit/a.test.ts',
    );
    expect(formatFileLine(file([testResult('a')], ['Error: import']))).toMatch(/^FAILED/);
  });
});
