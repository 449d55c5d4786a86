/** Runs batches against the simulated providers while everything goes wrong, and compares every outcome with what really happened. */
import { availableParallelism } from 'node:os';
import { setTimeout as pass } from 'node:timers/promises';
import PQueue from 'p-queue';
import type { Batch } from '../../src-main/contract/index.ts';
import { between, randomFor } from '../../src-main/core/simulator/random.ts';
import { drawFaults, helpOn, someMischief } from './fault-scheduler.ts';
import { endedStates, Stage } from './batch-environment.ts';
import { checkTruth } from './batch-oracle.ts';
import type { Soak } from './soak-test.ts';

export const batches: Soak = {
  name: 'batches',
  rounds: 300,
  run: (seed, rounds) => batchRounds(seed, rounds, [200, 2_000]),
};

/** Several rounds at the same time, each a whole world of its own: most of a round is waiting for what was made slow. */
export async function* batchRounds(
  seed: number,
  rounds: number,
  size: readonly [least: number, most: number],
): AsyncGenerator<string> {
  const queue = new PQueue({ concurrency: 2 * availableParallelism() });
  const running = Array.from({ length: rounds }, (_, at) =>
    queue.add(() =>
      batchRound(seed + at, size).catch((error: unknown) => {
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
export async function batchRound(seed: number, [least, most]: readonly [number, number]): Promise<string> {
  const random = randomFor(seed, 0);
  const stage = await Stage.open(seed, random, between(random, least, most));
  try {
    const ids = await play(stage);
    await settle(stage, ids);
    const counted = new Map<string, Batch>();
    for (const id of ids) counted.set(id, await stage.call('batches.get', { batchId: id }));
    const verdict = await stage.call('audit.verify', {});
    if (verdict.verdict !== 'intact') throw new Error(`The log does not verify: ${JSON.stringify(verdict)}`);
    await stage.closeDesk();
    const { asked, cancelled } = await checkTruth(stage, counted);
    return `seed ${seed}: ${stage.sessions.length} sessions, ${counted.size} batches, ${asked} asked for, ${cancelled} cancelled, ${stage.kills} kills`;
  } finally {
    await stage.end();
  }
}

/** One batch or two, until they have ended. */
async function play(stage: Stage): Promise<string[]> {
  const { random, simulator } = stage;
  const ids = [(await stage.confirmed(stage.call('batches.plan', stage.chosen()))).id];
  await simulator.control('setFaults', drawFaults(random), between(random, 1, 1_000_000));
  let second = random() < 0.3 ? between(random, 1, 10) : 0;
  await stage.until('all batches have ended', async () => {
    await pass(between(random, 5, 150));
    const open = await openOf(stage, ids);
    for (const batch of open) {
      await helpOn(stage, batch);
      await someMischief(stage, batch);
    }
    second -= 1;
    if (second === 0) {
      ids.push((await stage.confirmed(stage.call('batches.plan', stage.chosen()))).id);
      return null;
    }
    return open.length === 0 && second < 0 ? true : null;
  });
  return ids;
}

/** The faults end; what is not known, then what failed, is asked for once more. */
async function settle(stage: Stage, ids: string[]): Promise<void> {
  const { simulator, random } = stage;
  await simulator.control('setFaults', []);
  await simulator.control('setSwitches', { flinks: { eTransferCancel: true } });
  // Nobody can cancel, or say anything of, what the provider itself calls by a word that nobody knows.
  for (const { id, state } of await simulator.control('sessions'))
    if (state === 'unknown') await simulator.control('setState', id, random() < 0.5 ? 'active' : 'completed');
  await stage.startPatiently();
  await stage.setPace(true);
  for (const { id } of Object.values(stage.connections ?? {}))
    await stage.call('batches.resumeConnection', { connectionId: id });
  for (const only of ['unknown', 'failed'] as const) {
    for (const of of [...ids]) {
      const retried = await retry(stage, of, only);
      if (retried) ids.push(retried);
    }
  }
}

/** What became of a batch and is to be asked for again, as a batch that is carried to its end; null where there is none. */
async function retry(stage: Stage, of: string, only: 'unknown' | 'failed'): Promise<string | null> {
  try {
    const { id } = await stage.confirmed(stage.call('batches.planRetry', { batchId: of, only }));
    await stage.until('the retry has ended', async () => {
      const open = await openOf(stage, [id]);
      for (const batch of open) await helpOn(stage, batch);
      return open.length === 0 ? true : null;
    });
    return id;
  } catch (error) {
    // Nothing is left of it, or all of it turned out final since.
    if (error instanceof Error && 'code' in error && error.code === 'plan_empty') return null;
    throw error;
  }
}

async function openOf(stage: Stage, ids: readonly string[]): Promise<Batch[]> {
  const all = await Promise.all(ids.map((batchId) => stage.call('batches.get', { batchId })));
  return all.filter(({ state }) => !endedStates.includes(state));
}
