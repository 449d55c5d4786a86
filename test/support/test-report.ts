/** How many tests passed and failed, from the reports of vitest and Playwright. */
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
 * Counts a report. A skipped or flaky test has proved nothing, so it counts as failed; a run that ended badly without a
 * failed test (a file that does not load, say) counts one.
 */
export function countResults(report: unknown, endedWell: boolean): TestCounts {
  const vitest = vitestReport.safeParse(report).data;
  const playwright = playwrightReport.safeParse(report).data?.stats;
  const passed = vitest?.numPassedTests ?? playwright?.expected ?? 0;
  const failed = vitest
    ? vitest.numFailedTests + vitest.numPendingTests + vitest.numTodoTests
    : playwright
      ? playwright.unexpected + playwright.flaky + playwright.skipped
      : 0;
  return { passed, failed: failed === 0 && (!endedWell || passed === 0) ? 1 : failed };
}

/** Whether a run ended badly although no test in it failed: a process was lost, and its tests with it. */
export function hasLostProcess(report: unknown, endedWell: boolean): boolean {
  return !endedWell && vitestReport.safeParse(report).data?.numFailedTests === 0;
}

export function readReport(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Counts the report in `file`; one failure where the run left none. */
export function countReportFile(file: string, endedWell: boolean): TestCounts {
  return countResults(readReport(file), endedWell);
}
