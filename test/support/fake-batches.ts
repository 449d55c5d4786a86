/** Batch calls of the fake API client: plans are created from its sessions, and a timer advances running batches. */
import type {
  Batch,
  BatchItem,
  BatchConnection,
  CallInput,
  CallName,
  CallOutput,
  Connection,
  ErrorCode,
  EventName,
  EventPayload,
  ItemOutcome,
  RateLimit,
  ConnectionRateLimit,
  PlanSummary,
  Session,
  Eligibility,
} from '../../src-main/contract/index.ts';
import {
  startDelaySeconds,
  eligibleForCancel,
  finalStatuses,
  planValidityMinutes,
} from '../../src-main/contract/index.ts';

const padNumber = (number: number): string => String(number).padStart(12, '0');
export const batchId = (number: number): string => `30000000-0000-4000-8000-${padNumber(number)}`;

export function fakeBatchConnection(connection: Connection, part: Partial<BatchConnection> = {}): BatchConnection {
  const perSecond = connection.options.provider === 'flinks' ? 2 : connection.environment === 'production' ? 10 : 1;
  return {
    connectionId: connection.id,
    name: connection.name,
    environment: connection.environment,
    state: 'running',
    remaining: 800,
    inFlight: 2,
    perSecond: perSecond * 0.9,
    rateLimit: { perSecond, maxInFlight: 4 },
    allowedPerSecond: perSecond,
    throttledSeconds: 0,
    issue: null,
    ...part,
  };
}

/** A plan of 1,310 sessions. `part` overrides its fields. */
export function fakeBatch(number: number, part: Partial<Batch> = {}): Batch {
  const now = Date.now();
  return {
    id: batchId(number),
    number,
    state: 'planned',
    origin: { kind: 'filter', filter: '{}', except: 0 },
    operator: 'maria',
    createdAt: new Date(now - 120_000).toISOString(),
    expiresAt: new Date(now + (planValidityMinutes - 2) * 60_000).toISOString(),
    confirmedAt: null,
    startsAt: null,
    startedAt: null,
    endedAt: null,
    reason: null,
    digest: 'ab'.repeat(32),
    sessions: 1_310,
    eligible: 1_204,
    requiresTypedCount: true,
    eligibilityCounts: {
      will_cancel: 1_117,
      stale: 84,
      unresolved: 3,
      already_final: 71,
      no_credential: 20,
      connection_locked: 12,
      not_offered: 3,
    },
    outcomeCounts: { waiting: 1_204, left_out: 106 },
    perSecond: 0,
    remainingSeconds: null,
    connections: [],
    issue: null,
    ...part,
  };
}

/** A running batch with 560 processed sessions. `part` overrides its fields. */
export function fakeRunningBatch(number: number, connections: readonly Connection[], part: Partial<Batch> = {}): Batch {
  const now = Date.now();
  return fakeBatch(number, {
    state: 'running',
    confirmedAt: new Date(now - 300_000).toISOString(),
    startedAt: new Date(now - 295_000).toISOString(),
    expiresAt: null,
    reason: { category: 'Abandoned session', note: 'campaign 14' },
    perSecond: 2.8,
    remainingSeconds: 230,
    outcomeCounts: {
      cancelled: 511,
      already_final: 32,
      not_found: 2,
      refused: 9,
      unknown: 4,
      still_active: 2,
      sent: 4,
      waiting: 640,
      left_out: 106,
    },
    connections: connections.slice(0, 2).map((connection) => fakeBatchConnection(connection, { remaining: 320 })),
    ...part,
  });
}

export const finishedBatchFields: Partial<Batch> = {
  state: 'finished',
  remainingSeconds: null,
  perSecond: 0,
  connections: [],
  endedAt: new Date().toISOString(),
  outcomeCounts: {
    cancelled: 1_131,
    already_final: 52,
    not_found: 2,
    refused: 9,
    unknown: 5,
    still_active: 2,
    not_sent: 3,
    left_out: 106,
  },
};

export interface FakeBatchesOptions {
  readonly connections: readonly Connection[];
  readonly sessions: readonly Session[];
  /** Initial batches. */
  readonly batches: readonly Batch[];
  /** Milliseconds between two steps of a run; undefined: batches do not progress. */
  readonly stepMs: number | undefined;
  emit<Name extends EventName>(name: Name, payload: EventPayload<Name>): void;
  selectSessions(input: CallInput<'batches.plan'>): readonly Session[];
}

/** Thrown by a fake handler to fail a call. */
export class FakeCallError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
export type FakeHandlers = { [Name in CallName]?: (input: CallInput<Name>) => CallOutput<Name> };

