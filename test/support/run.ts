/**
 * `npm test [-- [PHASE…] [FILE…] [-t TITLE]]` runs the phases side by side, one more than cores; `npm run test:full`
 * runs all cases in both hosts. Prints one line per file, then each failure with the command that repeats it, and last
 * the number of passed and failed tests. A phase that cannot run on this computer is reported as NOT RUN; with CI=true
 * it counts as one failure.
 */
import { existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import PQueue from 'p-queue';
import { resolveElectronBinary } from '../../src-main/hosts/electron-binary.ts';
import { mayNeedElectron, parseArguments, selectPhases, workersFor } from './phases.ts';
import type { RunRequest, TestPhase } from './phases.ts';
import { isFullSuite, seed } from './suite.ts';
import { installRequirements } from './system-requirements.ts';
import type { Failure, PhaseResult } from './test-report.ts';

const isCi = process.env['CI'] === 'true';
const print = (line: string) => process.stdout.write(`${line}\n`);
const formatDuration = (ms: number): string => {
  const seconds = Math.round(ms / 1_000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
};

function readArguments(): RunRequest {
  try {
    return parseArguments(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  }
}

const request = readArguments();
const isFull = request.isFull || isFullSuite;
const isWholeSuite = request.names.size === 0 && request.files.length === 0;
const electron = mayNeedElectron(request) ? await resolveElectronBinary() : undefined;
const hasElectron = electron !== undefined && 'path' in electron;
const selected = selectPhases(request, hasElectron);
const names = selected.map(({ phase }) => phase.name);
print(`${isFull ? 'Full suite' : 'Suite'}, seed ${seed}: ${names.join(', ')}`);
const missing = installRequirements(new Set(selected.flatMap(({ phase }) => phase.requirements)));

/** Why a phase cannot run here; undefined if it can. */
function findObstacle({ name, requirements }: TestPhase): string | undefined {
  if (name === 'electron' && electron && 'unavailableReason' in electron) return electron.unavailableReason;
  return requirements.map((requirement) => missing.get(requirement)).find((reason) => reason !== undefined);
}

const canRunElectron = selected.some(({ phase }) => phase.name === 'electron' && findObstacle(phase) === undefined);
/** Memory instead of a disk if there is enough: the tests wait for many flushes, and end processes, not computers. */
function findTemporaryRoot(): string {
  const memory = '/dev/shm';
  const neededBytes = 3 * 2 ** 30;
  if (!existsSync(memory)) return tmpdir();
  const { bavail, bsize } = statfsSync(memory);
  return bavail * bsize >= neededBytes ? memory : tmpdir();
}

const temporaryFolder = mkdtempSync(join(findTemporaryRoot(), 'session-desk-'));
const env = {
  SEED: String(seed),
  TMPDIR: temporaryFolder,
  ...(isFull && { TEST_SUITE: 'full' }),
  ...(hasElectron && { ELECTRON_PATH: electron.path }),
};

/** The command that repeats a failure. */
function repeatCommand(phase: TestPhase, { file, title: failedTitle }: Failure): string {
  const script = isFull ? 'npm run test:full --' : 'npm test --';
  const quotedTitle = failedTitle === null ? [] : ['-t', `'${failedTitle.replaceAll("'", "'\\''")}'`];
  return [`SEED=${seed}`, script, phase.name, ...(file === null ? [] : [file]), ...quotedTitle].join(' ');
}

const failures: { readonly phase: TestPhase; readonly failure: Failure }[] = [];
const summary: string[] = [];
let passed = 0;
let notRun = 0;

async function runPhase(phase: TestPhase, files: readonly string[], workers: number): Promise<void> {
  const obstacle = findObstacle(phase);
  if (obstacle !== undefined) {
    print(`${phase.name.padEnd(11)} NOT RUN: ${obstacle}`);
    summary.push(`${phase.name.padEnd(11)} NOT RUN: ${obstacle}`);
    notRun += 1;
    return;
  }
  const isSmoke = phase.name === 'browser' && canRunElectron && !isFull && isWholeSuite;
  const startedAt = performance.now();
  const result: PhaseResult = await phase
    .run({ files, title: request.title, isSmoke, workers, env, print })
    .catch((error: unknown) => ({
      passed: 0,
      failures: [{ heading: phase.name, details: String(error), file: null, title: null }],
    }));
  const counts = `${result.passed} passed, ${result.failures.length} failed`;
  const duration = formatDuration(performance.now() - startedAt);
  print(`${phase.name.padEnd(11)} ${counts} in ${duration}`);
  summary.push(`${phase.name.padEnd(11)} ${counts} in ${duration}: ${phase.description}${isSmoke ? ', smoke' : ''}`);
  passed += result.passed;
  failures.push(...result.failures.map((failure) => ({ phase, failure })));
}

const startedAt = performance.now();
// One more than cores: the end-to-end tests wait for processes and timers for a part of their time.
const queue = new PQueue({ concurrency: availableParallelism() + 1 });
const workers = workersFor(selected.length);
await Promise.all(selected.map(({ phase, files }) => queue.add(() => runPhase(phase, files, workers))));

for (const [index, { phase, failure }] of failures.entries()) {
  if (index === 0) print('\nFailures');
  print(`\n${index + 1}. ${failure.heading}\n\n${failure.details.replaceAll(/^/gm, '   ')}`);
  print(`\n   Repeat: ${repeatCommand(phase, failure)}`);
}
const failed = failures.length + (isCi ? notRun : 0);
print(`\n${summary.join('\n')}\ntotal       ${formatDuration(performance.now() - startedAt)}`);
print(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
// Last, so that a folder that a failed test still uses does not hide the report.
rmSync(temporaryFolder, { recursive: true, force: true, maxRetries: 5 });
