/**
 * `npm test` runs all phases; `node test/support/run.ts unit integration` runs the named phases. The last line holds
 * the number of passed and failed tests. A phase that cannot run on this computer is reported as NOT RUN; with CI=true
 * it counts as one failure.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { installRequirements } from './system-requirements.ts';
import { selectPhases, reportFolder } from './phases.ts';
import type { TestPhase } from './phases.ts';
import type { TestCounts } from './test-report.ts';

const isCi = process.env['CI'] === 'true';
const phases = selectPhases(process.argv.slice(2));
rmSync(reportFolder, { recursive: true, force: true });

const print = (line: string) => process.stdout.write(`${line}\n`);
const phaseNames = phases.map(({ name }) => name).join(', ');
print(`Running ${phases.length} ${phases.length === 1 ? 'phase' : 'phases'}: ${phaseNames}`);
const missingRequirements = installRequirements(new Set(phases.flatMap((phase) => phase.requirements)));

/** Runs a phase unless a requirement is missing. */
async function runPhase(phase: TestPhase): Promise<TestCounts | { readonly notRun: string }> {
  const missingReason = phase.requirements
    .map((requirement) => missingRequirements.get(requirement))
    .find((reason) => reason !== undefined);
  return missingReason === undefined ? phase.run(join(reportFolder, `${phase.name}.json`)) : { notRun: missingReason };
}

const total: TestCounts = { passed: 0, failed: 0 };
const summary: string[] = [];

for (const [index, phase] of phases.entries()) {
  const label = `[${index + 1}/${phases.length}] ${phase.name}`;
  print(`\n${label}: ${phase.description}`);
  const startedAt = performance.now();
  const result = await runPhase(phase);
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  if ('notRun' in result) {
    print(`${label}: NOT RUN: ${result.notRun}`);
    summary.push(`${phase.name}: NOT RUN (${result.notRun})`);
    if (isCi) total.failed += 1;
  } else {
    const counts = `${result.passed} passed, ${result.failed} failed`;
    print(`${label}: ${counts} (${seconds} s)`);
    summary.push(`${phase.name}: ${counts}`);
    total.passed += result.passed;
    total.failed += result.failed;
  }
}

print(`\n${summary.join('\n')}\n\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
