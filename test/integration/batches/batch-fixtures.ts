/** What the tests of a running batch share: sessions of the simulator, tracked and planned, and the batch as it is pushed. */
import { onTestFinished } from 'vitest';
import type { Batch, Connection, ProviderName, Session } from '../../../src-main/contract/index.ts';
import type { Desk, DeskOptions } from '../../../src-main/core/index.ts';
import type { LogRecord } from '../../../src-main/core/simulator/index.ts';
import { connect, freshFolder, listed, memoryKeychain, openTestDesk, reason } from '../../support/app.ts';
import type { SpawnedSimulator } from '../../support/spawn-simulator.ts';
import { importLines, inState, until } from './plan-fixtures.ts';

export interface Floor {
  readonly dataFolder: string;
  readonly keychain: ReturnType<typeof memoryKeychain>;
  readonly desk: Desk;
  readonly connections: Record<ProviderName, Connection>;
}

/** A console that is connected to both simulated accounts and confirms without delay, unless told otherwise. */
export async function floor(simulator: SpawnedSimulator, options: Partial<DeskOptions> = {}): Promise<Floor> {
  const { dataFolder = freshFolder(), ...rest } = options;
  const keychain = memoryKeychain();
  const desk = await openTestDesk({ armedMs: 0, keychain, dataFolder, ...rest });
  onTestFinished(() => desk.close());
  return { dataFolder, keychain, desk, connections: await connect(desk, simulator) };
}

/** Makes so many active sessions at the provider and imports them, in one transaction; oldest first. */
export async function tracked(
  simulator: SpawnedSimulator,
  desk: Desk,
  connection: Connection,
  count: number,
): Promise<Session[]> {
  const provider = connection.options.provider;
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1)
    ids.push((await simulator.control('addSession', { connection: provider })).id);
  await importLines(
    desk,
    connection,
    ids.map((id) => ({ id, status: 'active' })),
    provider === 'flinks' ? 'geft' : 'payment_session',
  );
  const { rows } = await desk.handlers['sessions.page'](listed({ connectionIds: [connection.id] }));
  return ids.flatMap((id) => rows.find((row) => row.id === id) ?? []);
}

export function setPace({ desk }: Pick<Floor, 'desk'>, { id }: Connection, perSecond: number, inFlight: number) {
  return desk.handlers['pace.change']({ connectionId: id, perSecond, inFlight });
}

/** The plan of these sessions, made and confirmed. */
export async function confirmed(desk: Desk, sessions: readonly Session[]): Promise<Batch> {
  const { id } = await desk.handlers['batches.plan']({ sessionKeys: sessions.map(({ key }) => key) });
  const { digest, asked, needsCount } = await until(desk, id, inState('planned'));
  return await desk.handlers['batches.confirm']({
    batchId: id,
    digest: digest ?? '',
    reason,
    typedCount: needsCount ? asked : null,
  });
}

export const finished = inState('finished');
/** Nothing of it is at a provider. */
export const still = ({ outcomes }: Batch): boolean => (outcomes.intended ?? 0) + (outcomes.sent ?? 0) === 0;

/** The ids that were asked to be cancelled, in the order in which that reached the provider. */
export async function asked(simulator: SpawnedSimulator): Promise<string[]> {
  return (await simulator.log()).flatMap((record) => (record.kind === 'cancel_received' ? [record.id] : []));
}

/** Resolves when so many cancel requests have reached the provider. */
export async function reached(simulator: SpawnedSimulator, count: number): Promise<void> {
  await simulator.record((record: LogRecord) => record.kind === 'cancel_received' && record.request >= count);
}
