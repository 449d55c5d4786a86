/** Compares every outcome that the app reports with the event log of the simulator. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { eligibleForCancel, finalStatuses, type Batch, type SessionStatus } from '../../src-main/contract/index.ts';
import type { LogRecord, RecordedRequest, SimulatedSession } from '../../src-main/core/simulator/index.ts';
import type { BatchItemRow, CancellationRow } from '../../src-main/core/store/index.ts';
import type { SoakEnvironment } from './batch-environment.ts';

type CancelEffect = Extract<LogRecord, { kind: 'effect' }>;
type BatchItemRecord = BatchItemRow & { readonly batchId: string };

/** The actual state of one session at the provider. */
interface ActualState {
  readonly session: SimulatedSession;
  /** The time at which a cancel request of the app took effect. */
  readonly cancelledAt: string | null;
}

export async function compareWithProvider(
  environment: SoakEnvironment,
  batches: ReadonlyMap<string, Batch>,
): Promise<{ eligible: number; cancelled: number }> {
  const [log, recordedRequests, sessions] = [
    await environment.simulator.readLog(),
    await environment.simulator.control('listRequests'),
    await environment.simulator.control('listSessions'),
  ];
  const database = new DatabaseSync(join(environment.dataFolder, 'work', 'desk.sqlite'), { readOnly: true });
  try {
    const effects = groupBy(
      log.filter(
        (record): record is CancelEffect =>
          record.kind === 'effect' && record.by === 'request' && record.state === 'cancelled',
      ),
      ({ id }) => id,
    );
    const actualStates = new Map(
      sessions.map((session): [string, ActualState] => [
        session.id,
        { session, cancelledAt: effects.get(session.id)?.[0]?.at ?? null },
      ]),
    );
    const items = readItems(database);
    const cancellations = readCancellations(database);
    checkCancelEffects(effects, cancellations, actualStates);
    checkNoCancelOutsidePlan(log, items, environment.manuallyCancelledIds);
    checkRepeatedCancels(recordedRequests, log);
    for (const item of items) checkItem(item, cancellations, actualStateOf(actualStates, item.sessionId));
    checkCounts(items, batches);
    checkAuditRecords(database, items);
    checkNothingLeftActive(items, actualStates, cancellations);
    return { eligible: items.filter(isEligible).length, cancelled: effects.size };
  } finally {
    database.close();
  }
}

function isEligible({ verdict }: BatchItemRecord): boolean {
  return eligibleForCancel.some((value) => value === verdict);
}

function actualStateOf(actualStates: ReadonlyMap<string, ActualState>, id: string): ActualState {
  const actualState = actualStates.get(id);
  if (!actualState) throw new Error(`The simulator has no session ${id}`);
  return actualState;
}

/** Every effect belongs to exactly one cancellation with the state "cancelled", and the reverse. */
function checkCancelEffects(
  effects: ReadonlyMap<string, readonly CancelEffect[]>,
  cancellations: ReadonlyMap<string, CancellationRow & { sessionId: string }>,
  actualStates: ReadonlyMap<string, ActualState>,
): void {
  const cancelledCounts = new Map<string, number>();
  for (const { state, sessionId } of cancellations.values())
    if (state === 'cancelled') cancelledCounts.set(sessionId, (cancelledCounts.get(sessionId) ?? 0) + 1);
  for (const [id, all] of effects) {
    if (all.length > 1) throw new Error(`${id} was cancelled ${all.length} times`);
    if (cancelledCounts.get(id) !== 1)
      throw new Error(
        `${id} was cancelled at the provider, but ${cancelledCounts.get(id) ?? 0} cancellations have the state ` +
          `"cancelled": ${describeCancellations(cancellations, id)}`,
      );
  }
  for (const { sessionId, state, confirmedBy } of cancellations.values()) {
    if (state !== 'cancelled' || effects.has(sessionId)) continue;
    // No provider reports who cancelled. After an unanswered request a cancellation by someone else looks like our own.
    const isIndistinguishable =
      confirmedBy === 'read_back' && actualStateOf(actualStates, sessionId).session.state === 'cancelled';
    if (!isIndistinguishable)
      throw new Error(
        `${sessionId} is reported as cancelled by the app, but the simulator has no such effect: ` +
          describeCancellations(cancellations, sessionId),
      );
  }
}

function checkNoCancelOutsidePlan(
  log: readonly LogRecord[],
  items: readonly BatchItemRecord[],
  manuallyCancelledIds: ReadonlySet<string>,
): void {
  const plannedIds = new Set(items.filter(isEligible).map(({ sessionId }) => sessionId));
  for (const record of log) {
    if (record.kind === 'redirect_followed') throw new Error('A redirect was followed');
    if (record.kind === 'cancel_received' && !plannedIds.has(record.id) && !manuallyCancelledIds.has(record.id))
      throw new Error(`A cancel request was sent for ${record.id}, which is in no plan`);
  }
}

