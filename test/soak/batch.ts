/** Runs batches against the simulated providers while everything goes wrong, and compares every outcome with what really happened. */
import { availableParallelism } from 'node:os';
import { setTimeout as pass } from 'node:timers/promises';
import PQueue from 'p-queue';
import type { Batch } from '../../src-main/contract/index.ts';
import { randomInteger, createRandomStream } from '../../src-main/core/simulator/random.ts';
import { randomFaultRules, resumeStoppedBatch, runRandomAction } from './fault-scheduler.ts';
import { endedStates, SoakEnvironment } from './batch-environment.ts';
import { compareWithProvider } from './batch-oracle.ts';
import type { SoakTest } from './soak-test.ts';

export const batchSoak: SoakTest = {
  name: 'batches',
  defaultRounds: 300,
  run: (seed, rounds) => runBatchRounds(seed, rounds, [200, 2_000]),
};

/** Several rounds at the same time, each a whole world of its own: most of a round is waiting for what was made slow. */
export async function* runBatchRounds(
  seed: number,
  rounds: number,
  size: readonly [least: number, most: number],
): AsyncGenerator<string> {
  const queue = new PQueue({ concurrency: 2 * availableParallelism() });
  const running = Array.from({ length: rounds }, (_, at) =>
    queue.add(() =>
      runBatchRound(seed + at, size).catch((error: unknown) => {
        throw new Error(`seed ${seed + at}: ${error instanceof Error ? error.message : String(error)}`);
      }),
    ),
  );
  // Each is looked at in its turn.
  for (const round of running) round.catch(() => undefined);
  try {
    for (const round of running) yield await round;
  } finally {
    queue.clear();
  }
}

/** One round; throws where a promise was broken. */
export async function runBatchRound(seed: number, [least, most]: readonly [number, number]): Promise<string> {
  const random = createRandomStream(seed, 0);
  const stage = await SoakEnvironment.open(seed, random, randomInteger(random, least, most));
  try {
    const ids = await runBatches(stage);
    await resolveRemaining(stage, ids);
    const counted = new Map<string, Batch>();
    for (const id of ids) counted.set(id, await stage.call('batches.get', { batchId: id }));
    const verdict = await stage.call('audit.verify', {});
    if (verdict.result !== 'intact') throw new Error(`The log does not verify: ${JSON.stringify(verdict)}`);
    await stage.closeApp();
    const { eligible, cancelled } = await compareWithProvider(stage, counted);
    return `seed ${seed}: ${stage.sessions.length} sessions, ${counted.size} batches, ${eligible} asked for, ${cancelled} cancelled, ${stage.killCount} kills`;
  } finally {
    await stage.dispose();
  }
}

/** One batch or two, until they have ended. */
async function runBatches(stage: SoakEnvironment): Promise<string[]> {
  const { random, simulator } = stage;
  const ids = [(await stage.confirmWhenPlanned(stage.call('batches.plan', stage.randomSelection()))).id];
  await simulator.control('setFaults', randomFaultRules(random), randomInteger(random, 1, 1_000_000));
  let second = random() < 0.3 ? randomInteger(random, 1, 10) : 0;
  await stage.waitUntil('all batches have ended', async () => {
    await pass(randomInteger(random, 5, 150));
    const open = await findOpenBatches(stage, ids);
    for (const batch of open) {
      await resumeStoppedBatch(stage, batch);
      await runRandomAction(stage, batch);
    }
    second -= 1;
    if (second === 0) {
      ids.push((await stage.confirmWhenPlanned(stage.call('batches.plan', stage.randomSelection()))).id);
      return null;
    }
    return open.length === 0 && second < 0 ? true : null;
  });
  return ids;
}

/** The faults end; what is not known, then what failed, is asked for once more. */
async function resolveRemaining(stage: SoakEnvironment, ids: string[]): Promise<void> {
  const { simulator, random } = stage;
  await simulator.control('setFaults', []);
  await simulator.control('updateConfig', { flinks: { supportsETransferCancel: true } });
  // Nobody can cancel, or say anything of, what the provider itself calls by a word that nobody knows.
  for (const { id, state } of await simulator.control('listSessions'))
    if (state === 'unknown') await simulator.control('setState', id, random() < 0.5 ? 'active' : 'completed');
  await stage.restartWithLongTimeouts();
  await stage.setRateLimits(true);
  for (const { id } of Object.values(stage.connections ?? {}))
    await stage.call('batches.resumeConnection', { connectionId: id });
  for (const only of ['unknown', 'failed'] as const) {
    for (const of of [...ids]) {
      const retried = await retryBatch(stage, of, only);
      if (retried) ids.push(retried);
    }
  }
}

/** What became of a batch and is to be asked for again, as a batch that is carried to its end; null where there is none. */
async function retryBatch(stage: SoakEnvironment, of: string, only: 'unknown' | 'failed'): Promise<string | null> {
  try {
    const { id } = await stage.confirmWhenPlanned(stage.call('batches.planRetry', { batchId: of, only }));
    await stage.waitUntil('the retry has ended', async () => {
      const open = await findOpenBatches(stage, [id]);
      for (const batch of open) await resumeStoppedBatch(stage, batch);
      return open.length === 0 ? true : null;
    });
    return id;
  } catch (error) {
    // Nothing is left of it, or all of it turned out final since.
    if (error instanceof Error && 'code' in error && error.code === 'plan_empty') return null;
    throw error;
  }
}

async function findOpenBatches(stage: SoakEnvironment, ids: readonly string[]): Promise<Batch[]> {
  const all = await Promise.all(ids.map((batchId) => stage.call('batches.get', { batchId })));
  return all.filter(({ state }) => !endedStates.includes(state));
}
