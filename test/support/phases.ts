/** The phases of `npm test`, in order: what each needs of the machine and how it runs. */
import { fileURLToPath } from 'node:url';
import { electronBinary } from '../../src-main/hosts/electron-binary.ts';
import { runCommand, runWithKeyring } from './run-command.ts';
import type { Need } from './system-requirements.ts';
import { countFile, lostProcess, readReport } from './test-report.ts';
import type { Count } from './test-report.ts';

export const reportFolder = fileURLToPath(new URL('../../test-results/reports/', import.meta.url));

interface Phase {
  readonly name: string;
  /** A word on the command line that chooses it, beside its name. */
  readonly group?: string;
  readonly needs: readonly Need[];
  run(reportFile: string): Promise<Count | { readonly notRun: string }>;
}

/** A check counts as one test. */
function check(name: string, ...commands: readonly string[][]): Phase {
  return {
    name,
    needs: [],
    async run() {
      let good = true;
      for (const command of commands) good = (await runCommand(command)) && good;
      return good ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
    },
  };
}

function vitest(name: string, needs: readonly Need[]): Phase {
  return {
    name,
    needs,
    async run(reportFile) {
      const command = [
        'vitest',
        'run',
        '--config',
        'vitest.config.ts',
        '--project',
        name,
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${reportFile}`,
      ];
      const run = needs.includes('keyring') ? runWithKeyring : runCommand;
      const endedWell = await run(command);
      if (!lostProcess(readReport(reportFile), endedWell)) return countFile(reportFile, endedWell);
      // Node 24 has aborted now and then ("Check failed: jit_page", nodejs/node#64500): see `store-worker.ts`.
      process.stdout.write(`\n${name}: a process was lost without a failed test; the whole part runs once more.\n\n`);
      return countFile(reportFile, await run(command));
    },
  };
}

/** `projects`: of Playwright's, which run beside each other. */
function endToEnd(host: 'chromium' | 'electron', projects: readonly string[], needs: readonly Need[]): Phase {
  return {
    name: `e2e (${host})`,
    group: 'e2e',
    needs,
    async run(reportFile) {
      const env: Record<string, string> = { PLAYWRIGHT_JSON_OUTPUT_FILE: reportFile };
      if (host === 'electron') {
        const binary = await electronBinary();
        if ('missing' in binary) return { notRun: binary.missing };
        env['ELECTRON_PATH'] = binary.path;
      }
      if (!(await buildOnce())) return { passed: 0, failed: 1 };
      const command = [
        'playwright',
        'test',
        '--config',
        'playwright.config.ts',
        ...projects.flatMap((name) => ['--project', name]),
      ];
      const screen = host === 'electron' ? ['xvfb-run', '-a', '-s', '-screen 0 1440x900x24'] : [];
      return countFile(reportFile, await runWithKeyring([...screen, ...command], env));
    },
  };
}

let built: Promise<boolean> | undefined;
function buildOnce(): Promise<boolean> {
  return (built ??= runCommand(['electron-vite', 'build', '--logLevel', 'warn']));
}

const phases: readonly Phase[] = [
  check('types', ['tsc', '-p', 'src-main'], ['vue-tsc', '-p', 'src-renderer'], ['vue-tsc', '-p', 'test']),
  check('lint', ['npm', 'run', '--silent', 'lint']),
  vitest('unit', []),
  vitest('components', ['chromium']),
  vitest('integration', ['keyring']),
  endToEnd('chromium', ['chromium', 'pages'], ['chromium', 'keyring']),
  endToEnd('electron', ['electron'], ['window', 'keyring']),
];

/** The phases with these names or groups; all where none is named. */
export function chosenPhases(names: readonly string[]): readonly Phase[] {
  const unknown = names.find((name) => !phases.some((phase) => phase.name === name || phase.group === name));
  if (unknown !== undefined)
    throw new Error(`There is no phase "${unknown}"; there are: ${phases.map(({ name }) => name).join(', ')}`);
  return names.length === 0
    ? phases
    : phases.filter((phase) => names.some((name) => phase.name === name || phase.group === name));
}