export function fakeBatches({
  connections,
  sessions,
  batches,
  stepMs,
  emit,
  selectSessions,
}: FakeBatchesOptions): FakeHandlers {
  const all = new Map(batches.map((batch) => [batch.id, batch]));
  const rateLimits = new Map<string, RateLimit>(
    connections.map((connection) => [connection.id, fakeBatchConnection(connection).rateLimit]),
  );
  const itemsByBatch = new Map<string, BatchItem[]>();

  const get = (id: string): Batch => {
    const batch = all.get(id);
    if (!batch) throw new FakeCallError('batch_not_found', 'This batch does not exist.');
    return batch;
  };
  function put(batch: Batch): Batch {
    all.set(batch.id, batch);
    emit('batches.changed', { rows: [batch] });
    return batch;
  }
  const getEligibility = (session: Session): Eligibility =>
    (finalStatuses as readonly string[]).includes(session.status)
      ? 'already_final'
      : connections.find(({ id }) => id === session.connectionId)?.isLocked
        ? 'connection_locked'
        : session.lastCheckedAt === null || session.status === 'unknown'
          ? 'stale'
          : 'will_cancel';
  const isEligible = (eligibility: Eligibility): boolean =>
    (eligibleForCancel as readonly Eligibility[]).includes(eligibility);

  function itemsOf(batch: Batch): BatchItem[] {
    const existing = itemsByBatch.get(batch.id);
    if (existing) return existing;
    // Items of an initial batch are generated from its counts.
    const outcomes = Object.entries(batch.outcomeCounts).flatMap(([outcome, count]) =>
      Array.from({ length: count }, () => outcome as ItemOutcome),
    );
    const eligibilities = Object.entries(batch.eligibilityCounts).flatMap(([eligibility, count]) =>
      Array.from({ length: count }, () => eligibility as Eligibility),
    );
    const items = outcomes.map((outcome, index) =>
      createItem(
        index + 1,
        sessions[index % Math.max(1, sessions.length)],
        eligibilities[index] ?? 'will_cancel',
        outcome,
      ),
    );
    itemsByBatch.set(batch.id, items);
    return items;
  }
  function createItem(
    position: number,
    session: Session | undefined,
    eligibility: Eligibility,
    outcome: ItemOutcome,
  ): BatchItem {
    return {
      position,
      sessionKey: session?.key ?? position,
      connectionId: session?.connectionId ?? connections[0]?.id ?? '',
      product: session?.product ?? 'geft',
      sessionId: session?.id ?? `ps-${padNumber(position)}`,
      reference: session?.reference ?? `Order-${position}`,
      amount: session?.amount ?? null,
      currency: session?.currency ?? null,
      status: session?.status ?? 'active',
      eligibility,
      outcome,
      cause: outcome === 'unknown' ? 'timed_out' : outcome === 'refused' ? 'forbidden' : null,
      foundStatus: outcome === 'already_final' ? 'completed' : null,
      confirmedBy: outcome === 'cancelled' ? (position % 9 === 0 ? 'read_back' : 'answer') : null,
      cancellationId: null,
      settledAt: outcome === 'waiting' || outcome === 'left_out' ? null : new Date().toISOString(),
    };
  }
  const countKeys = <Key extends string>(keys: readonly Key[]): Partial<Record<Key, number>> => {
    const counts: Partial<Record<Key, number>> = {};
    for (const key of keys) counts[key] = (counts[key] ?? 0) + 1;
    return counts;
  };

  function createPlan(rows: readonly Session[], origin: Batch['origin']): Batch {
    const number = Math.max(0, ...[...all.values()].map((batch) => batch.number)) + 1;
    const items = rows.map((session, index) => {
      const eligibility = getEligibility(session);
      return createItem(index + 1, session, eligibility, isEligible(eligibility) ? 'waiting' : 'left_out');
    });
    itemsByBatch.set(batchId(number), items);
    const eligible = items.filter(({ outcome }) => outcome === 'waiting').length;
    return put(
      fakeBatch(number, {
        origin,
        sessions: rows.length,
        eligible,
        requiresTypedCount: eligible > 25 || connections.some(({ environment }) => environment === 'production'),
        eligibilityCounts: countKeys(items.map(({ eligibility }) => eligibility)),
        outcomeCounts: countKeys(items.map(({ outcome }) => outcome)),
        createdAt: new Date().toISOString(),
      }),
    );
  }

  /** Advances a batch: completes the sent sessions and sends the next ones. */
  function advance(id: string): void {
    const batch = get(id);
    if (batch.state === 'armed' && Date.now() >= Date.parse(batch.startsAt ?? ''))
      put({ ...batch, state: 'running', startedAt: new Date().toISOString(), startsAt: null });
    else if (batch.state === 'running' || batch.state === 'stopping') {
      const { waiting = 0, sent = 0 } = batch.outcomeCounts;
      const sending = batch.state === 'stopping' ? 0 : Math.min(waiting, Math.ceil(batch.eligible / 200));
      const outcomeCounts = {
        ...batch.outcomeCounts,
        waiting: waiting - sending,
        sent: sending,
        cancelled: (batch.outcomeCounts.cancelled ?? 0) + sent - (sent > 3 ? 1 : 0),
        ...(sent > 3 && { already_final: (batch.outcomeCounts.already_final ?? 0) + 1 }),
      };
      const isFinished =
        outcomeCounts.waiting + outcomeCounts.sent === 0 || (batch.state === 'stopping' && outcomeCounts.sent === 0);
      if (isFinished) outcomeCounts.not_sent = (outcomeCounts.not_sent ?? 0) + outcomeCounts.waiting;
      if (isFinished) outcomeCounts.waiting = 0;
      put({
        ...batch,
        outcomeCounts,
        perSecond: isFinished ? 0 : sending / ((stepMs ?? 1_000) / 1_000),
        remainingSeconds: isFinished
          ? null
          : Math.ceil((outcomeCounts.waiting / Math.max(1, sending)) * ((stepMs ?? 1_000) / 1_000)),
        connections: isFinished
          ? []
          : connections.slice(0, 2).map((connection) =>
              fakeBatchConnection(connection, {
                remaining: Math.ceil(outcomeCounts.waiting / 2),
                inFlight: Math.ceil(sending / 2),
                rateLimit: rateLimits.get(connection.id) ?? { perSecond: 1, maxInFlight: 1 },
              }),
            ),
        ...(isFinished && {
          state: batch.state === 'stopping' ? ('stopped' as const) : ('finished' as const),
          endedAt: new Date().toISOString(),
        }),
      });
    }
    if (['armed', 'running', 'paused', 'stopping'].includes(get(id).state) && stepMs)
      setTimeout(() => advance(id), stepMs);
  }

  const getRateLimit = (id: string): ConnectionRateLimit => {
    const connection = connections.find((candidate) => candidate.id === id);
    const defaultRateLimit = connection ? fakeBatchConnection(connection).rateLimit : { perSecond: 1, maxInFlight: 1 };
    return {
      connectionId: id,
      rateLimit: rateLimits.get(id) ?? defaultRateLimit,
      defaultRateLimit,
      allowedPerSecond: defaultRateLimit.perSecond,
      throttledSeconds: 0,
      issue: null,
    };
  };
  const updateBatch = (id: string, part: Partial<Batch>): Batch => put({ ...get(id), ...part });

  return {
    'batches.plan': (input) =>
      createPlan(
        selectSessions(input),
        'sessionKeys' in input ? { kind: 'selection' } : { kind: 'filter', filter: '{}', except: 0 },
      ),
    'batches.planRetry': ({ batchId: of, only }) => {
      const keys = itemsOf(get(of))
        .filter(({ outcome }) =>
          only === 'unknown'
            ? outcome === 'unknown'
            : ['refused', 'not_sent', 'still_active', 'not_found'].includes(outcome),
        )
        .map(({ sessionKey }) => sessionKey);
      return createPlan(
        sessions.filter(({ key }) => keys.includes(key)),
        { kind: 'retry', of, only },
      );
    },
    'batches.list': ({ before, limit = 50 }) => {
      const rows = [...all.values()]
        .filter(({ number }) => before == null || number < before)
        .sort((a, b) => b.number - a.number);
      return { rows: rows.slice(0, limit), next: rows.length > limit ? (rows[limit - 1]?.number ?? null) : null };
    },
    'batches.get': ({ batchId: id }) => get(id),
    'batches.getSummary': ({ batchId: id }) => planSummaryOf(get(id), connections),
    'batches.listItems': ({ batchId: id, filter, after = 0, skip = 0, limit = 200 }) => {
      const rows = itemsOf(get(id)).filter(
        (row) =>
          (!filter?.eligibility || row.eligibility === filter.eligibility) &&
          (!filter?.outcomes?.length || filter.outcomes.includes(row.outcome)) &&
          (!filter?.search ||
            row.reference?.toLowerCase().includes(filter.search.toLowerCase()) ||
            row.sessionId.includes(filter.search)),
      );
      const page = rows.filter(({ position }) => position > after).slice(skip, skip + limit);
      const last = page.at(-1);
      return { rows: page, total: rows.length, next: last && last !== rows.at(-1) ? last.position : null };
    },
    'batches.refreshPlan': ({ batchId: id }) => ({
      refreshId: '20000000-0000-4000-8000-000000000009',
      state: 'running',
      startedAt: new Date().toISOString(),
      total: get(id).eligibilityCounts.stale ?? 0,
      changed: 0,
      unchanged: 0,
      notFound: 0,
      failed: 0,
      skipped: 0,
      remainingSeconds: 40,
      issues: [],
    }),
    'batches.discard': ({ batchId: id }) => updateBatch(id, { state: 'discarded' }),
    'batches.confirm': ({ batchId: id, typedCount, reason }) => {
      const batch = get(id);
      if (batch.requiresTypedCount && typedCount !== batch.eligible)
        throw new FakeCallError(
          'count_mismatch',
          `The plan has ${batch.eligible} eligible sessions, not ${typedCount ?? 'none'}. Nothing was sent.`,
        );
      const armed = updateBatch(id, {
        state: 'armed',
        reason: { category: reason.category, note: reason.note ?? '' },
        expiresAt: null,
        confirmedAt: new Date().toISOString(),
        startsAt: new Date(Date.now() + startDelaySeconds * 1_000).toISOString(),
      });
      if (stepMs) setTimeout(() => advance(id), stepMs);
      return armed;
    },
    'batches.abort': ({ batchId: id }) =>
      updateBatch(id, { state: 'called_off', startsAt: null, endedAt: new Date().toISOString() }),
    'batches.pause': ({ batchId: id }) => updateBatch(id, { state: 'paused', perSecond: 0, remainingSeconds: null }),
    'batches.resume': ({ batchId: id }) => updateBatch(id, { state: 'running' }),
    'batches.stop': ({ batchId: id }) => updateBatch(id, { state: 'stopping' }),
    'batches.resumeConnection': ({ connectionId }) => getRateLimit(connectionId),
    'batches.export': ({ batchId: id }) => ({
      exportId: batchId(99),
      state: 'running',
      total: get(id).sessions,
      written: 0,
      file: null,
      error: null,
    }),
    'exports.wait': ({ exportId }) => ({
      exportId,
      state: 'finished',
      total: 1_310,
      written: 1_310,
      file: '/home/maria/data/work/exports/batch-12-20261121T100000Z.csv',
      error: null,
    }),
    'rateLimits.list': () => connections.map(({ id }) => getRateLimit(id)),
    'rateLimits.change': ({ connectionId, ...rateLimit }) => {
      rateLimits.set(connectionId, rateLimit);
      for (const batch of all.values()) {
        const connections = batch.connections.map((connection) =>
          connection.connectionId === connectionId
            ? { ...connection, rateLimit, allowedPerSecond: rateLimit.perSecond }
            : connection,
        );
        if (batch.connections.length > 0) put({ ...batch, connections });
      }
      return getRateLimit(connectionId);
    },
  };
}

