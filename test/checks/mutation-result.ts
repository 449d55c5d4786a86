/** Decides from the report of a test run whether a test detected a mutation. */
import type { ReportEntry, TestResult } from '../support/test-report.ts';
import type { SecurityTest } from './security-requirements.ts';

export type MutationResult =
  | { readonly kind: 'survived' }
  /** `tests`: those that failed. `reason`: the title of the first one. */
  | { readonly kind: 'killed'; readonly tests: readonly SecurityTest[]; readonly reason: string }
  /** Something failed, but no test of the requirement detected that the protection is missing. */
  | { readonly kind: 'invalid'; readonly reason: string };

/** Errors that any broken or hanging program causes. They do not show that a test looks at the protection. */
const unspecificErrors = [
  /^(?:Syntax|Reference)Error\b/,
  /^Error: (?:Test|Hook) timed out in /,
  /Test timeout of \d+ms exceeded/,
  /Cannot find (?:module|package)/,
  /Failed to (?:load|resolve|fetch dynamically imported module)/,
  /The test did not end/,
  /^The test ended with the status/,
  /Transform failed|PARSE_ERROR/,
];

/** Whether a result belongs to a test. The title of a test in the source ends before its first placeholder. */
export function isTestOf({ file, title }: SecurityTest, path: string, result: TestResult): boolean {
  return `test/${file}` === path && result.fullTitle.includes(title);
}

const isSpecific = ({ errors }: TestResult): boolean =>
  errors.some((error) => !unspecificErrors.some((pattern) => pattern.test(error)));

/**
 * Killed: a test of the requirement ran and failed with an error of its own. A file that could not be loaded, a
 * time-out or the failure of another test is not enough. Survived: all ran and passed.
 */
export function judgeMutation(tests: readonly SecurityTest[], entries: readonly ReportEntry[]): MutationResult {
  const files = entries.filter((entry) => entry.kind === 'file');
  const failed = files.flatMap(({ file, tests: results }) =>
    results.filter(({ state }) => state === 'failed').map((result) => ({ file, result })),
  );
  const specific = failed.filter(({ result }) => isSpecific(result));
  const killers = tests.filter((test) => specific.some(({ file, result }) => isTestOf(test, file, result)));
  const killer = specific.find(({ file, result }) => killers.some((test) => isTestOf(test, file, result)));
  if (killer !== undefined) return { kind: 'killed', tests: killers, reason: killer.result.fullTitle };
  const errors = [...entries.flatMap((entry) => entry.errors), ...failed.flatMap(({ result }) => result.errors)];
  if (errors.length > 0 || failed.length > 0)
    return { kind: 'invalid', reason: errors[0]?.split('\n')[0] ?? failed[0]?.result.fullTitle ?? '' };
  if (!entries.some(({ kind }) => kind === 'end')) return { kind: 'invalid', reason: 'the run did not end' };
  if (!files.some(({ tests: results }) => results.some(({ state }) => state === 'passed')))
    return { kind: 'invalid', reason: 'no test ran' };
  return { kind: 'survived' };
}
