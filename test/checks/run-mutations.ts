/**
 * `npm run mutations [-- WORD]`: takes each protection away, one by one, in a copy of the project, and runs the tests that
 * keep its promise. One that nobody misses is a failure. With a word, only the protections whose promise or text has it.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { allSecurityTests, securityRequirements } from './security-requirements.ts';
import type { SecurityTest, RequirementId } from './security-requirements.ts';
import { securityMutations } from './security-mutations.ts';
import type { SecurityMutation } from './security-mutations.ts';

const projectFolder = fileURLToPath(new URL('../../', import.meta.url));
const excludedEntries = ['node_modules', '.git', 'out', 'test-results'];
const securityTests = allSecurityTests();
const isEndToEnd = ({ file }: SecurityTest) => file.startsWith('e2e/');

/** Runs tests in `folder`; what they said where one failed, else null. Throws where none ran. */
function findFailure(folder: string, tests: readonly SecurityTest[]): string | null {
  return tests.every(isEndToEnd) ? findEndToEndFailure(folder, tests) : findVitestFailure(folder, tests);
}

/** Of a whole console, in the browser host, which needs neither a screen nor Electron. */
function findEndToEndFailure(folder: string, tests: readonly SecurityTest[]): string | null {
  const names = tests.map(({ title }) => title.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  const files = [...new Set(tests.map(({ file }) => `test/${file}`))];
  const command = [
    'playwright',
    'test',
    '--project=chromium',
    '--project=pages',
    '--reporter=list',
    '--grep',
    names,
    ...files,
  ];
  const script = `import { runCommand, runWithKeyring } from './test/support/run-command.ts';
    const built = await runCommand(['electron-vite', 'build', '--logLevel', 'warn']);
    process.exitCode = built && (await runWithKeyring(${JSON.stringify(command)})) ? 0 : 1;`;
  const { status, stdout, stderr } = runNode(folder, ['--input-type=module-typescript', '--eval', script]);
  if (!/^ +\d+ (passed|failed)/m.test(stdout))
    throw new Error(`No test ran: ${names}\n${(stdout + stderr).slice(-3_000)}`);
  return status === 0 ? null : stdout + stderr;
}

function runNode(folder: string, command: readonly string[]) {
  return spawnSync(process.execPath, command, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 64_000_000,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
  });
}

/** Of units and of parts joined up. */
function findVitestFailure(folder: string, tests: readonly SecurityTest[]): string | null {
  const files = [...new Set(tests.map(({ file }) => `test/${file}`))];
  const parts = [...new Set(tests.map(({ file }) => file.split('/')[0] ?? ''))].flatMap((part) => ['--project', part]);
  const names = tests.map(({ title }) => title.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  const vitest = join(projectFolder, 'node_modules', 'vitest', 'vitest.mjs');
  // Not to be taken for a failure: a machine that is busy.
  const command = [vitest, 'run', '--testTimeout', '40000', ...parts, '-t', names, ...files];
  const { status, stdout, stderr } = runNode(folder, command);
  if (!/Tests .*\d (passed|failed)/.test(stdout))
    throw new Error(`No test ran: ${names}\n${(stdout + stderr).slice(-3_000)}`);
  return status === 0 ? null : stdout + stderr;
}

/** The name of the test that failed first. */
function firstFailedTest(failure: string): string {
  const walk = /^ +\d+\) \[chromium\] › \S+ › (.+?)(?: ─+)?$/m.exec(failure)?.[1];
  if (walk !== undefined) return walk.trim();
  const failed = [...failure.matchAll(/^\s*FAIL\s+(?:\|\w+\| )?(.+)$/gm)].map(
    ([, name = '']) => name.split(' > ').slice(1).join(' › ') || name,
  );
  return (
    failed[0] ??
    failure
      .trim()
      .split('\n')
      .find((line) => line.includes('Error')) ??
    'the tests did not run'
  );
}

/** The tests that keep a promise: the quick ones first, then those of whole consoles, which are run where the quick ones miss nothing. */
function testGroupsFor(requirement: RequirementId): SecurityTest[][] {
  const matching = securityTests.filter(({ requirementIds }) => requirementIds.includes(requirement));
  return [matching.filter((test) => !isEndToEnd(test)), matching.filter(isEndToEnd)].filter(
    (tests) => tests.length > 0,
  );
}

/** The files as they were, to be put back. Throws where a text is not there, or more than once: then the list has to be mended. */
function applyMutation(folder: string, { file, replacements }: SecurityMutation): () => void {
  const path = join(folder, file);
  const before = readFileSync(path, 'utf8');
  const after = replacements.reduce((text, [part, instead]) => {
    if (text.split(part).length !== 2) throw new Error(`${file} does not hold once: ${part}`);
    return text.replace(part, () => instead);
  }, before);
  writeFileSync(path, after);
  return () => writeFileSync(path, before);
}

/** Throws where tests of a promise, run by themselves, fail with everything in place: then their failing says nothing. */
function assertTestsPass(folder: string, requirement: RequirementId, tests: readonly SecurityTest[]): void {
  const wrong = findFailure(folder, tests);
  if (wrong !== null)
    throw new Error(
      `A test of ${requirement} fails with everything in place: ${firstFailedTest(wrong)}\n${wrong.slice(-3_000)}`,
    );
}

/** What the first test said that misses a protection; null where none does. */
function findKillingFailure(folder: string, mutation: SecurityMutation, passingGroups: Set<string>): string | null {
  for (const tests of testGroupsFor(mutation.requirement)) {
    const these = JSON.stringify(tests);
    if (!passingGroups.has(these)) assertTestsPass(folder, mutation.requirement, tests);
    passingGroups.add(these);
    const restore = applyMutation(folder, mutation);
    const failure = findFailure(folder, tests);
    restore();
    if (failure !== null) return failure;
  }
  return null;
}

function run(word: string | undefined): number {
  const selected = securityMutations.filter(
    ({ requirement, description }) => word === undefined || requirement === word || description.includes(word),
  );
  const folder = mkdtempSync(join(tmpdir(), 'session-desk-mutations-'));
  try {
    cpSync(projectFolder, folder, { recursive: true, filter: (source) => !excludedEntries.includes(basename(source)) });
    symlinkSync(join(projectFolder, 'node_modules'), join(folder, 'node_modules'), 'junction');
    let survived = 0;
    const passingGroups = new Set<string>();
    for (const mutation of selected) {
      const { requirement, description } = mutation;
      const failure = findKillingFailure(folder, mutation, passingGroups);
      if (failure === null) survived += 1;
      process.stdout.write(
        `${failure === null ? 'survived' : 'killed  '}  ${requirement}  ${description}${failure === null ? '' : `: ${firstFailedTest(failure)}`}\n`,
      );
    }
    const untouched = (Object.keys(securityRequirements) as RequirementId[]).filter(
      (id) => !securityMutations.some(({ requirement }) => requirement === id),
    );
    process.stdout.write(
      `\n${selected.length} protections taken away, ${selected.length - survived} killed, ${survived} survived.\n`,
    );
    if (word === undefined)
      process.stdout.write(`Promises without a protection to take away: ${untouched.join(', ') || 'none'}.\n`);
    return survived === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

process.exitCode = run(process.argv[2]);
