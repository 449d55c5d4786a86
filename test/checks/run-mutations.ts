/**
 * `npm run mutations [-- WORD]`: takes each protection away, one by one, in a copy of the project, and runs the tests that
 * keep its promise. One that nobody misses is a failure. With a word, only the protections whose promise or text has it.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { keepers, promises } from './security-requirements.ts';
import type { Keeper, PromiseId } from './security-requirements.ts';
import { protections } from './security-mutations.ts';
import type { Protection } from './security-mutations.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));
const left = ['node_modules', '.git', 'out', 'test-results'];
const all = keepers();
const isWalk = ({ file }: Keeper) => file.startsWith('e2e/');

/** Runs tests in `folder`; what they said where one failed, else null. Throws where none ran. */
function failureOf(folder: string, tests: readonly Keeper[]): string | null {
  return tests.every(isWalk) ? failureOfWalks(folder, tests) : failureOfParts(folder, tests);
}

/** Of a whole console, in the browser host, which needs neither a screen nor Electron. */
function failureOfWalks(folder: string, tests: readonly Keeper[]): string | null {
  const names = tests.map(({ test }) => test.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  const files = [...new Set(tests.map(({ file }) => `test/${file}`))];
  const play = [
    'playwright',
    'test',
    '--config',
    'playwright.config.ts',
    '--project=chromium',
    '--project=pages',
    '--reporter=list',
    '--grep',
    names,
    ...files,
  ];
  const script = `import { runCommand, runWithKeyring } from './test/support/run-command.ts';
    const built = await runCommand(['electron-vite', 'build', '--logLevel', 'warn']);
    process.exitCode = built && (await runWithKeyring(${JSON.stringify(play)})) ? 0 : 1;`;
  const { status, stdout, stderr } = runIn(folder, ['--input-type=module-typescript', '--eval', script]);
  if (!/^ +\d+ (passed|failed)/m.test(stdout))
    throw new Error(`No test ran: ${names}\n${(stdout + stderr).slice(-3_000)}`);
  return status === 0 ? null : stdout + stderr;
}

function runIn(folder: string, command: readonly string[]) {
  return spawnSync(process.execPath, command, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 64_000_000,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
  });
}

/** Of units and of parts joined up. */
function failureOfParts(folder: string, tests: readonly Keeper[]): string | null {
  const files = [...new Set(tests.map(({ file }) => `test/${file}`))];
  const parts = [...new Set(tests.map(({ file }) => file.split('/')[0] ?? ''))].flatMap((part) => ['--project', part]);
  const names = tests.map(({ test }) => test.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  const vitest = join(project, 'node_modules', 'vitest', 'vitest.mjs');
  // Not to be taken for a failure: a machine that is busy.
  const command = [
    vitest,
    'run',
    '-c',
    'vitest.config.ts',
    '--testTimeout',
    '40000',
    ...parts,
    '-t',
    names,
    ...files,
  ];
  const { status, stdout, stderr } = runIn(folder, command);
  if (!/Tests .*\d (passed|failed)/.test(stdout))
    throw new Error(`No test ran: ${names}\n${(stdout + stderr).slice(-3_000)}`);
  return status === 0 ? null : stdout + stderr;
}

/** The name of the test that failed first. */
function named(said: string): string {
  const walk = /^ +\d+\) \[chromium\] › \S+ › (.+?)(?: ─+)?$/m.exec(said)?.[1];
  if (walk !== undefined) return walk.trim();
  const failed = [...said.matchAll(/^\s*FAIL\s+(?:\|\w+\| )?(.+)$/gm)].map(
    ([, name = '']) => name.split(' > ').slice(1).join(' › ') || name,
  );
  return (
    failed[0] ??
    said
      .trim()
      .split('\n')
      .find((line) => line.includes('Error')) ??
    'the tests did not run'
  );
}

/** The tests that keep a promise: the quick ones first, then those of whole consoles, which are run where the quick ones miss nothing. */
function keep(promise: PromiseId): Keeper[][] {
  const kept = all.filter(({ ids }) => ids.includes(promise));
  return [kept.filter((keeper) => !isWalk(keeper)), kept.filter(isWalk)].filter((tests) => tests.length > 0);
}

/** The files as they were, to be put back. Throws where a text is not there, or more than once: then the list has to be mended. */
function takeAway(folder: string, { file, changes }: Protection): () => void {
  const path = join(folder, file);
  const before = readFileSync(path, 'utf8');
  const after = changes.reduce((text, [part, instead]) => {
    if (text.split(part).length !== 2) throw new Error(`${file} does not hold once: ${part}`);
    return text.replace(part, () => instead);
  }, before);
  writeFileSync(path, after);
  return () => writeFileSync(path, before);
}

/** Throws where tests of a promise, run by themselves, fail with everything in place: then their failing says nothing. */
function checkSound(folder: string, promise: PromiseId, tests: readonly Keeper[]): void {
  const wrong = failureOf(folder, tests);
  if (wrong !== null)
    throw new Error(`A test of ${promise} fails with everything in place: ${named(wrong)}\n${wrong.slice(-3_000)}`);
}

/** What the first test said that misses a protection; null where none does. */
function missed(folder: string, protection: Protection, sound: Set<string>): string | null {
  for (const tests of keep(protection.promise)) {
    const these = JSON.stringify(tests);
    if (!sound.has(these)) checkSound(folder, protection.promise, tests);
    sound.add(these);
    const putBack = takeAway(folder, protection);
    const said = failureOf(folder, tests);
    putBack();
    if (said !== null) return said;
  }
  return null;
}

function run(word: string | undefined): number {
  const chosen = protections.filter(
    ({ promise, gone }) => word === undefined || promise === word || gone.includes(word),
  );
  const folder = mkdtempSync(join(tmpdir(), 'session-desk-mutations-'));
  try {
    cpSync(project, folder, { recursive: true, filter: (source) => !left.includes(basename(source)) });
    symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'), 'junction');
    let survived = 0;
    const sound = new Set<string>();
    for (const protection of chosen) {
      const { promise, gone } = protection;
      const said = missed(folder, protection, sound);
      if (said === null) survived += 1;
      process.stdout.write(
        `${said === null ? 'NOT MISSED' : 'missed    '}  ${promise}  ${gone}${said === null ? '' : `: ${named(said)}`}\n`,
      );
    }
    const untouched = (Object.keys(promises) as PromiseId[]).filter(
      (id) => !protections.some(({ promise }) => promise === id),
    );
    process.stdout.write(
      `\n${chosen.length} protections taken away, ${chosen.length - survived} missed, ${survived} not missed.\n`,
    );
    if (word === undefined)
      process.stdout.write(`Promises without a protection to take away: ${untouched.join(', ') || 'none'}.\n`);
    return survived === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

process.exitCode = run(process.argv[2]);