/** Distributes the counts over the connections, so that the sums match. */
function planSummaryOf(batch: Batch, connections: readonly Connection[]): PlanSummary {
  const usedConnections = connections.slice(0, 3);
  const share = (total: number, index: number, parts: number): number =>
    index === parts - 1
      ? total - Math.floor(total / 2) * (parts > 1 ? 1 : 0) - Math.floor(total / 4) * (parts > 2 ? 1 : 0)
      : Math.floor(total / 2 ** (index + 1));
  const planCount = (index: number, parts: number) => ({
    sessions: share(batch.sessions, index, parts),
    asked: share(batch.eligible, index, parts),
  });
  return {
    connections: usedConnections.map((connection, index) => ({
      connectionId: connection.id,
      name: connection.name,
      provider: connection.options.provider,
      environment: connection.environment,
      ...planCount(index, usedConnections.length),
    })),
    products: [
      { product: 'geft', ...planCount(0, 3) },
      { product: 'payment_session', ...planCount(1, 3) },
      { product: 'eft', ...planCount(2, 3) },
    ],
    statuses: [
      { status: 'active', sessions: batch.eligible, asked: batch.eligible },
      { status: 'completed', sessions: batch.sessions - batch.eligible, asked: 0 },
    ],
    ages: [
      { age: 'under_1_day', ...planCount(1, 3) },
      { age: 'under_7_days', ...planCount(0, 3) },
      { age: 'older', ...planCount(2, 3) },
    ],
    amounts: [
      { currency: 'CAD', total: '84213.55', sessions: share(batch.eligible, 0, 2), withoutAmount: 0 },
      { currency: 'IDR', total: '412500000', sessions: share(batch.eligible, 1, 2) - 3, withoutAmount: 12 },
      { currency: null, total: '0', sessions: 3, withoutAmount: 3 },
    ],
  };
}
