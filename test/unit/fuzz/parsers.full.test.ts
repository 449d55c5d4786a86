import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { seed } from '../../support/suite.ts';

const script = fileURLToPath(new URL('../../fuzz/run.ts', import.meta.url));
const runFile = promisify(execFile);

const fuzzResult = z.object({
  executions: z.number(),
  perSecond: z.number(),
  newInputs: z.number(),
  files: z.array(z.object({ file: z.string(), reachedShare: z.number() })),
  failure: z.object({ input: z.string(), error: z.string() }).nullable(),
});

/** Runs the fuzzer in a process of its own, because the coverage of Vitest would be counted too. */
async function fuzz(target: string, executions: number, ...options: string[]) {
  const args = [script, target, String(executions), String(seed), ...options];
  // Exit code 1: an input broke a promise. The result is printed too.
  const { stdout } = await runFile(process.execPath, args).catch((error: unknown) => {
    const output = (error as { stdout?: string }).stdout;
    if (!output) throw error;
    return { stdout: output };
  });
  return fuzzResult.parse(JSON.parse(stdout));
}

describe('coverage-guided fuzzing', () => {
  it.each([
    { target: 'csv', executions: 30_000, minShare: 0.9 },
    { target: 'json-array', executions: 40_000, minShare: 0.9 },
    { target: 'json-lines', executions: 40_000, minShare: 0.7 },
    { target: 'zip', executions: 60_000, minShare: 0.95 },
    { target: 'proxy', executions: 60_000, minShare: 0.9 },
    // The rest of the file reads the table and keeps results.
    { target: 'socket-table', executions: 60_000, minShare: 0.5 },
  ])('fuzzing: no input breaks a promise of $target', async ({ target, executions, minShare }) => {
    const result = await fuzz(target, executions);
    expect(result.failure).toBeNull();
    expect(result.executions).toBeGreaterThanOrEqual(executions);
    // The executions went through the parser, and the coverage was measured.
    expect(result.files[0]?.reachedShare).toBeGreaterThan(minShare);
  });

  it('fuzzing: finds a planted fault by coverage, and not without it', async () => {
    const guided = await fuzz('planted-fault', 1_000_000);
    expect(guided.failure).toEqual({ input: 'v7=qK~', error: 'Error: This is the planted fault.' });
    expect(guided.newInputs).toBe(5);
    const blind = await fuzz('planted-fault', guided.executions, '--blind');
    expect(blind.failure).toBeNull();
    expect(blind.executions).toBeGreaterThanOrEqual(guided.executions);
  });
});
