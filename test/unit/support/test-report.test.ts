import { expect, it } from 'vitest';
import { countReportFile, countResults, hasLostProcess } from '../../support/test-report.ts';

const vitest = { numPassedTests: 3, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 };
const playwright = { stats: { expected: 5, unexpected: 0, flaky: 0, skipped: 0 } };

it('countResults: counts passed and failed tests of vitest and Playwright', () => {
  expect(countResults(vitest, true)).toEqual({ passed: 3, failed: 0 });
  expect(countResults({ ...vitest, numFailedTests: 2 }, false)).toEqual({ passed: 3, failed: 2 });
  expect(countResults(playwright, true)).toEqual({ passed: 5, failed: 0 });
  expect(countResults({ stats: { ...playwright.stats, unexpected: 1 } }, false)).toEqual({ passed: 5, failed: 1 });
});

it('countResults: skipped and flaky tests count as failed', () => {
  expect(countResults({ ...vitest, numPendingTests: 1, numTodoTests: 1 }, true)).toEqual({ passed: 3, failed: 2 });
  expect(countResults({ stats: { ...playwright.stats, flaky: 1, skipped: 1 } }, true)).toEqual({
    passed: 5,
    failed: 2,
  });
});

it('countResults: a run without a report, without tests or with an error counts as one failure', () => {
  expect(countReportFile('/no/such/report.json', true)).toEqual({ passed: 0, failed: 1 });
  expect(countResults({}, true)).toEqual({ passed: 0, failed: 1 });
  expect(countResults({ ...vitest, numPassedTests: 0 }, true)).toEqual({ passed: 0, failed: 1 });
  expect(countResults(vitest, false)).toEqual({ passed: 3, failed: 1 });
});

it('hasLostProcess: is true if the run failed without a failed test', () => {
  expect(hasLostProcess(vitest, false)).toBe(true);
  expect(hasLostProcess({ ...vitest, numPendingTests: 2 }, false)).toBe(true);
  expect(hasLostProcess({ ...vitest, numFailedTests: 1 }, false)).toBe(false);
  expect(hasLostProcess(vitest, true)).toBe(false);
  expect(hasLostProcess(undefined, false)).toBe(false);
});
