/**
 * The report of a test run. The reporters of Vitest and Playwright print each entry as one marked line, so that the
 * runner can tell entries from other output, and so that the entries before a crash are not lost.
 */
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const testResult = z.strictObject({
  title: z.string(),
  /** The title with the titles of its groups. */
  fullTitle: z.string(),
  state: z.enum(['passed', 'failed', 'skipped']),
  durationMs: z.number(),
  errors: z.array(z.string()),
});
export type TestResult = z.infer<typeof testResult>;

const fileEntry = z.strictObject({
  kind: z.literal('file'),
  /** Path from the project folder, with slashes. */
  file: z.string(),
  durationMs: z.number(),
  tests: z.array(testResult),
  /** Errors outside of the tests, e.g. of an import. */
  errors: z.array(z.string()),
});
export type FileEntry = z.infer<typeof fileEntry>;

/** The last entry. `errors`: errors that belong to no file, e.g. of a process that crashed. */
const endEntry = z.strictObject({ kind: z.literal('end'), errors: z.array(z.string()) });

const reportEntry = z.discriminatedUnion('kind', [fileEntry, endEntry]);
export type ReportEntry = z.infer<typeof reportEntry>;

const marker = '##test-report ';
const projectFolder = fileURLToPath(new URL('../../', import.meta.url));

export function toProjectPath(path: string): string {
  return relative(projectFolder, path).replaceAll('\\', '/');
}

export function printReportEntry(entry: ReportEntry): void {
  process.stdout.write(`${marker}${JSON.stringify(entry)}\n`);
}

/** Null if the line is other output. Throws if a marked line is not valid. */
export function parseReportLine(line: string): ReportEntry | null {
  const start = line.indexOf(marker);
  return start === -1 ? null : reportEntry.parse(JSON.parse(line.slice(start + marker.length)));
}

export interface Failure {
  /** File and title, or the name of the phase. */
  readonly heading: string;
  readonly details: string;
  /** What to run to repeat it; null if it cannot be repeated alone. */
  readonly file: string | null;
  readonly title: string | null;
}

export interface PhaseResult {
  readonly passed: number;
  readonly failures: readonly Failure[];
}

/**
 * The result of a phase. A skipped test is a failure. So is a run that ended with an error, without its last entry, or
 * without a test, even if no test failed; `log` is the other output of such a run.
 */
export function summarizeReport(
  name: string,
  entries: readonly ReportEntry[],
  isSuccessful: boolean,
  log: readonly string[],
): PhaseResult {
  const files = entries.filter((entry) => entry.kind === 'file');
  const failures: Failure[] = files.flatMap(({ file, tests, errors }) => [
    ...errors.map((details) => ({ heading: file, details, file, title: null })),
    ...tests
      .filter(({ state }) => state !== 'passed')
      .map(({ fullTitle, title, state, errors: testErrors }) => ({
        heading: `${file} › ${fullTitle}`,
        details: state === 'skipped' ? 'The test was skipped.' : testErrors.join('\n\n'),
        file,
        title,
      })),
  ]);
  const ends = entries.filter((entry) => entry.kind === 'end');
  for (const details of ends.flatMap(({ errors }) => errors))
    failures.push({ heading: name, details, file: null, title: null });
  const passed = files.flatMap(({ tests }) => tests).filter(({ state }) => state === 'passed').length;
  const reason =
    ends.length === 0
      ? 'The run ended before its report was complete.'
      : passed === 0
        ? 'No test ran.'
        : 'The run ended with an error.';
  if (failures.length === 0 && (!isSuccessful || ends.length === 0 || passed === 0))
    failures.push({ heading: name, details: [reason, ...log.slice(-40)].join('\n'), file: null, title: null });
  return { passed, failures };
}

/** One line for a file: the result, the number of tests, the duration and the path. */
export function formatFileLine({ file, durationMs, tests, errors }: FileEntry): string {
  const failed = tests.filter(({ state }) => state !== 'passed').length;
  const isFailed = failed > 0 || errors.length > 0;
  const count = failed > 0 ? `${failed} of ${tests.length}` : String(tests.length);
  const seconds = `${(durationMs / 1_000).toFixed(1)} s`;
  return `${isFailed ? 'FAILED' : 'ok    '} ${count.padStart(9)} ${seconds.padStart(8)}  ${file}`;
}
