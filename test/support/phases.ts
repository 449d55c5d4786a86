/** The phases of a test run, and the selection of phases by suite, name or file. */
import { availableParallelism } from 'node:os';
import { runCommand, runWithKeyring } from './run-command.ts';
import type { CommandOptions } from './run-command.ts';
import type { SystemRequirement } from './system-requirements.ts';
import { formatFileLine, parseReportLine, summarizeReport } from './test-report.ts';
import type { PhaseResult, ReportEntry } from './test-report.ts';

export type PhaseName = 'types' | 'lint' | 'unit' | 'components' | 'integration' | 'pages' | 'electron' | 'browser';

/** What a phase runs. Without files and title, everything that belongs to it. */
export interface Selection {
  readonly files: readonly string[];
  /** The title of a test, or a part of it. */
  readonly title: string | null;
  /** Whether only the tests with the tag @smoke run. */
  readonly isSmoke: boolean;
}

export interface PhaseContext extends Selection {
  /** Worker processes of the tool. */
  readonly workers: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  print(line: string): void;
}

export interface TestPhase {
  readonly name: PhaseName;
  readonly description: string;
  readonly requirements: readonly SystemRequirement[];
  run(context: PhaseContext): Promise<PhaseResult>;
}

type Run = (command: readonly string[], options: CommandOptions) => Promise<boolean>;

/** Commands without a report. The phase counts as one test. */
function checkPhase(name: PhaseName, description: string, ...commands: readonly string[][]): TestPhase {
  return {
    name,
    description,
    requirements: [],
    async run({ env }) {
      const output: string[] = [];
      let isSuccessful = true;
      for (const command of commands)
        isSuccessful = (await runCommand(command, { env, onLine: (line) => output.push(line) })) && isSuccessful;
      const failure = { heading: name, details: output.join('\n'), file: null, title: null };
      return isSuccessful ? { passed: 1, failures: [] } : { passed: 0, failures: [failure] };
    },
  };
}

/** Runs a tool whose reporter prints entries. Prints one line for each file. */
async function runTool(name: string, run: Run, command: readonly string[], context: PhaseContext) {
  const entries: ReportEntry[] = [];
  const log: string[] = [];
  let isReportValid = true;
  const onLine = (line: string) => {
    let entry: ReportEntry | null = null;
    try {
      entry = parseReportLine(line);
    } catch {
      isReportValid = false;
    }
    if (entry === null) log.push(line);
    else entries.push(entry);
    if (entry?.kind === 'file') context.print(`${name.padEnd(11)} ${formatFileLine(entry)}`);
  };
  const isSuccessful = await run(command, { env: context.env, onLine });
  return summarizeReport(name, entries, isSuccessful && isReportValid, log);
}

const escapePattern = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

function vitestPhase(name: PhaseName, description: string, requirements: readonly SystemRequirement[] = []): TestPhase {
  return {
    name,
    description,
    requirements,
    run(context) {
      const command = [
        ...['vitest', 'run', '--project', name, '--reporter', './test/support/reporters/vitest-reporter.ts'],
        ...['--maxWorkers', String(context.workers)],
        ...(context.title === null ? [] : ['--testNamePattern', escapePattern(context.title)]),
        ...context.files,
      ];
      return runTool(name, requirements.includes('keyring') ? runWithKeyring : runCommand, command, context);
    },
  };
}

let buildResult: Promise<{ readonly isSuccessful: boolean; readonly output: readonly string[] }> | undefined;

/** Builds the application once for all end-to-end phases. */
function buildOnce() {
  return (buildResult ??= (async () => {
    const output: string[] = [];
    const isSuccessful = await runCommand(['electron-vite', 'build', '--logLevel', 'warn'], {
      onLine: (line) => output.push(line),
    });
    return { isSuccessful, output };
  })());
}