/** HTTP statuses that state clearly that the request had no effect. */
const unambiguousStatuses = [401, 403, 404, 429];

/** A session is read between two cancel requests, unless the first response was unambiguous. */
function checkRepeatedCancels(recordedRequests: readonly RecordedRequest[], log: readonly LogRecord[]): void {
  const responses = new Map(
    log.flatMap((record) => (record.kind === 'cancel_answered' ? [[record.request, record] as const] : [])),
  );
  const requests = groupBy(
    log.flatMap((record) => (record.kind === 'cancel_received' ? [record] : [])),
    ({ id }) => id,
  );
  const historyById = new Map<string, { cancels: number; readSince: boolean }>();
  for (const { route, id } of recordedRequests) {
    if (id === null) continue;
    const { cancels, readSince } = historyById.get(id) ?? { cancels: 0, readSince: true };
    if (route === 'read') historyById.set(id, { cancels, readSince: true });
    if (route !== 'cancel') continue;
    const lastResponse = responses.get(requests.get(id)?.[cancels - 1]?.request ?? 0);
    const isUnambiguous =
      lastResponse?.how === 'sent' && lastResponse.status !== null && unambiguousStatuses.includes(lastResponse.status);
    if (!readSince && !isUnambiguous)
      throw new Error(
        `Cancel request ${cancels + 1} for ${id} was sent without a read after the previous response ` +
          JSON.stringify(lastResponse),
      );
    historyById.set(id, { cancels: cancels + 1, readSince: false });
  }
}

function checkItem(
  item: BatchItemRecord,
  cancellations: ReadonlyMap<string, CancellationRow>,
  { session, cancelledAt }: ActualState,
): void {
  const mismatch = (problem: string) =>
    new Error(
      `${problem}: ${JSON.stringify(item)}; at the provider ${JSON.stringify(session)}, cancelled by ` +
        `the app ${cancelledAt ?? 'never'}`,
    );
  const cancellation = item.cancellationId === null ? null : cancellations.get(item.cancellationId);
  if (cancellation === undefined) throw mismatch('Its cancellation is missing');
  if (
    cancellation &&
    (cancellation.state !== item.outcome ||
      cancellation.cause !== item.cause ||
      cancellation.foundStatus !== item.foundStatus)
  )
    throw mismatch('It differs from its cancellation');
  if (isEligible(item) === (item.outcome === 'left_out'))
    throw mismatch('Eligibility and outcome contradict each other');
  const settledAt = item.settledAt ?? '';
  const hadEffect = cancelledAt !== null && cancelledAt <= settledAt;
  switch (item.outcome) {
    case 'cancelled':
      if (session.state !== 'cancelled' || (cancelledAt !== null && !hadEffect))
        throw mismatch('It was not cancelled, or only later');
      break;
    case 'already_final':
      if (!finalStatuses.some((status) => status === item.foundStatus) || item.foundStatus !== reportedStatus(session))
        throw mismatch('The provider has another state');
      break;
    case 'not_found':
      if (session.account !== 'other') throw mismatch('The session belongs to the account');
      break;
    case 'not_sent':
      // It was not sent by the batch, but the random actions can have cancelled it individually.
      if (cancellation && hadEffect) throw mismatch('It was cancelled');
      break;
    case 'refused':
    case 'still_active':
      if (hadEffect) throw mismatch('It was cancelled');
      break;
    case 'left_out':
      break;
    default:
      throw mismatch('It has no outcome');
  }
}

/** The provider can omit the code of an e-Transfer session. Without the code the status is "completed". */
function reportedStatus({ product, state }: SimulatedSession): SessionStatus {
  return product === 'e_transfer' && state === 'completed_unfinished' ? 'completed' : state;
}

function checkCounts(items: readonly BatchItemRecord[], batches: ReadonlyMap<string, Batch>): void {
  for (const [id, { outcomeCounts, eligibilityCounts, sessions, eligible }] of batches) {
    const own = items.filter(({ batchId }) => batchId === id);
    const countBy = (key: 'outcome' | 'verdict') =>
      Object.fromEntries([...groupBy(own, (item) => item[key])].map(([value, group]) => [value, group.length]));
    const isSame = (left: object, right: object) =>
      JSON.stringify(Object.entries(left).sort()) === JSON.stringify(Object.entries(right).sort());
    if (
      !isSame(outcomeCounts, countBy('outcome')) ||
      !isSame(eligibilityCounts, countBy('verdict')) ||
      sessions !== own.length ||
      eligible !== own.filter(isEligible).length
    ) {
      throw new Error(
        `The counts of ${id} are ` +
          `${JSON.stringify({ outcomeCounts, eligibilityCounts, sessions, eligible })}, its items ` +
          JSON.stringify(countBy('outcome')),
      );
    }
  }
}

