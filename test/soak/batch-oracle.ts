/** Compares what the console says became of every session with the simulator's own log of what really happened. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { eligibleForCancel, finalStatuses, type Batch, type SessionStatus } from '../../src-main/contract/index.ts';
import type { LogRecord, RecordedRequest, SimulatedSession } from '../../src-main/core/simulator/index.ts';
import type { BatchItemRow, CancellationRow } from '../../src-main/core/store/index.ts';
import type { SoakEnvironment } from './batch-environment.ts';

type CancelEffect = Extract<LogRecord, { kind: 'effect' }>;
type BatchItemRecord = BatchItemRow & { readonly batchId: string };

/** What really happened to one session. */
interface ActualState {
  readonly session: SimulatedSession;
  /** Through a cancel request of ours. */
  readonly cancelledAt: string | null;
}

export async function compareWithProvider(
  stage: SoakEnvironment,
  batches: ReadonlyMap<string, Batch>,
): Promise<{ eligible: number; cancelled: number }> {
  const [log, seen, sessions] = [
    await stage.simulator.readLog(),
    await stage.simulator.control('listRequests'),
    await stage.simulator.control('listSessions'),
  ];
  const database = new DatabaseSync(join(stage.dataFolder, 'work', 'desk.sqlite'), { readOnly: true });
  try {
    const effects = groupBy(
      log.filter(
        (record): record is CancelEffect =>
          record.kind === 'effect' && record.by === 'request' && record.state === 'cancelled',
      ),
      ({ id }) => id,
    );
    const truths = new Map(
      sessions.map((session): [string, ActualState] => [
        session.id,
        { session, cancelledAt: effects.get(session.id)?.[0]?.at ?? null },
      ]),
    );
    const items = readItems(database);
    const cancellations = readCancellations(database);
    checkCancelEffects(effects, cancellations, truths);
    checkNoCancelOutsidePlan(log, items, stage.manuallyCancelledIds);
    checkRepeatedCancels(seen, log);
    for (const item of items) checkItem(item, cancellations, actualStateOf(truths, item.sessionId));
    checkCounts(items, batches);
    checkAuditRecords(database, items);
    checkNothingLeftActive(items, truths, cancellations);
    return { eligible: items.filter(isEligible).length, cancelled: effects.size };
  } finally {
    database.close();
  }
}

function isEligible({ verdict }: BatchItemRecord): boolean {
  return eligibleForCancel.some((value) => value === verdict);
}

function actualStateOf(truths: ReadonlyMap<string, ActualState>, id: string): ActualState {
  const truth = truths.get(id);
  if (!truth) throw new Error(`There never was a session ${id}`);
  return truth;
}

/** Every effect is one cancellation that says so, and the other way round. */
function checkCancelEffects(
  effects: ReadonlyMap<string, readonly CancelEffect[]>,
  cancellations: ReadonlyMap<string, CancellationRow & { sessionId: string }>,
  truths: ReadonlyMap<string, ActualState>,
): void {
  const claims = new Map<string, number>();
  for (const { state, sessionId } of cancellations.values())
    if (state === 'cancelled') claims.set(sessionId, (claims.get(sessionId) ?? 0) + 1);
  for (const [id, all] of effects) {
    if (all.length > 1) throw new Error(`${id} was cancelled ${all.length} times`);
    if (claims.get(id) !== 1)
      throw new Error(
        `${id} was really cancelled, and ${claims.get(id) ?? 0} cancellations say so: ${describeCancellations(cancellations, id)}`,
      );
  }
  for (const { sessionId, state, confirmedBy } of cancellations.values()) {
    if (state !== 'cancelled' || effects.has(sessionId)) continue;
    // Neither provider tells who it was: cancelled by somebody else, it looks after an unanswered call as if that call had done it.
    const isAsFarAsAnyoneCanTell =
      confirmedBy === 'read_back' && actualStateOf(truths, sessionId).session.state === 'cancelled';
    if (!isAsFarAsAnyoneCanTell)
      throw new Error(
        `${sessionId} is said to be cancelled by us, and never was: ${describeCancellations(cancellations, sessionId)}`,
      );
  }
}

