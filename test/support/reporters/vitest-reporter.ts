/** Prints the results of Vitest as entries of a test report. */
import { stripVTControlCharacters } from 'node:util';
import type { Reporter, TestCase, TestModule } from 'vitest/node';
import { printReportEntry, toProjectPath } from '../test-report.ts';
import type { TestResult } from '../test-report.ts';

type TestErrors = readonly {
  readonly name?: string;
  readonly message: string;
  readonly diff?: string;
  readonly stack?: string;
  readonly stacks?: readonly { readonly file: string; readonly line: number; readonly column: number }[];
}[];

/** Name and message, the difference between the values, and the places in this project. */
function formatErrors(errors: TestErrors | undefined): string[] {
  return (errors ?? []).map(({ name, message, diff, stack, stacks }) => {
    const places = stacks?.map(({ file, line, column }) => `  at ${toProjectPath(file)}:${line}:${column}`);
    const trace = places && places.length > 0 ? places : (stack?.split('\n').slice(1) ?? []);
    const parts = [`${name ?? 'Error'}: ${message}`, ...(diff ? [diff] : []), ...trace];
    return stripVTControlCharacters(parts.join('\n'));
  });
}

function toTestResult(test: TestCase): TestResult {
  const { state, errors } = test.result();
  return {
    title: test.name,
    fullTitle: test.fullName.replaceAll(' > ', ' › '),
    state: state === 'pending' ? 'failed' : state,
    durationMs: test.diagnostic()?.duration ?? 0,
    errors: state === 'pending' ? ['The test did not end.'] : formatErrors(errors),
  };
}

export default class TestReporter implements Reporter {
  onTestModuleEnd(module: TestModule): void {
    const { duration, collectDuration, setupDuration, prepareDuration, environmentSetupDuration } = module.diagnostic();
    printReportEntry({
      kind: 'file',
      file: toProjectPath(module.moduleId),
      durationMs: duration + collectDuration + setupDuration + prepareDuration + environmentSetupDuration,
      tests: [...module.children.allTests()].map(toTestResult),
      errors: [
        ...formatErrors(module.errors()),
        ...[...module.children.allSuites()].flatMap((suite) => formatErrors(suite.errors())),
      ],
    });
  }

  onTestRunEnd(_modules: readonly TestModule[], unhandledErrors: TestErrors): void {
    printReportEntry({ kind: 'end', errors: formatErrors(unhandledErrors) });
  }
}
