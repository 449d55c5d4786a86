/** The phases of `npm test`, in order. */
import { fileURLToPath } from 'node:url';
import { resolveElectronBinary } from '../../src-main/hosts/electron-binary.ts';
import { runCommand, runWithKeyring } from './run-command.ts';
import type { SystemRequirement } from './system-requirements.ts';
import { countReportFile, hasLostProcess, readReport } from './test-report.ts';
import type { TestCounts } from './test-report.ts';

export const reportFolder = fileURLToPath(new URL('../../test-results/reports/', import.meta.url));

export interface TestPhase {
  readonly name: string;
  /** A second name that selects the phase on the command line. */
  readonly group?: string;
  /** What the phase runs. */
  readonly description: string;
  readonly requirements: readonly SystemRequirement[];
  run(reportFile: string): Promise<TestCounts | { readonly notRun: string }>;
}

/** Commands without a report. The phase counts as one test. */
function checkPhase(name: string, description: string, ...commands: readonly string[][]): TestPhase {
  return {
    name,
    description,
    requirements: [],
    async run() {
      let isSuccessful = true;
      for (const command of commands) isSuccessful = (await runCommand(command)) && isSuccessful;
      return isSuccessful ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
    },
  };
}

function vitestPhase(name: string, description: string, requirements: readonly SystemRequirement[]): TestPhase {
  return {
    name,
    description,
    requirements,
    async run(reportFile) {
      const command = [
        'vitest',
        'run',
        '--project',
        name,
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${reportFile}`,
      ];
      const run = requirements.includes('keyring') ? runWithKeyring : runCommand;
      const isSuccessful = await run(command);
      if (!hasLostProcess(readReport(reportFile), isSuccessful)) return countReportFile(reportFile, isSuccessful);
      // Node 24 sometimes aborts with "Check failed: jit_page" (nodejs/node#64500), see `build-store-worker.ts`.
      process.stdout.write(`\n${name}: a test process crashed and no test failed. Repeating the phase.\n\n`);
      return countReportFile(reportFile, await run(command));
    },
  };
}

/** `projects`: Playwright projects, which run in parallel. */
function endToEndPhase(
  host: 'chromium' | 'electron',
  description: string,
  projects: readonly string[],
  requirements: readonly SystemRequirement[],
): TestPhase {
  return {
    name: `e2e (${host})`,
    group: 'e2e',
    description,
    requirements,
    async run(reportFile) {
      const env: Record<string, string> = { PLAYWRIGHT_JSON_OUTPUT_FILE: reportFile };
      if (host === 'electron') {
        const binary = await resolveElectronBinary();
        if ('unavailableReason' in binary) return { notRun: binary.unavailableReason };
        env['ELECTRON_PATH'] = binary.path;
      }
      if (!(await buildOnce())) return { passed: 0, failed: 1 };
      const command = ['playwright', 'test', ...projects.flatMap((name) => ['--project', name])];
      const displayCommand = host === 'electron' ? ['xvfb-run', '-a', '-s', '-screen 0 1440x900x24'] : [];
      return countReportFile(reportFile, await runWithKeyring([...displayCommand, ...command], env));
    },
  };
}

let buildResult: Promise<boolean> | undefined;
function buildOnce(): Promise<boolean> {
  return (buildResult ??= runCommand(['electron-vite', 'build', '--logLevel', 'warn']));
}

const phases: readonly TestPhase[] = [
  checkPhase(
    'types',
    'type checks with tsc and vue-tsc',
    ['tsc', '-p', 'src-main'],
    ['vue-tsc', '-p', 'src-renderer'],
    ['vue-tsc', '-p', 'test'],
  ),
  checkPhase('lint', 'prettier, eslint, dependency-cruiser, knip and the link check', [
    'npm',
    'run',
    '--silent',
    'lint',
  ]),
  vitestPhase('unit', 'unit tests with vitest', []),
  vitestPhase('components', 'component tests with vitest in Chromium', ['chromium']),
  vitestPhase('integration', 'integration tests with vitest and a private keyring', ['keyring']),
  endToEndPhase(
    'chromium',
    'end-to-end tests with Playwright in the browser host',
    ['chromium', 'pages'],
    ['chromium', 'keyring'],
  ),
  endToEndPhase(
    'electron',
    'end-to-end tests with Playwright in the Electron window',
    ['electron'],
    ['window', 'keyring'],
  ),
];

/** The phases with these names or groups; all phases if `names` is empty. Throws if a name is unknown. */
export function selectPhases(names: readonly string[]): readonly TestPhase[] {
  const unknown = names.find((name) => !phases.some((phase) => phase.name === name || phase.group === name));
  if (unknown !== undefined)
    throw new Error(`Unknown phase "${unknown}". Phases: ${phases.map(({ name }) => name).join(', ')}`);
  return names.length === 0
    ? phases
    : phases.filter((phase) => names.some((name) => phase.name === name || phase.group === name));
}