/**
 * Each cancellation of a batch has the audit records "intended", "sent" and "settled" with the ID of that batch. No
 * record with a batch ID names a session outside the batch.
 */
function checkAuditRecords(database: DatabaseSync, items: readonly BatchItemRecord[]): void {
  const records = database
    .prepare(
      `SELECT batch_id AS batchId, action, session_key AS sessionKey, cancellation_id AS cancellationId FROM audit
    WHERE session_key IS NOT NULL AND action LIKE 'cancel_%'`,
    )
    .all() as unknown as {
    batchId: string | null;
    action: string;
    sessionKey: number;
    cancellationId: string | null;
  }[];
  const planned = new Set(items.map(({ batchId, sessionKey }) => `${batchId} ${sessionKey}`));
  const batchesOf = groupBy(items, ({ cancellationId }) => cancellationId);
  const recordsByCancellation = groupBy(records, ({ cancellationId }) => cancellationId);
  for (const { batchId, sessionKey } of records)
    if (batchId !== null && !planned.has(`${batchId} ${sessionKey}`))
      throw new Error(`A record of batch ${batchId} names session ${sessionKey}, which is not in it`);
  for (const item of items) {
    if (item.cancellationId === null) continue;
    const own = recordsByCancellation.get(item.cancellationId) ?? [];
    const has = (action: string, batchId: string | undefined) =>
      own.some((record) => record.action === action && (batchId === undefined || record.batchId === batchId));
    if (!has('cancel_intended', item.batchId))
      throw new Error(`No audit record "intended" for ${JSON.stringify(item)}`);
    if (!has('cancel_settled', undefined)) throw new Error(`No audit record "settled" for ${JSON.stringify(item)}`);
    // A retry that continued an earlier attempt has the records "sent", and maybe "settled", of that attempt.
    if (own.filter(({ action }) => action === 'cancel_intended').length > 1) continue;
    if (!has('cancel_sent', item.batchId)) throw new Error(`No audit record "sent" for ${JSON.stringify(item)}`);
    if (!batchesOf.get(item.cancellationId)?.some(({ batchId }) => has('cancel_settled', batchId)))
      throw new Error(`No audit record "settled" with the batch ID for ${JSON.stringify(item)}`);
  }
}

/** After the retries every session of the plans that could be cancelled is cancelled. */
function checkNothingLeftActive(
  items: readonly BatchItemRecord[],
  actualStates: ReadonlyMap<string, ActualState>,
  cancellations: ReadonlyMap<string, CancellationRow & { sessionId: string }>,
): void {
  for (const item of items.filter(isEligible)) {
    const { state, account, connection } = actualStateOf(actualStates, item.sessionId).session;
    const isCancellable =
      account === 'practice' && (state === 'active' || (state === 'in_progress' && connection === 'flinks'));
    const own = items.filter(({ sessionId }) => sessionId === item.sessionId);
    if (isCancellable)
      throw new Error(
        `It is still active: ${JSON.stringify(own)}; ` +
          `${describeCancellations(cancellations, item.sessionId)}; at the provider ` +
          JSON.stringify(actualStateOf(actualStates, item.sessionId)),
      );
  }
}

function readItems(database: DatabaseSync): BatchItemRecord[] {
  return database
    .prepare(
      `SELECT b.id AS batchId, i.batch_number AS batchNumber, i.position, i.session_key AS sessionKey,
      i.session_id AS sessionId, i.verdict, i.outcome, i.cause, i.found_status AS foundStatus,
      i.cancellation_id AS cancellationId, i.settled_at AS settledAt
    FROM batch_items i JOIN batches b ON b.number = i.batch_number
    WHERE b.started_at IS NOT NULL`,
    )
    .all() as unknown as BatchItemRecord[];
}

function readCancellations(database: DatabaseSync): Map<string, CancellationRow & { sessionId: string }> {
  const rows = database
    .prepare(
      `SELECT c.id, c.session_key AS sessionKey, s.id AS sessionId, c.state, c.cause,
    c.found_status AS foundStatus, c.confirmed_by AS confirmedBy, c.calls, c.requested_at AS requestedAt,
    c.settled_at AS settledAt FROM cancellations c JOIN sessions s ON s.key = c.session_key`,
    )
    .all() as unknown as (CancellationRow & { sessionId: string })[];
  return new Map(rows.map((row) => [row.id, row]));
}

function describeCancellations(
  cancellations: ReadonlyMap<string, CancellationRow & { sessionId: string }>,
  id: string,
): string {
  return JSON.stringify([...cancellations.values()].filter(({ sessionId }) => sessionId === id));
}

function groupBy<Value, Key>(values: readonly Value[], keyOf: (value: Value) => Key): Map<Key, Value[]> {
  const groups = new Map<Key, Value[]>();
  for (const value of values) {
    const group = groups.get(keyOf(value));
    if (group) group.push(value);
    else groups.set(keyOf(value), [value]);
  }
  return groups;
}
