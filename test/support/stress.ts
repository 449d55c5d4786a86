/**
 * `npm run test:stress -- [ROUNDS] [PHASE…] [FILE…] [-t TITLE]` repeats a test run beside load on every core, on the
 * disk and on memory, each round with another seed. Ten rounds by default. Prints the seed of each round that failed.
 */
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { availableParallelism, freemem, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker, isMainThread, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { runCommand } from './run-command.ts';
import { seed } from './suite.ts';

const loadOptions = z.strictObject({ kind: z.enum(['cpu', 'disk', 'memory']), folder: z.string() });
type LoadOptions = z.infer<typeof loadOptions>;
const blockBytes = 64 * 2 ** 20;
const maxMemoryBytes = 4 * 2 ** 30;

/** Runs until its thread is terminated. */
function runLoad({ kind, folder }: LoadOptions): never {
  if (kind === 'cpu') for (let number = 1; ; number = (number * 31) % 1_000_003);
  if (kind === 'disk') {
    const block = Buffer.alloc(blockBytes, 7);
    for (;;) {
      const file = openSync(join(folder, 'load'), 'w');
      writeSync(file, block);
      fsyncSync(file);
      closeSync(file);
    }
  }
  // Half of the memory that is free at the start. Every page is written again and again.
  const count = Math.floor(Math.min(freemem() / 2, maxMemoryBytes) / blockBytes);
  const blocks = Array.from({ length: count }, () => Buffer.alloc(blockBytes));
  for (let value = 0; ; value = (value + 1) % 256) for (const block of blocks) block.fill(value);
}

async function runRounds(rounds: number, testArgs: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'session-desk-stress-'));
  const kinds: LoadOptions['kind'][] = [...Array.from({ length: availableParallelism() }, () => 'cpu' as const)];
  kinds.push('disk', 'memory');
  const threads = kinds.map((kind) => new Worker(new URL(import.meta.url), { workerData: { kind, folder } }));
  const failedSeeds: number[] = [];
  try {
    for (let round = 0; round < rounds; round += 1) {
      console.log(`\nRound ${round + 1} of ${rounds}, beside load: ${kinds.join(', ')}\n`);
      const command = [process.execPath, 'test/support/run.ts', ...testArgs];
      if (!(await runCommand(command, { env: { SEED: String(seed + round) } }))) failedSeeds.push(seed + round);
    }
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  for (const failedSeed of failedSeeds) console.log(`Failed: SEED=${failedSeed} npm test -- ${testArgs.join(' ')}`);
  console.log(`\n${rounds - failedSeeds.length} rounds passed, ${failedSeeds.length} rounds failed`);
  process.exitCode = failedSeeds.length === 0 ? 0 : 1;
}

if (isMainThread) {
  const args = process.argv.slice(2);
  const hasCount = /^\d+$/.test(args[0] ?? '');
  await runRounds(hasCount ? Number(args[0]) : 10, hasCount ? args.slice(1) : args);
} else {
  runLoad(loadOptions.parse(workerData));
}
