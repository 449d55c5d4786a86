/** What happens at random while a batch runs: the provider's faults, the operator's doings, and kills. */
import type { Batch, Session } from '../../src-main/contract/index.ts';
import { faultKinds, faultTable, type FaultRule, type RouteKind } from '../../src-main/core/simulator/index.ts';
import { between, pick, pickWeighted, type Random } from '../../src-main/core/simulator/random.ts';
import { reason } from '../support/app.ts';
import type { Stage } from './batch-environment.ts';

/** Some rules at a time, each seldom enough that a batch gets through. */
export function drawFaults(random: Random): FaultRule[] {
  return Array.from({ length: between(random, 1, 6) }, (): FaultRule => {
    const route = pickWeighted<RouteKind>(random, [
      ['cancel', 6],
      ['read', 3],
      ['authorize', 2],
    ]);
    const fault = pick(
      random,
      faultKinds.filter((kind) => (faultTable[kind].on as readonly RouteKind[]).includes(route)),
    );
    return {
      route,
      fault,
      probability: 0.005 + 0.06 * random(),
      delayMs: between(random, 5, 50),
      waitSeconds: 0.05 + 0.3 * random(),
      ...(random() < 0.3 && { provider: pick(random, ['flinks', 'xendit'] as const) }),
      ...(faultTable[fault].processed !== null && random() < 0.7 && { processed: random() < 0.5 }),
    };
  });
}

/** What may be refused because the batch went on meanwhile. */
const tooLate = ['batch_refused', 'session_final', 'cancellation_running'];
async function unlessTooLate(asked: Promise<unknown>): Promise<void> {
  await asked.catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && tooLate.includes(String(error.code)))) throw error;
  });
}

/** Whatever stopped by itself, or was interrupted, goes on as an operator would have it. */
export async function helpOn(stage: Stage, batch: Batch): Promise<void> {
  for (const { connectionId, trouble } of await stage.call('pace.list', {})) {
    if (trouble) await stage.call('batches.resumeConnection', { connectionId });
  }
  const isStill = (batch.outcomes.intended ?? 0) + (batch.outcomes.sent ?? 0) === 0;
  if (batch.state === 'paused' && isStill) await unlessTooLate(stage.call('batches.resume', { batchId: batch.id }));
  // What a kill left is being read back; resuming before that is over is as good, and happens now and then.
  if (batch.state === 'interrupted' && (isStill || stage.random() < 0.1))
    await unlessTooLate(stage.call('batches.resume', { batchId: batch.id }));
  if (batch.state === 'running' && batch.trouble)
    await unlessTooLate(stage.call('batches.resume', { batchId: batch.id }));
}

type Act = (stage: Stage, batch: Batch) => Promise<void>;

const acts: readonly (readonly [Act, number])[] = [
  [
    async (stage) =>
      stage.simulator.control('setFaults', drawFaults(stage.random), between(stage.random, 1, 1_000_000)),
    4,
  ],
  [(stage, { id }) => unlessTooLate(stage.call('batches.pause', { batchId: id })), 3],
  [(stage) => stage.setPace(), 3],
  [cancelByHand, 4],
  [payerMoves, 4],
  [checkUnknown, 2],
  [
    async (stage) => {
      if (stage.kills < 3) await stage.killAndStart();
    },
    2,
  ],
  [
    async (stage, { id }) => {
      if (stage.random() < 0.1) await unlessTooLate(stage.call('batches.stop', { batchId: id }));
    },
    2,
  ],
  [async () => undefined, 8],
];

export async function someMischief(stage: Stage, batch: Batch): Promise<void> {
  await pickWeighted(stage.random, acts)(stage, batch);
}

async function cancelByHand(stage: Stage): Promise<void> {
  for (let count = between(stage.random, 1, 3); count > 0; count -= 1) {
    const session: Session = pick(stage.random, stage.sessions);
    stage.byHand.add(session.id);
    stage.begin('cancellations.request', { sessionKey: session.key, reason });
  }
}

/** Behind the console's back. */
async function payerMoves(stage: Stage): Promise<void> {
  const { random, simulator } = stage;
  for (let count = between(random, 1, 5); count > 0; count -= 1) {
    await simulator.control(
      'setState',
      pick(random, stage.sessions).id,
      pick(random, ['completed', 'expired', 'in_progress']),
      'active',
    );
  }
}

async function checkUnknown(stage: Stage, { id }: Batch): Promise<void> {
  const { rows } = await stage.call('batches.items', {
    batchId: id,
    filter: { verdict: null, outcomes: ['unknown'], connectionId: null, search: '' },
    after: 0,
    skip: 0,
    limit: 3,
  });
  for (const { cancellationId } of rows) if (cancellationId) stage.begin('cancellations.check', { cancellationId });
}
