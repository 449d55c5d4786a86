/**
 * `npm run mutations [-- FILTER]`: removes each protection, one at a time, in a copy of the project, and runs the tests
 * of its requirement. A mutation that no test detects (survived) is a failure. So is a mutation whose tests fail for
 * another reason, for example because the changed file cannot be loaded (invalid). FILTER: a requirement id or a part
 * of a description.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseReportLine } from '../support/test-report.ts';
import type { ReportEntry } from '../support/test-report.ts';
import { judgeMutation, isTestOf } from './mutation-result.ts';
import type { MutationResult } from './mutation-result.ts';
import { allSecurityTests, securityRequirements } from './security-requirements.ts';
import type { SecurityTest, RequirementId } from './security-requirements.ts';
import { applyReplacements, securityMutations } from './security-mutations.ts';
import type { SecurityMutation } from './security-mutations.ts';

const projectFolder = fileURLToPath(new URL('../../', import.meta.url));
const excludedEntries = ['node_modules', '.git', 'out', 'test-results'];
const securityTests = allSecurityTests();
const isEndToEnd = ({ file }: SecurityTest) => file.startsWith('e2e/');

interface Run {
  readonly entries: readonly ReportEntry[];
  /** What the tool printed, without the entries. */
  readonly log: string;
}

/** Runs tests in `folder`. */
function runTests(folder: string, tests: readonly SecurityTest[]): Run {
  const names = tests.map(({ title }) => title.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  const files = [...new Set(tests.map(({ file }) => `test/${file}`))];
  const { stdout, stderr } = tests.every(isEndToEnd)
    ? runEndToEnd(folder, names, files)
    : runVitest(folder, names, files);
  const lines = stdout.split('\n');
  const entries = lines.map(parseReportLine).filter((entry) => entry !== null);
  const log = [...lines.filter((line) => parseReportLine(line) === null), stderr].join('\n');
  return { entries, log };
}

/** Runs end-to-end tests in the browser host, which needs no display and no Electron. */
function runEndToEnd(folder: string, names: string, files: readonly string[]) {
  const command = [
    ...['playwright', 'test', '--project=browser', '--project=pages'],
    ...['--reporter=./test/support/reporters/playwright-reporter.ts', '--grep', names, ...files],
  ];
  const script = `import { runCommand, runWithKeyring } from './test/support/run-command.ts';
    const isBuilt = await runCommand(['electron-vite', 'build', '--logLevel', 'warn']);
    process.exitCode = isBuilt && (await runWithKeyring(${JSON.stringify(command)})) ? 0 : 1;`;
  return runNode(folder, ['--input-type=module-typescript', '--eval', script]);
}

/** Runs unit, component and integration tests. */
function runVitest(folder: string, names: string, files: readonly string[]) {
  const projects = [...new Set(files.map((file) => file.split('/')[1] ?? ''))];
  const vitest = join(projectFolder, 'node_modules', 'vitest', 'vitest.mjs');
  return runNode(folder, [
    ...[vitest, 'run', '--reporter', './test/support/reporters/vitest-reporter.ts'],
    ...projects.flatMap((project) => ['--project', project]),
    ...['--testTimeout', '40000', '-t', names, ...files],
  ]);
}

function runNode(folder: string, command: readonly string[]) {
  return spawnSync(process.execPath, command, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 64_000_000,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
  });
}

/** The tests of a requirement: fast tests first, then end-to-end tests, which run only if the fast tests pass. */
function testGroupsFor(requirement: RequirementId): SecurityTest[][] {
  const matching = securityTests.filter(({ requirementIds }) => requirementIds.includes(requirement));
  return [matching.filter((test) => !isEndToEnd(test)), matching.filter(isEndToEnd)].filter(
    (tests) => tests.length > 0,
  );
}

/** Applies a mutation. Returns a function that restores the file. */
function applyMutation(folder: string, mutation: SecurityMutation): () => void {
  const path = join(folder, mutation.file);
  const before = readFileSync(path, 'utf8');
  writeFileSync(path, applyReplacements(mutation, before));
  return () => writeFileSync(path, before);
}

