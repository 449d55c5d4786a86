import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { runCommand } from '../../support/run-command.ts';
import { parseReportLine, summarizeReport } from '../../support/test-report.ts';
import type { ReportEntry } from '../../support/test-report.ts';

const supportFolder = fileURLToPath(new URL('../../support/', import.meta.url));
const resultsFolder = fileURLToPath(new URL('../../../test-results/', import.meta.url));

/** Runs a tool on one test file. The file is inside the project, so that it can import the packages. */
async function runTool(fileName: string, source: string, toCommand: (folder: string) => readonly string[]) {
  mkdirSync(resultsFolder, { recursive: true });
  const folder = mkdtempSync(join(resultsFolder, 'reporters-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  writeFileSync(join(folder, fileName), source);
  const lines: string[] = [];
  const isSuccessful = await runCommand(toCommand(folder), { onLine: (line) => lines.push(line) });
  const entries: ReportEntry[] = lines.flatMap((line) => parseReportLine(line) ?? []);
  const { passed, failures } = summarizeReport('tool', entries, isSuccessful, lines);
  const file = `test-results/${folder.slice(resultsFolder.length)}/${fileName}`;
  return { passed, failures, file };
}

const runVitest = (source: string) =>
  runTool('sample.test.mjs', source, (folder) => [
    ...['vitest', 'run', '--root', folder, '--environment', 'node', '--globals'],
    ...['--reporter', join(supportFolder, 'reporters', 'vitest-reporter.ts')],
  ]);

const runPlaywright = (source: string) =>
  runTool('sample.spec.mjs', source, (folder) => {
    writeFileSync(
      join(folder, 'playwright.config.mjs'),
      `export default { respectGitIgnore: false, outputDir: 'output' };`,
    );
    const reporter = join(supportFolder, 'reporters', 'playwright-reporter.ts');
    return ['playwright', 'test', '--config', join(folder, 'playwright.config.mjs'), '--reporter', reporter];
  });

const body = `
  test('passes', () => {});
  test.describe('group', () => {
    test('fails', () => { expect(1).toBe(2); });
    test.skip('is left out', () => {});
  });
`;

it('reporter of Vitest: passed, failed and skipped tests have title, values and position', async () => {
  const { passed, failures, file } = await runVitest(body.replaceAll('test.describe', 'describe'));
  expect(passed).toBe(1);
  expect(failures.map(({ heading, title }) => [heading, title])).toEqual([
    [`${file} › group › fails`, 'fails'],
    [`${file} › group › is left out`, 'is left out'],
  ]);
  expect(failures[0]?.details).toMatch(/^AssertionError: expected 1 to be 2.*\n/);
  expect(failures[0]?.details).toContain(`  at ${file}:4:`);
});

it('reporter of Vitest: a file that cannot be loaded and a process that ends are failures', async () => {
  const broken = await runVitest(`import './missing.mjs'; ${body}`);
  expect(broken.failures.map(({ heading }) => heading)).toEqual([broken.file]);
  const killed = await runVitest(`test('ends the process', () => { process.kill(process.pid, 'SIGKILL'); });`);
  expect(killed.passed).toBe(0);
  expect(killed.failures.length).toBeGreaterThan(0);
});

it('reporter of Playwright: passed, failed and skipped tests have title, values and position', async () => {
  const { passed, failures, file } = await runPlaywright(`import { test, expect } from '@playwright/test'; ${body}`);
  expect(passed).toBe(1);
  expect(failures.map(({ heading, title }) => [heading, title])).toEqual([
    [`${file} › group › fails`, 'fails'],
    [`${file} › group › is left out`, 'is left out'],
  ]);
  expect(failures[0]?.details).toMatch(/Expected: 2\nReceived: 1/);
  expect(failures[1]?.details).toBe('The test was skipped.');
});

it('reporter of Playwright: a file that cannot be loaded is a failure', async () => {
  const { passed, failures } = await runPlaywright(`import './missing.mjs'; ${body}`);
  expect(passed).toBe(0);
  expect(failures.map(({ details }) => details).join()).toContain('missing.mjs');
});