function checkNoCancelOutsidePlan(
  log: readonly LogRecord[],
  items: readonly BatchItemRecord[],
  byHand: ReadonlySet<string>,
): void {
  const inside = new Set(items.filter(isEligible).map(({ sessionId }) => sessionId));
  for (const record of log) {
    if (record.kind === 'redirect_followed') throw new Error('A redirect was followed');
    if (record.kind === 'cancel_received' && !inside.has(record.id) && !byHand.has(record.id))
      throw new Error(`${record.id} is in no plan, and was asked to be cancelled`);
  }
}

/** Answers that say plainly that nothing was done. */
const unambiguousStatuses = [401, 403, 404, 429];

/** Between two cancel requests of one session it is read, unless the first was answered plainly. */
function checkRepeatedCancels(seen: readonly RecordedRequest[], log: readonly LogRecord[]): void {
  const answers = new Map(
    log.flatMap((record) => (record.kind === 'cancel_answered' ? [[record.request, record] as const] : [])),
  );
  const requests = groupBy(
    log.flatMap((record) => (record.kind === 'cancel_received' ? [record] : [])),
    ({ id }) => id,
  );
  const before = new Map<string, { cancels: number; readSince: boolean }>();
  for (const { route, id } of seen) {
    if (id === null) continue;
    const { cancels, readSince } = before.get(id) ?? { cancels: 0, readSince: true };
    if (route === 'read') before.set(id, { cancels, readSince: true });
    if (route !== 'cancel') continue;
    const last = answers.get(requests.get(id)?.[cancels - 1]?.request ?? 0);
    const isClean = last?.how === 'sent' && last.status !== null && unambiguousStatuses.includes(last.status);
    if (!readSince && !isClean)
      throw new Error(
        `${id} was asked for a ${cancels + 1}th time without being read; before: ${JSON.stringify(last)}`,
      );
    before.set(id, { cancels: cancels + 1, readSince: false });
  }
}

function checkItem(
  item: BatchItemRecord,
  cancellations: ReadonlyMap<string, CancellationRow>,
  { session, cancelledAt }: ActualState,
): void {
  const wrong = (why: string) =>
    new Error(
      `${why}: ${JSON.stringify(item)}; in truth ${JSON.stringify(session)}, cancelled by us ${cancelledAt ?? 'never'}`,
    );
  const cancellation = item.cancellationId === null ? null : cancellations.get(item.cancellationId);
  if (cancellation === undefined) throw wrong('Its cancellation is gone');
  if (
    cancellation &&
    (cancellation.state !== item.outcome ||
      cancellation.cause !== item.cause ||
      cancellation.foundStatus !== item.foundStatus)
  )
    throw wrong('It says otherwise than its cancellation');
  if (isEligible(item) === (item.outcome === 'left_out')) throw wrong('Verdict and outcome do not fit');
  const settledAt = item.settledAt ?? '';
  const hadEffect = cancelledAt !== null && cancelledAt <= settledAt;
  switch (item.outcome) {
    case 'cancelled':
      if (session.state !== 'cancelled' || (cancelledAt !== null && !hadEffect))
        throw wrong('It was never cancelled, or later');
      break;
    case 'already_final':
      if (!finalStatuses.some((status) => status === item.foundStatus) || item.foundStatus !== reportedStatus(session))
        throw wrong('It is in another state');
      break;
    case 'not_found':
      if (session.account !== 'other') throw wrong('The account knows it');
      break;
    case 'not_sent':
      // Given up before its turn came: somebody may have cancelled it by hand.
      if (cancellation && hadEffect) throw wrong('It was cancelled');
      break;
    case 'refused':
    case 'still_active':
      if (hadEffect) throw wrong('It was cancelled');
      break;
    case 'left_out':
      break;
    default:
      throw wrong('It has no outcome');
  }
}

/** Of an e-Transfer session the provider may tell no code, and without it "completed" is all there is to know. */
function reportedStatus({ product, state }: SimulatedSession): SessionStatus {
  return product === 'e_transfer' && state === 'completed_unfinished' ? 'completed' : state;
}

