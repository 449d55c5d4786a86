/** Prints the results of Playwright as entries of a test report: one for each file of a project. */
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { FullConfig, Reporter, Suite, TestCase, TestError, TestResult } from '@playwright/test/reporter';
import { printReportEntry, toProjectPath } from '../test-report.ts';

interface OpenFile {
  readonly tests: ReadonlySet<TestCase>;
  readonly results: Map<TestCase, TestResult>;
}

/** The message, the lines of code around the error, and the places in this project. */
function formatError({ message, value, snippet, stack }: TestError): string {
  const trace = stack
    ?.split('\n')
    .filter((line) => line.trimStart().startsWith('at ') && !line.includes('node_modules'));
  const parts = [message ?? value ?? 'An unknown error', ...(snippet ? [snippet] : []), ...(trace ?? [])];
  return stripVTControlCharacters(parts.join('\n'));
}

/** The errors of a test, its files, e.g. a screenshot, and what its processes printed last. */
function describeFailure({ status, errors, attachments, stdout, stderr }: TestResult): string[] {
  const paths = attachments.flatMap(({ name, path }) => (path ? [`${name}: ${relative(process.cwd(), path)}`] : []));
  const output = [...stdout, ...stderr].join('').trimEnd().split('\n').slice(-20);
  return [
    ...(errors.length > 0 ? errors.map(formatError) : [`The test ended with the status ${status}.`]),
    ...(paths.length > 0 ? [paths.join('\n')] : []),
    ...(output.some((line) => line !== '') ? [`Output of the test:\n${output.join('\n')}`] : []),
  ];
}

export default class TestReporter implements Reporter {
  readonly #files = new Map<string, OpenFile>();
  readonly #errors: string[] = [];

  printsToStdio(): boolean {
    return true;
  }

  onBegin(_config: FullConfig, suite: Suite): void {
    for (const [key, tests] of Map.groupBy(suite.allTests(), fileKey))
      this.#files.set(key, { tests: new Set(tests), results: new Map() });
  }

  onTestEnd(test: TestCase, result: TestResult): void {
    const file = this.#files.get(fileKey(test));
    file?.results.set(test, result);
    if (file?.results.size === file?.tests.size) this.#printFile(fileKey(test));
  }

  onError(error: TestError): void {
    this.#errors.push(formatError(error));
  }

  onEnd(): void {
    // Files whose tests did not all run, e.g. because the run was stopped.
    for (const key of this.#files.keys()) this.#printFile(key);
    printReportEntry({ kind: 'end', errors: this.#errors });
  }

  #printFile(key: string): void {
    const file = this.#files.get(key);
    if (file === undefined) return;
    this.#files.delete(key);
    const results = [...file.tests].map((test) => ({ test, result: file.results.get(test) }));
    printReportEntry({
      kind: 'file',
      file: toProjectPath([...file.tests][0]?.location.file ?? ''),
      durationMs: results.reduce((sum, { result }) => sum + (result?.duration ?? 0), 0),
      tests: results.map(({ test, result }) => ({
        title: test.title,
        fullTitle: test.titlePath().slice(3).join(' › '),
        state: result === undefined || result.status === 'skipped' ? 'skipped' : test.ok() ? 'passed' : 'failed',
        durationMs: result?.duration ?? 0,
        errors: result === undefined || test.ok() ? [] : describeFailure(result),
      })),
      errors: [],
    });
  }
}

const fileKey = (test: TestCase): string => `${test.parent.project()?.name ?? ''} ${test.location.file}`;
