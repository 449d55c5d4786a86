/** Runs batches against the simulated providers with random faults and compares every outcome with the providers. */
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

/** Runs several independent rounds at the same time, because a round mostly waits for delayed responses. */
export async function* runBatchRounds(
  seed: number,
  rounds: number,
  size: readonly [minSessions: number, maxSessions: number],
): AsyncGenerator<string> {
  const queue = new PQueue({ concurrency: 2 * availableParallelism() });
  const running = Array.from({ length: rounds }, (_, index) =>
    queue.add(() =>
      runBatchRound(seed + index, size).catch((error: unknown) => {
        throw new Error(`seed ${seed + index}: ${error instanceof Error ? error.message : String(error)}`);
      }),
    ),
  );
  // Prevents unhandled rejections. The loop below awaits each round.
  for (const round of running) round.catch(() => undefined);
  try {
    for (const round of running) yield await round;
  } finally {
    queue.clear();
  }
}

/** Runs one round. Throws if an invariant is broken. */
export async function runBatchRound(
  seed: number,
  [minSessions, maxSessions]: readonly [number, number],
): Promise<string> {
  const random = createRandomStream(seed, 0);
  const stage = await SoakEnvironment.open(seed, random, randomInteger(random, minSessions, maxSessions));
  try {
    const ids = await runBatches(stage);
    await resolveRemaining(stage, ids);
    const counted = new Map<string, Batch>();
    for (const id of ids) counted.set(id, await stage.call('batches.get', { batchId: id }));
    const verdict = await stage.call('audit.verify', {});
    if (verdict.result !== 'intact') throw new Error(`The audit log is not intact: ${JSON.stringify(verdict)}`);
    await stage.closeApp();
    const { eligible, cancelled } = await compareWithProvider(stage, counted);
    const sizes = `${stage.sessions.length} sessions, ${counted.size} batches`;
    return `seed ${seed}: ${sizes}, ${eligible} eligible, ${cancelled} cancelled, ${stage.killCount} kills`;
  } finally {
    await stage.dispose();
  }
}

/** Runs one or two batches until they have ended. */
async function runBatches(stage: SoakEnvironment): Promise<string[]> {
  const { random, simulator } = stage;
  const ids = [(await stage.confirmWhenPlanned(stage.call('batches.plan', stage.randomSelection()))).id];
  await simulator.control('setFaults', randomFaultRules(random), randomInteger(random, 1, 1_000_000));
  let stepsUntilSecondBatch = random() < 0.3 ? randomInteger(random, 1, 10) : 0;
  await stage.waitUntil('all batches have ended', async () => {
    await pass(randomInteger(random, 5, 150));
    const open = await findOpenBatches(stage, ids);
    for (const batch of open) {
      await resumeStoppedBatch(stage, batch);
      await runRandomAction(stage, batch);
    }
    stepsUntilSecondBatch -= 1;
    if (stepsUntilSecondBatch === 0) {
      ids.push((await stage.confirmWhenPlanned(stage.call('batches.plan', stage.randomSelection()))).id);
      return null;
    }
    return open.length === 0 && stepsUntilSecondBatch < 0 ? true : null;
  });
  return ids;
}

/** Turns faults off and retries first the unknown, then the failed sessions. */
async function resolveRemaining(stage: SoakEnvironment, ids: string[]): Promise<void> {
  const { simulator, random } = stage;
  await simulator.control('setFaults', []);
  await simulator.control('updateConfig', { flinks: { supportsETransferCancel: true } });
  // A session with an unrecognized provider status has no determined outcome, so its status is replaced.
  for (const { id, state } of await simulator.control('listSessions'))
    if (state === 'unknown') await simulator.control('setState', id, random() < 0.5 ? 'active' : 'completed');
  await stage.restartWithLongTimeouts();
  await stage.setRateLimits(true);
  for (const { id } of Object.values(stage.connections ?? {}))
    await stage.call('batches.resumeConnection', { connectionId: id });
  for (const only of ['unknown', 'failed'] as const) {
    for (const batchId of [...ids]) {
      const retried = await retryBatch(stage, batchId, only);
      if (retried) ids.push(retried);
    }
  }
}

/** Runs a retry of a batch to its end and returns its ID, or null if there is nothing to retry. */
async function retryBatch(stage: SoakEnvironment, batchId: string, only: 'unknown' | 'failed'): Promise<string | null> {
  try {
    const { id } = await stage.confirmWhenPlanned(stage.call('batches.planRetry', { batchId, only }));
    await stage.waitUntil('the retry has ended', async () => {
      const open = await findOpenBatches(stage, [id]);
      for (const batch of open) await resumeStoppedBatch(stage, batch);
      return open.length === 0 ? true : null;
    });
    return id;
  } catch (error) {
    // The retry has no sessions, or all of them have become final.
    if (error instanceof Error && 'code' in error && error.code === 'plan_empty') return null;
    throw error;
  }
}

async function findOpenBatches(stage: SoakEnvironment, ids: readonly string[]): Promise<Batch[]> {
  const all = await Promise.all(ids.map((batchId) => stage.call('batches.get', { batchId })));
  return all.filter(({ state }) => !endedStates.includes(state));
}