function checkCounts(items: readonly BatchItemRecord[], batches: ReadonlyMap<string, Batch>): void {
  for (const [id, { outcomeCounts, eligibilityCounts, sessions, eligible }] of batches) {
    const own = items.filter(({ batchId }) => batchId === id);
    const tally = (key: 'outcome' | 'verdict') =>
      Object.fromEntries([...groupBy(own, (item) => item[key])].map(([value, of]) => [value, of.length]));
    const isSame = (one: object, other: object) =>
      JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());
    if (
      !isSame(outcomeCounts, tally('outcome')) ||
      !isSame(eligibilityCounts, tally('verdict')) ||
      sessions !== own.length ||
      eligible !== own.filter(isEligible).length
    ) {
      throw new Error(
        `The counts of ${id} are ${JSON.stringify({ outcomeCounts, eligibilityCounts, sessions, eligible })}, its items ${JSON.stringify(tally('outcome'))}`,
      );
    }
  }
}

/** Each cancellation of a batch has its intent, its mark and its outcome on record, under that batch; and no record names another's session. */
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
  const of = groupBy(records, ({ cancellationId }) => cancellationId);
  for (const { batchId, sessionKey } of records)
    if (batchId !== null && !planned.has(`${batchId} ${sessionKey}`))
      throw new Error(`A record of batch ${batchId} names session ${sessionKey}, which is not in it`);
  for (const item of items) {
    if (item.cancellationId === null) continue;
    const own = of.get(item.cancellationId) ?? [];
    const has = (action: string, batchId: string | undefined) =>
      own.some((record) => record.action === action && (batchId === undefined || record.batchId === batchId));
    if (!has('cancel_intended', item.batchId)) throw new Error(`No intent is on record for ${JSON.stringify(item)}`);
    if (!has('cancel_settled', undefined)) throw new Error(`No outcome is on record for ${JSON.stringify(item)}`);
    // One that was taken over from an attempt before was marked, and may have been settled, under that one.
    if (own.filter(({ action }) => action === 'cancel_intended').length > 1) continue;
    if (!has('cancel_sent', item.batchId)) throw new Error(`No mark is on record for ${JSON.stringify(item)}`);
    if (!batchesOf.get(item.cancellationId)?.some(({ batchId }) => has('cancel_settled', batchId)))
      throw new Error(`No outcome is on record under its batch for ${JSON.stringify(item)}`);
  }
}

/** After the retries everything in the plans that could be cancelled is. */
function checkNothingLeftActive(
  items: readonly BatchItemRecord[],
  truths: ReadonlyMap<string, ActualState>,
  cancellations: ReadonlyMap<string, CancellationRow & { sessionId: string }>,
): void {
  for (const item of items.filter(isEligible)) {
    const { state, account, connection } = actualStateOf(truths, item.sessionId).session;
    const couldBe =
      account === 'practice' && (state === 'active' || (state === 'in_progress' && connection === 'flinks'));
    const own = items.filter(({ sessionId }) => sessionId === item.sessionId);
    if (couldBe)
      throw new Error(
        `It is open still: ${JSON.stringify(own)}; ${describeCancellations(cancellations, item.sessionId)}; in truth ${JSON.stringify(actualStateOf(truths, item.sessionId))}`,
      );
  }
}

function readItems(database: DatabaseSync): BatchItemRecord[] {
  return database
    .prepare(
      `SELECT b.id AS batchId, i.batch_number AS batchNumber, i.position, i.session_key AS sessionKey, i.session_id AS sessionId, i.verdict, i.outcome,
    i.cause, i.found_status AS foundStatus, i.cancellation_id AS cancellationId, i.settled_at AS settledAt FROM batch_items i JOIN batches b ON b.number = i.batch_number
    WHERE b.started_at IS NOT NULL`,
    )
    .all() as unknown as BatchItemRecord[];
}

function readCancellations(database: DatabaseSync): Map<string, CancellationRow & { sessionId: string }> {
  const rows = database
    .prepare(
      `SELECT c.id, c.session_key AS sessionKey, s.id AS sessionId, c.state, c.cause, c.found_status AS foundStatus, c.confirmed_by AS confirmedBy, c.calls, c.requested_at AS requestedAt,
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
