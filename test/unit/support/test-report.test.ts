import { expect, it } from 'vitest';
import { countFile, countOf, lostProcess } from '../../support/test-report.ts';

const vitest = { numPassedTests: 3, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 };
const playwright = { stats: { expected: 5, unexpected: 0, flaky: 0, skipped: 0 } };

it('counts what passed and failed, from either tool', () => {
  expect(countOf(vitest, true)).toEqual({ passed: 3, failed: 0 });
  expect(countOf({ ...vitest, numFailedTests: 2 }, false)).toEqual({ passed: 3, failed: 2 });
  expect(countOf(playwright, true)).toEqual({ passed: 5, failed: 0 });
  expect(countOf({ stats: { ...playwright.stats, unexpected: 1 } }, false)).toEqual({ passed: 5, failed: 1 });
});

it('takes a test that was skipped or passed by luck for a failure', () => {
  expect(countOf({ ...vitest, numPendingTests: 1, numTodoTests: 1 }, true)).toEqual({ passed: 3, failed: 2 });
  expect(countOf({ stats: { ...playwright.stats, flaky: 1, skipped: 1 } }, true)).toEqual({ passed: 5, failed: 2 });
});

it('takes a run without a report, without a test or with a bad end for a failure', () => {
  expect(countFile('/no/such/report.json', true)).toEqual({ passed: 0, failed: 1 });
  expect(countOf({}, true)).toEqual({ passed: 0, failed: 1 });
  expect(countOf({ ...vitest, numPassedTests: 0 }, true)).toEqual({ passed: 0, failed: 1 });
  expect(countOf(vitest, false)).toEqual({ passed: 3, failed: 1 });
});

it('tells a process that was lost from a test that failed', () => {
  expect(lostProcess(vitest, false)).toBe(true);
  expect(lostProcess({ ...vitest, numPendingTests: 2 }, false)).toBe(true);
  expect(lostProcess({ ...vitest, numFailedTests: 1 }, false)).toBe(false);
  expect(lostProcess(vitest, true)).toBe(false);
  expect(lostProcess(undefined, false)).toBe(false);
});
