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
  const environment = await SoakEnvironment.open(seed, random, randomInteger(random, minSessions, maxSessions));
  try {
    const ids = await runBatches(environment);
    await resolveRemaining(environment, ids);
    const counted = new Map<string, Batch>();
    for (const id of ids) counted.set(id, await environment.call('batches.get', { batchId: id }));
    const verification = await environment.call('audit.verify', {});
    if (verification.result !== 'intact')
      throw new Error(`The audit log is not intact: ${JSON.stringify(verification)}`);
    await environment.closeApp();
    const { eligible, cancelled } = await compareWithProvider(environment, counted);
    const sizes = `${environment.sessions.length} sessions, ${counted.size} batches`;
    return `seed ${seed}: ${sizes}, ${eligible} eligible, ${cancelled} cancelled, ${environment.killCount} kills`;
  } finally {
    await environment.dispose();
  }
}

/** Runs one or two batches until they have ended. */
async function runBatches(environment: SoakEnvironment): Promise<string[]> {
  const { random, simulator } = environment;
  const ids = [
    (await environment.confirmWhenPlanned(environment.call('batches.plan', environment.randomSelection()))).id,
  ];
  await simulator.control('setFaults', randomFaultRules(random), randomInteger(random, 1, 1_000_000));
  let stepsUntilSecondBatch = random() < 0.3 ? randomInteger(random, 1, 10) : 0;
  await environment.waitUntil('all batches have ended', async () => {
    await pass(randomInteger(random, 5, 150));
    const open = await findOpenBatches(environment, ids);
    for (const batch of open) {
      await resumeStoppedBatch(environment, batch);
      await runRandomAction(environment, batch);
    }
    stepsUntilSecondBatch -= 1;
    if (stepsUntilSecondBatch === 0) {
      ids.push(
        (await environment.confirmWhenPlanned(environment.call('batches.plan', environment.randomSelection()))).id,
      );
      return null;
    }
    return open.length === 0 && stepsUntilSecondBatch < 0 ? true : null;
  });
  return ids;
}

/** Turns faults off and retries first the unknown, then the failed sessions. */
async function resolveRemaining(environment: SoakEnvironment, ids: string[]): Promise<void> {
  const { simulator, random } = environment;
  await simulator.control('setFaults', []);
  await simulator.control('updateConfig', { flinks: { supportsETransferCancel: true } });
  // A session with an unrecognized provider status has no determined outcome, so its status is replaced.
  for (const { id, state } of await simulator.control('listSessions'))
    if (state === 'unknown') await simulator.control('setState', id, random() < 0.5 ? 'active' : 'completed');
  await environment.restartWithLongTimeouts();
  await environment.setRateLimits(true);
  for (const { id } of Object.values(environment.connections ?? {}))
    await environment.call('batches.resumeConnection', { connectionId: id });
  for (const only of ['unknown', 'failed'] as const) {
    for (const batchId of [...ids]) {
      const retried = await retryBatch(environment, batchId, only);
      if (retried) ids.push(retried);
    }
  }
}

/** Runs a retry of a batch to its end and returns its ID, or null if there is nothing to retry. */
async function retryBatch(
  environment: SoakEnvironment,
  batchId: string,
  only: 'unknown' | 'failed',
): Promise<string | null> {
  try {
    const { id } = await environment.confirmWhenPlanned(environment.call('batches.planRetry', { batchId, only }));
    await environment.waitUntil('the retry has ended', async () => {
      const open = await findOpenBatches(environment, [id]);
      for (const batch of open) await resumeStoppedBatch(environment, batch);
      return open.length === 0 ? true : null;
    });
    return id;
  } catch (error) {
    // The retry has no sessions, or all of them have become final.
    if (error instanceof Error && 'code' in error && error.code === 'plan_empty') return null;
    throw error;
  }
}

async function findOpenBatches(environment: SoakEnvironment, ids: readonly string[]): Promise<Batch[]> {
  const all = await Promise.all(ids.map((batchId) => environment.call('batches.get', { batchId })));
  return all.filter(({ state }) => !endedStates.includes(state));
}
