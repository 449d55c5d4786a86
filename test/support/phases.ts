/** The phases of `npm test`, in order: what each needs of the machine and how it runs. */
import { fileURLToPath } from 'node:url';
import { resolveElectronBinary } from '../../src-main/hosts/electron-binary.ts';
import { runCommand, runWithKeyring } from './run-command.ts';
import type { SystemRequirement } from './system-requirements.ts';
import { countReportFile, hasLostProcess, readReport } from './test-report.ts';
import type { TestCounts } from './test-report.ts';

export const reportFolder = fileURLToPath(new URL('../../test-results/reports/', import.meta.url));

interface TestPhase {
  readonly name: string;
  /** A word on the command line that chooses it, beside its name. */
  readonly group?: string;
  readonly requirements: readonly SystemRequirement[];
  run(reportFile: string): Promise<TestCounts | { readonly notRun: string }>;
}

/** A check counts as one test. */
function checkPhase(name: string, ...commands: readonly string[][]): TestPhase {
  return {
    name,
    requirements: [],
    async run() {
      let good = true;
      for (const command of commands) good = (await runCommand(command)) && good;
      return good ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
    },
  };
}

function vitestPhase(name: string, requirements: readonly SystemRequirement[]): TestPhase {
  return {
    name,
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
      const endedWell = await run(command);
      if (!hasLostProcess(readReport(reportFile), endedWell)) return countReportFile(reportFile, endedWell);
      // Node 24 has aborted now and then ("Check failed: jit_page", nodejs/node#64500): see `build-store-worker.ts`.
      process.stdout.write(`\n${name}: a process was lost without a failed test; the whole part runs once more.\n\n`);
      return countReportFile(reportFile, await run(command));
    },
  };
}

/** `projects`: of Playwright's, which run beside each other. */
function endToEndPhase(
  host: 'chromium' | 'electron',
  projects: readonly string[],
  requirements: readonly SystemRequirement[],
): TestPhase {
  return {
    name: `e2e (${host})`,
    group: 'e2e',
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
      const screen = host === 'electron' ? ['xvfb-run', '-a', '-s', '-screen 0 1440x900x24'] : [];
      return countReportFile(reportFile, await runWithKeyring([...screen, ...command], env));
    },
  };
}

let buildResult: Promise<boolean> | undefined;
function buildOnce(): Promise<boolean> {
  return (buildResult ??= runCommand(['electron-vite', 'build', '--logLevel', 'warn']));
}

const phases: readonly TestPhase[] = [
  checkPhase('types', ['tsc', '-p', 'src-main'], ['vue-tsc', '-p', 'src-renderer'], ['vue-tsc', '-p', 'test']),
  checkPhase('lint', ['npm', 'run', '--silent', 'lint']),
  vitestPhase('unit', []),
  vitestPhase('components', ['chromium']),
  vitestPhase('integration', ['keyring']),
  endToEndPhase('chromium', ['chromium', 'pages'], ['chromium', 'keyring']),
  endToEndPhase('electron', ['electron'], ['window', 'keyring']),
];

/** The phases with these names or groups; all where none is named. */
export function selectPhases(names: readonly string[]): readonly TestPhase[] {
  const unknown = names.find((name) => !phases.some((phase) => phase.name === name || phase.group === name));
  if (unknown !== undefined)
    throw new Error(`There is no phase "${unknown}"; there are: ${phases.map(({ name }) => name).join(', ')}`);
  return names.length === 0
    ? phases
    : phases.filter((phase) => names.some((name) => phase.name === name || phase.group === name));
}