function playwrightPhase(
  name: 'pages' | 'electron' | 'browser',
  description: string,
  requirements: readonly SystemRequirement[],
): TestPhase {
  const displayCommand = name === 'electron' ? ['xvfb-run', '-a', '-s', '-screen 0 1440x900x24'] : [];
  return {
    name,
    description,
    requirements,
    async run(context) {
      const build = await buildOnce();
      if (!build.isSuccessful) {
        const details = ['The build failed.', ...build.output].join('\n');
        return { passed: 0, failures: [{ heading: name, details, file: null, title: null }] };
      }
      const command = [
        ...[...displayCommand, 'playwright', 'test', '--project', name],
        ...['--reporter', './test/support/reporters/playwright-reporter.ts'],
        // Each test of a host starts Session Desk; parallel tests would slow each other down.
        ...['--workers', name === 'pages' ? String(context.workers) : '1'],
        ...(context.isSmoke ? ['--grep', '@smoke'] : []),
        ...(context.title === null ? [] : ['--grep', escapePattern(context.title)]),
        ...context.files,
      ];
      return runTool(name, runWithKeyring, command, context);
    },
  };
}

/** In the order in which they start: the longest first, then those that fail early. */
export const phases: readonly TestPhase[] = [
  playwrightPhase('electron', 'end-to-end tests in the Electron window', ['window', 'keyring']),
  checkPhase('types', 'tsc and vue-tsc', ['npm', 'run', '--silent', 'typecheck']),
  checkPhase('lint', 'prettier, eslint, dependency-cruiser, knip and the link check', [
    'npm',
    'run',
    '--silent',
    'lint',
  ]),
  vitestPhase('unit', 'one module at a time, in Node'),
  vitestPhase('components', 'the screen with a fake API client, in Chromium', ['chromium']),
  vitestPhase('integration', 'the application without a screen, with a private keyring', ['keyring']),
  playwrightPhase('pages', 'screenshots and accessibility of each state of the screen', ['chromium', 'keyring']),
  playwrightPhase('browser', 'end-to-end tests in the browser host', ['chromium', 'keyring']),
];

export interface RunRequest {
  readonly isFull: boolean;
  readonly title: string | null;
  /** Empty: all phases, or those of the files. */
  readonly names: ReadonlySet<PhaseName>;
  readonly files: readonly string[];
}

/** Parses `[--full] [PHASE…] [FILE…] [-t TITLE]`. Throws an error that names the argument which is not valid. */
export function parseArguments(args: readonly string[]): RunRequest {
  const names = new Set<PhaseName>();
  const files: string[] = [];
  let title: string | null = null;
  let isFull = false;
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? '';
    if (arg === '--full') isFull = true;
    else if (arg === '-t') title = args[(index += 1)] ?? null;
    else if (arg === 'e2e') for (const name of ['pages', 'electron', 'browser'] as const) names.add(name);
    else if (phases.some(({ name }) => name === arg)) names.add(arg as PhaseName);
    else if (arg.startsWith('test/')) files.push(arg);
    else
      throw new Error(
        `Unknown argument "${arg}". Use a phase (${phases.map(({ name }) => name).join(', ')}, e2e), ` +
          'a path that starts with test/, --full, or -t TITLE.',
      );
  }
  return { isFull, title, names, files };
}

/** The phase of a file. End-to-end tests run in Electron if it can be had. */
function phaseOf(file: string, hasElectron: boolean): PhaseName {
  if (file.startsWith('test/unit/')) return 'unit';
  if (file.startsWith('test/components/')) return 'components';
  if (file.startsWith('test/integration/')) return 'integration';
  if (file.endsWith('.page.spec.ts')) return 'pages';
  return file.endsWith('.electron.spec.ts') || hasElectron ? 'electron' : 'browser';
}

/** Whether a request can select the phase `electron`, so that its binary has to be found. */
export function mayNeedElectron({ names, files }: RunRequest): boolean {
  if (names.size > 0) return names.has('electron');
  return files.length === 0 || files.some((file) => phaseOf(file, true) === 'electron');
}

/** The phases of a request, each with its files; no files means all. */
export function selectPhases(
  { names, files }: RunRequest,
  hasElectron: boolean,
): readonly { readonly phase: TestPhase; readonly files: readonly string[] }[] {
  if (names.size > 0) return phases.filter(({ name }) => names.has(name)).map((phase) => ({ phase, files }));
  return phases
    .map((phase) => ({ phase, files: files.filter((file) => phaseOf(file, hasElectron) === phase.name) }))
    .filter((selected) => files.length === 0 || selected.files.length > 0);
}

/** Worker processes for each of `count` phases that run side by side. */
export function workersFor(count: number, cores = availableParallelism()): number {
  return Math.max(1, Math.floor(cores / count));
}