/** Why tests cannot judge a mutation: one of them fails, or does not run, without it. Undefined if all pass. */
function findObstacle(folder: string, tests: readonly SecurityTest[]): string | undefined {
  const { entries, log } = runTests(folder, tests);
  const result = judgeMutation(tests, entries);
  if (result.kind !== 'survived') return `fails without a mutation: ${result.reason}\n${log.slice(-3_000)}`;
  const files = entries.filter((entry) => entry.kind === 'file');
  const missing = tests.filter(
    (test) => !files.some(({ file, tests: results }) => results.some((result) => isTestOf(test, file, result))),
  );
  return missing.length === 0 ? undefined : `did not run: ${missing.map(({ title }) => title).join(', ')}`;
}

/**
 * The result of the first tests that detect a mutation, or of the last ones if it survives. `obstacles`: by group of
 * tests, what `findObstacle` returned.
 */
function runMutation(
  folder: string,
  mutation: SecurityMutation,
  obstacles: Map<string, string | undefined>,
): MutationResult {
  let result: MutationResult = { kind: 'survived' };
  for (const tests of testGroupsFor(mutation.requirement)) {
    const groupKey = JSON.stringify(tests);
    if (!obstacles.has(groupKey)) obstacles.set(groupKey, findObstacle(folder, tests));
    const obstacle = obstacles.get(groupKey);
    if (obstacle !== undefined) return { kind: 'invalid', reason: obstacle };
    const restore = applyMutation(folder, mutation);
    result = judgeMutation(tests, runTests(folder, tests).entries);
    restore();
    if (result.kind !== 'survived') return result;
  }
  return result;
}

/** The fast tests of the selected requirements that no mutation made fail. */
function findIdleTests(selected: readonly SecurityMutation[], failedTests: ReadonlySet<SecurityTest>): string[] {
  const requirements = new Set(selected.map(({ requirement }) => requirement));
  return securityTests
    .filter((test) => !isEndToEnd(test) && !failedTests.has(test))
    .filter(({ requirementIds }) => requirementIds.some((id) => requirements.has(id as RequirementId)))
    .map(({ file, title, requirementIds }) => `  ${requirementIds.join(', ')}  ${file}: ${title}`);
}

function run(filter: string | undefined): number {
  const selected = securityMutations.filter(
    ({ requirement, description }) => filter === undefined || requirement === filter || description.includes(filter),
  );
  const folder = mkdtempSync(join(tmpdir(), 'session-desk-mutations-'));
  const failedTests = new Set<SecurityTest>();
  const count = { killed: 0, survived: 0, invalid: 0 };
  try {
    cpSync(projectFolder, folder, { recursive: true, filter: (source) => !excludedEntries.includes(basename(source)) });
    symlinkSync(join(projectFolder, 'node_modules'), join(folder, 'node_modules'), 'junction');
    const obstacles = new Map<string, string | undefined>();
    for (const mutation of selected) {
      const result = runMutation(folder, mutation, obstacles);
      count[result.kind] += 1;
      if (result.kind === 'killed') for (const test of result.tests) failedTests.add(test);
      const reason = result.kind === 'survived' ? '' : `: ${result.reason}`;
      process.stdout.write(`${result.kind.padEnd(8)}  ${mutation.requirement}  ${mutation.description}${reason}\n`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const uncovered = Object.keys(securityRequirements).filter(
    (id) => !securityMutations.some(({ requirement }) => requirement === id),
  );
  const idle = findIdleTests(selected, failedTests);
  process.stdout.write(
    `\n${selected.length} mutations, ${count.killed} killed, ${count.survived} survived, ${count.invalid} invalid.\n`,
  );
  process.stdout.write(`Requirements without a mutation: ${uncovered.join(', ') || 'none'}.\n`);
  process.stdout.write(`Tests that no mutation made fail: ${idle.length === 0 ? 'none.' : `\n${idle.join('\n')}`}\n`);
  return selected.length > 0 && count.survived + count.invalid + uncovered.length === 0 ? 0 : 1;
}

process.exitCode = run(process.argv[2]);
