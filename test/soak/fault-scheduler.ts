/** Random events while a batch runs: provider faults, operator actions and kills. */
import type { Batch, Session } from '../../src-main/contract/index.ts';
import { faultKinds, faultDefinitions, type FaultRule, type RouteKind } from '../../src-main/core/simulator/index.ts';
import { randomInteger, pick, pickWeighted, type RandomSource } from '../../src-main/core/simulator/random.ts';
import { reason } from '../support/app.ts';
import type { SoakEnvironment } from './batch-environment.ts';

/** One to six rules, each rare enough that a batch can finish. */
export function randomFaultRules(random: RandomSource): FaultRule[] {
  return Array.from({ length: randomInteger(random, 1, 6) }, (): FaultRule => {
    const route = pickWeighted<RouteKind>(random, [
      ['cancel', 6],
      ['read', 3],
      ['authorize', 2],
    ]);
    const fault = pick(
      random,
      faultKinds.filter((kind) => (faultDefinitions[kind].routes as readonly RouteKind[]).includes(route)),
    );
    return {
      route,
      fault,
      probability: 0.005 + 0.06 * random(),
      delayMs: randomInteger(random, 5, 50),
      waitSeconds: 0.05 + 0.3 * random(),
      ...(random() < 0.3 && { provider: pick(random, ['flinks', 'xendit'] as const) }),
      ...(faultDefinitions[fault].processed !== null && random() < 0.7 && { processed: random() < 0.5 }),
    };
  });
}

/** Error codes that are expected if the batch changed in the meantime. */
const conflictCodes = ['batch_refused', 'session_final', 'cancellation_running'];
async function ignoreConflicts(call: Promise<unknown>): Promise<void> {
  await call.catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && conflictCodes.includes(String(error.code)))) throw error;
  });
}

/** Resumes connections and batches that paused automatically or were interrupted. */
export async function resumeStoppedBatch(environment: SoakEnvironment, batch: Batch): Promise<void> {
  for (const { connectionId, issue } of await environment.call('rateLimits.list', {})) {
    if (issue) await environment.call('batches.resumeConnection', { connectionId });
  }
  const isIdle = (batch.outcomeCounts.intended ?? 0) + (batch.outcomeCounts.sent ?? 0) === 0;
  if (batch.state === 'paused' && isIdle)
    await ignoreConflicts(environment.call('batches.resume', { batchId: batch.id }));
  // After a kill the app reads unknown items back. Resuming before that ends is valid too, so it happens sometimes.
  if (batch.state === 'interrupted' && (isIdle || environment.random() < 0.1))
    await ignoreConflicts(environment.call('batches.resume', { batchId: batch.id }));
  if (batch.state === 'running' && batch.issue)
    await ignoreConflicts(environment.call('batches.resume', { batchId: batch.id }));
}

type FaultAction = (environment: SoakEnvironment, batch: Batch) => Promise<void>;

const weightedActions: readonly (readonly [FaultAction, number])[] = [
  [
    async (environment) =>
      environment.simulator.control(
        'setFaults',
        randomFaultRules(environment.random),
        randomInteger(environment.random, 1, 1_000_000),
      ),
    4,
  ],
  [(environment, { id }) => ignoreConflicts(environment.call('batches.pause', { batchId: id })), 3],
  [(environment) => environment.setRateLimits(), 3],
  [cancelManually, 4],
  [changeSessionStates, 4],
  [checkUnknownItems, 2],
  [
    async (environment) => {
      if (environment.killCount < 3) await environment.killAndRestart();
    },
    2,
  ],
  [
    async (environment, { id }) => {
      if (environment.random() < 0.1) await ignoreConflicts(environment.call('batches.stop', { batchId: id }));
    },
    2,
  ],
  [async () => undefined, 8],
];

export async function runRandomAction(environment: SoakEnvironment, batch: Batch): Promise<void> {
  await pickWeighted(environment.random, weightedActions)(environment, batch);
}

async function cancelManually(environment: SoakEnvironment): Promise<void> {
  for (let count = randomInteger(environment.random, 1, 3); count > 0; count -= 1) {
    const session: Session = pick(environment.random, environment.sessions);
    environment.manuallyCancelledIds.add(session.id);
    environment.callInBackground('cancellations.request', { sessionKey: session.key, reason });
  }
}

/** Changes sessions at the provider without the app. */
async function changeSessionStates(environment: SoakEnvironment): Promise<void> {
  const { random, simulator } = environment;
  for (let count = randomInteger(random, 1, 5); count > 0; count -= 1) {
    await simulator.control(
      'setState',
      pick(random, environment.sessions).id,
      pick(random, ['completed', 'expired', 'in_progress']),
      'active',
    );
  }
}

async function checkUnknownItems(environment: SoakEnvironment, { id }: Batch): Promise<void> {
  const { rows } = await environment.call('batches.listItems', {
    batchId: id,
    filter: { eligibility: null, outcomes: ['unknown'], connectionId: null, search: '' },
    after: 0,
    skip: 0,
    limit: 3,
  });
  for (const { cancellationId } of rows)
    if (cancellationId) environment.callInBackground('cancellations.check', { cancellationId });
}
