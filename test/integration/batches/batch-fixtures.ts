/** Fixtures for tests of running batches: tracked sessions of the simulator, plans and confirmed batches. */
import { onTestFinished } from 'vitest';
import type { Batch, Connection, ProviderName, Session } from '../../../src-main/contract/index.ts';
import type { App, AppOptions } from '../../../src-main/core/index.ts';
import {
  addConnections,
  createTempFolder,
  sessionPageInput,
  memoryKeychain,
  openTestApp,
  reason,
} from '../../support/app.ts';
import type { SpawnedSimulator } from '../../support/spawn-simulator.ts';
import { importSessions, isInState, waitForBatch } from './plan-fixtures.ts';

export interface BatchFixture {
  readonly dataFolder: string;
  readonly keychain: ReturnType<typeof memoryKeychain>;
  readonly app: App;
  readonly connections: Record<ProviderName, Connection>;
}

/** An app with connections to both simulated accounts. By default a confirmed batch starts without delay. */
export async function setupBatch(
  simulator: SpawnedSimulator,
  options: Partial<AppOptions> = {},
): Promise<BatchFixture> {
  const { dataFolder = createTempFolder(), ...rest } = options;
  const keychain = memoryKeychain();
  const app = await openTestApp({ startDelayMs: 0, keychain, dataFolder, ...rest });
  onTestFinished(() => app.close());
  return { dataFolder, keychain, app, connections: await addConnections(app, simulator) };
}

/** Creates `count` active sessions at the provider and imports them in one transaction. Returns them oldest first. */
export async function createTrackedSessions(
  simulator: SpawnedSimulator,
  app: App,
  connection: Connection,
  count: number,
): Promise<Session[]> {
  const provider = connection.options.provider;
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1)
    ids.push((await simulator.control('addSession', { connection: provider })).id);
  await importSessions(
    app,
    connection,
    ids.map((id) => ({ id, status: 'active' })),
    provider === 'flinks' ? 'geft' : 'payment_session',
  );
  const { rows } = await app.handlers['sessions.list'](sessionPageInput({ connectionIds: [connection.id] }));
  return ids.flatMap((id) => rows.find((row) => row.id === id) ?? []);
}

export function setRateLimit(
  { app }: Pick<BatchFixture, 'app'>,
  { id }: Connection,
  perSecond: number,
  maxInFlight: number,
) {
  return app.handlers['rateLimits.change']({ connectionId: id, perSecond, maxInFlight });
}

/** Creates and confirms a plan of these sessions. */
export async function planAndConfirm(app: App, sessions: readonly Session[]): Promise<Batch> {
  const { id } = await app.handlers['batches.plan']({ sessionKeys: sessions.map(({ key }) => key) });
  const { digest, eligible, requiresTypedCount } = await waitForBatch(app, id, isInState('planned'));
  return await app.handlers['batches.confirm']({
    batchId: id,
    digest: digest ?? '',
    reason,
    typedCount: requiresTypedCount ? eligible : null,
  });
}

export const isFinished = isInState('finished');
/** Whether no cancellation of the batch is in progress. */
export const hasNothingInFlight = ({ outcomeCounts }: Batch): boolean =>
  (outcomeCounts.intended ?? 0) + (outcomeCounts.sent ?? 0) === 0;

/** The IDs of the cancel requests, in the order in which they reached the provider. */
export async function receivedCancelIds(simulator: SpawnedSimulator): Promise<string[]> {
  return (await simulator.readLog()).flatMap((record) => (record.kind === 'cancel_received' ? [record.id] : []));
}

/** Resolves when `count` cancel requests have reached the provider. */
export async function waitForCancelRequests(simulator: SpawnedSimulator, count: number): Promise<void> {
  await simulator.waitForRecord(({ kind }) => kind === 'cancel_received', count);
}

/**
 * Holds the responses to cancel requests, to all or to the first `times`, until `releaseResponses`. A held request has
 * reached the provider and is processed when it is released.
 */
export async function holdCancelResponses(simulator: SpawnedSimulator, times?: number): Promise<void> {
  const rule = { route: 'cancel', fault: 'latency', delayMs: 600_000 } as const;
  await simulator.control('setFaults', [{ ...rule, ...(times !== undefined && { times }) }]);
}

export async function releaseResponses(simulator: SpawnedSimulator): Promise<void> {
  await simulator.control('setFaults', []);
}
