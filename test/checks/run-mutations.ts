/**
 * `npm run mutations [-- FILTER]`: removes each protection, one at a time, in a copy of the project, and runs the tests
 * of its requirement. A mutation that no test detects (survived) is a failure. FILTER: a requirement id or a part of a
 * description.
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

/** Runs tests in `folder`. Returns their output if a test failed, else null. Throws if no test ran. */
function findFailure(folder: string, tests: readonly SecurityTest[]): string | null {
  return tests.every(isEndToEnd) ? findEndToEndFailure(folder, tests) : findVitestFailure(folder, tests);
}

/** Runs end-to-end tests in the browser host, which needs no display and no Electron. */
function findEndToEndFailure(folder: string, tests: readonly SecurityTest[]): string | null {
  const names = tests.map(({ title }) => title.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  const files = [...new Set(tests.map(({ file }) => `test/${file}`))];
  const command = [
    'playwright',
    'test',
    '--project=browser',
    '--project=pages',
    '--reporter=list',
    '--grep',
    names,
    ...files,
  ];
  const script = `import { runCommand, runWithKeyring } from './test/support/run-command.ts';
    const isBuilt = await runCommand(['electron-vite', 'build', '--logLevel', 'warn']);
    process.exitCode = isBuilt && (await runWithKeyring(${JSON.stringify(command)})) ? 0 : 1;`;
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

/** Runs unit, component and integration tests. */
function findVitestFailure(folder: string, tests: readonly SecurityTest[]): string | null {
  const files = [...new Set(tests.map(({ file }) => `test/${file}`))];
  const projects = [...new Set(tests.map(({ file }) => file.split('/')[0] ?? ''))];
  const names = tests.map(({ title }) => title.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  const vitest = join(projectFolder, 'node_modules', 'vitest', 'vitest.mjs');
  // A long timeout, so that a busy computer causes no failure.
  const projectOptions = projects.flatMap((project) => ['--project', project]);
  const command = [vitest, 'run', '--testTimeout', '40000', ...projectOptions, '-t', names, ...files];
  const { status, stdout, stderr } = runNode(folder, command);
  if (!/Tests .*\d (passed|failed)/.test(stdout))
    throw new Error(`No test ran: ${names}\n${(stdout + stderr).slice(-3_000)}`);
  return status === 0 ? null : stdout + stderr;
}

/** The name of the first failed test. */
function firstFailedTest(output: string): string {
  const endToEndTest = /^ +\d+\) \[browser\] › \S+ › (.+?)(?: ─+)?$/m.exec(output)?.[1];
  if (endToEndTest !== undefined) return endToEndTest.trim();
  const failedTests = [...output.matchAll(/^\s*FAIL\s+(?:\|\w+\| )?(.+)$/gm)].map(
    ([, name = '']) => name.split(' > ').slice(1).join(' › ') || name,
  );
  return (
    failedTests[0] ??
    output
      .trim()
      .split('\n')
      .find((line) => line.includes('Error')) ??
    'the tests did not run'
  );
}

/** The tests of a requirement: fast tests first, then end-to-end tests, which run only if the fast tests pass. */
function testGroupsFor(requirement: RequirementId): SecurityTest[][] {
  const matching = securityTests.filter(({ requirementIds }) => requirementIds.includes(requirement));
  return [matching.filter((test) => !isEndToEnd(test)), matching.filter(isEndToEnd)].filter(
    (tests) => tests.length > 0,
  );
}

/**
 * Applies a mutation. Returns a function that restores the file. Throws if the file does not contain each text once.
 */
function applyMutation(folder: string, { file, replacements }: SecurityMutation): () => void {
  const path = join(folder, file);
  const before = readFileSync(path, 'utf8');
  const after = replacements.reduce((source, [text, replacement]) => {
    if (source.split(text).length !== 2) throw new Error(`${file} must contain this text exactly once: ${text}`);
    return source.replace(text, () => replacement);
  }, before);
  writeFileSync(path, after);
  return () => writeFileSync(path, before);
}

/** Throws if the tests of a requirement fail without a mutation. */
function assertTestsPass(folder: string, requirement: RequirementId, tests: readonly SecurityTest[]): void {
  const output = findFailure(folder, tests);
  if (output !== null)
    throw new Error(
      `A test of ${requirement} fails without a mutation: ${firstFailedTest(output)}\n${output.slice(-3_000)}`,
    );
}

/** The output of the first tests that detect a mutation, or null if it survives. */
function findKillingFailure(folder: string, mutation: SecurityMutation, passingGroups: Set<string>): string | null {
  for (const tests of testGroupsFor(mutation.requirement)) {
    const groupKey = JSON.stringify(tests);
    if (!passingGroups.has(groupKey)) assertTestsPass(folder, mutation.requirement, tests);
    passingGroups.add(groupKey);
    const restore = applyMutation(folder, mutation);
    const failure = findFailure(folder, tests);
    restore();
    if (failure !== null) return failure;
  }
  return null;
}

function run(filter: string | undefined): number {
  const selected = securityMutations.filter(
    ({ requirement, description }) => filter === undefined || requirement === filter || description.includes(filter),
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
      const result = failure === null ? 'survived' : 'killed  ';
      const killer = failure === null ? '' : `: ${firstFailedTest(failure)}`;
      process.stdout.write(`${result}  ${requirement}  ${description}${killer}\n`);
    }
    const uncovered = (Object.keys(securityRequirements) as RequirementId[]).filter(
      (id) => !securityMutations.some(({ requirement }) => requirement === id),
    );
    process.stdout.write(
      `\n${selected.length} mutations, ${selected.length - survived} killed, ${survived} survived.\n`,
    );
    if (filter === undefined)
      process.stdout.write(`Requirements without a mutation: ${uncovered.join(', ') || 'none'}.\n`);
    return survived === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

process.exitCode = run(process.argv[2]);
