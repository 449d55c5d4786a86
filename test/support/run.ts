/**
 * `npm test`: every phase, or those that are named (`node test/support/run.ts unit integration`), and at the end one line
 * that says how many tests passed and failed. A phase that cannot run on this machine is named as NOT RUN; with CI=true
 * that is a failure.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { installRequirements } from './system-requirements.ts';
import { selectPhases, reportFolder } from './phases.ts';
import type { TestCounts } from './test-report.ts';

const isCi = process.env['CI'] === 'true';
const phases = selectPhases(process.argv.slice(2));
rmSync(reportFolder, { recursive: true, force: true });

const missingRequirements = installRequirements(new Set(phases.flatMap((phase) => phase.requirements)));
const total: TestCounts = { passed: 0, failed: 0 };
const summary: string[] = [];

for (const phase of phases) {
  const obstacle = phase.requirements
    .map((need) => missingRequirements.get(need))
    .find((reason) => reason !== undefined);
  process.stdout.write(`\n── ${phase.name} ${'─'.repeat(Math.max(0, 76 - phase.name.length))}\n`);
  const result =
    obstacle === undefined ? await phase.run(join(reportFolder, `${phase.name}.json`)) : { notRun: obstacle };
  if ('notRun' in result) {
    process.stdout.write(`NOT RUN: ${result.notRun}\n`);
    summary.push(`${phase.name}: NOT RUN (${result.notRun})`);
    if (isCi) total.failed += 1;
  } else {
    summary.push(`${phase.name}: ${result.passed} passed, ${result.failed} failed`);
    total.passed += result.passed;
    total.failed += result.failed;
  }
}

process.stdout.write(`\n${summary.join('\n')}\n\n${total.passed} passed, ${total.failed} failed\n`);
process.exitCode = total.failed === 0 ? 0 : 1;
