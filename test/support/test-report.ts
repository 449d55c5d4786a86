/** Counts passed and failed tests from the reports of vitest and Playwright. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

export interface TestCounts {
  passed: number;
  failed: number;
}

const vitestReport = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
});
const playwrightReport = z.object({
  stats: z.object({ expected: z.int(), unexpected: z.int(), flaky: z.int(), skipped: z.int() }),
});

/**
 * Counts a report. Skipped and flaky tests count as failed. A run that failed without a failed test, e.g. because a
 * file could not be loaded, counts as one failure.
 */
export function countResults(report: unknown, isSuccessful: boolean): TestCounts {
  const vitest = vitestReport.safeParse(report).data;
  const playwright = playwrightReport.safeParse(report).data?.stats;
  const passed = vitest?.numPassedTests ?? playwright?.expected ?? 0;
  const failed = vitest
    ? vitest.numFailedTests + vitest.numPendingTests + vitest.numTodoTests
    : playwright
      ? playwright.unexpected + playwright.flaky + playwright.skipped
      : 0;
  return { passed, failed: failed === 0 && (!isSuccessful || passed === 0) ? 1 : failed };
}

/** Whether a run failed although no test failed, because a test process crashed. */
export function hasLostProcess(report: unknown, isSuccessful: boolean): boolean {
  return !isSuccessful && vitestReport.safeParse(report).data?.numFailedTests === 0;
}

export function readReport(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Counts the report in `file`. A missing report counts as one failure. */
export function countReportFile(file: string, isSuccessful: boolean): TestCounts {
  return countResults(readReport(file), isSuccessful);
}
