/** Plans and batches of the fake desk: made from its sessions, and carried out as a real one looks, with time moving by `step`. */
import type {
  Batch,
  BatchItem,
  BatchLane,
  CallInput,
  CallName,
  CallOutput,
  Connection,
  ErrorCode,
  EventName,
  EventPayload,
  ItemOutcome,
  PaceLimits,
  PaceOfConnection,
  PlanSummary,
  Session,
  Verdict,
} from '../../src-main/contract/index.ts';
import { armedSeconds, askedVerdicts, finalStatuses, planLifeMinutes } from '../../src-main/contract/index.ts';

const digits = (number: number): string => String(number).padStart(12, '0');
export const batchId = (number: number): string => `30000000-0000-4000-8000-${digits(number)}`;

export function fakeLane(connection: Connection, part: Partial<BatchLane> = {}): BatchLane {
  const perSecond = connection.options.provider === 'flinks' ? 2 : connection.environment === 'production' ? 10 : 1;
  return {
    connectionId: connection.id,
    name: connection.name,
    environment: connection.environment,
    state: 'running',
    left: 800,
    inFlight: 2,
    perSecond: perSecond * 0.9,
    pace: { perSecond, inFlight: 4 },
    allowedPerSecond: perSecond,
    heldSeconds: 0,
    trouble: null,
    ...part,
  };
}

/** A plan of 1,310 sessions that is ready; `part` makes anything else of it. */
export function fakeBatch(number: number, part: Partial<Batch> = {}): Batch {
  const now = Date.now();
  return {
    id: batchId(number),
    number,
    state: 'planned',
    origin: { kind: 'filter', filter: '{}', except: 0 },
    operator: 'maria',
    createdAt: new Date(now - 120_000).toISOString(),
    expiresAt: new Date(now + (planLifeMinutes - 2) * 60_000).toISOString(),
    confirmedAt: null,
    startsAt: null,
    startedAt: null,
    endedAt: null,
    reason: null,
    digest: 'ab'.repeat(32),
    sessions: 1_310,
    asked: 1_204,
    needsCount: true,
    verdicts: {
      will_cancel: 1_117,
      stale: 84,
      unresolved: 3,
      already_final: 71,
      no_credential: 20,
      connection_locked: 12,
      not_offered: 3,
    },
    outcomes: { waiting: 1_204, left_out: 106 },
    perSecond: 0,
    secondsLeft: null,
    lanes: [],
    trouble: null,
    ...part,
  };
}

/** The same, confirmed and 560 sessions on. */
export function fakeRun(number: number, connections: readonly Connection[], part: Partial<Batch> = {}): Batch {
  const now = Date.now();
  return fakeBatch(number, {
    state: 'running',
    confirmedAt: new Date(now - 300_000).toISOString(),
    startedAt: new Date(now - 295_000).toISOString(),
    expiresAt: null,
    reason: { category: 'Abandoned session', note: 'campaign 14' },
    perSecond: 2.8,
    secondsLeft: 230,
    outcomes: {
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
    lanes: connections.slice(0, 2).map((connection) => fakeLane(connection, { left: 320 })),
    ...part,
  });
}

export const ended: Partial<Batch> = {
  state: 'finished',
  secondsLeft: null,
  perSecond: 0,
  lanes: [],
  endedAt: new Date().toISOString(),
  outcomes: {
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

export interface FakeBatchesParts {
  readonly connections: readonly Connection[];
  readonly sessions: readonly Session[];
  /** Batches that are there from the start. */
  readonly batches: readonly Batch[];
  /** Milliseconds between two steps of a run; without it nothing moves by itself. */
  readonly stepMs: number | undefined;
  emit<Name extends EventName>(name: Name, payload: EventPayload<Name>): void;
  chosen(input: CallInput<'batches.plan'>): readonly Session[];
}

/** Thrown where a real desk would decline. */
export class Declined extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
export type FakeHandlers = { [Name in CallName]?: (input: CallInput<Name>) => CallOutput<Name> };

export function fakeBatches({ connections, sessions, batches, stepMs, emit, chosen }: FakeBatchesParts): FakeHandlers {
  const all = new Map(batches.map((batch) => [batch.id, batch]));
  const paces = new Map<string, PaceLimits>(
    connections.map((connection) => [connection.id, fakeLane(connection).pace]),
  );
  const made = new Map<string, BatchItem[]>();

  const get = (id: string): Batch => {
    const batch = all.get(id);
    if (!batch) throw new Declined('batch_not_found', 'This batch is not in the record of this workspace.');
    return batch;
  };
  function put(batch: Batch): Batch {
    all.set(batch.id, batch);
    emit('batches.changed', { rows: [batch] });
    return batch;
  }
  const verdictOf = (session: Session): Verdict =>
    (finalStatuses as readonly string[]).includes(session.status)
      ? 'already_final'
      : connections.find(({ id }) => id === session.connectionId)?.locked
        ? 'connection_locked'
        : session.lastCheckedAt === null || session.status === 'unknown'
          ? 'stale'
          : 'will_cancel';
  const isAsked = (verdict: Verdict): boolean => (askedVerdicts as readonly Verdict[]).includes(verdict);

  function itemsOf(batch: Batch): BatchItem[] {
    const known = made.get(batch.id);
    if (known) return known;
    // Those of a batch that was there from the start follow from its numbers.
    const outcomes = Object.entries(batch.outcomes).flatMap(([outcome, count]) =>
      Array.from({ length: count }, () => outcome as ItemOutcome),
    );
    const verdicts = Object.entries(batch.verdicts).flatMap(([verdict, count]) =>
      Array.from({ length: count }, () => verdict as Verdict),
    );
    const items = outcomes.map((outcome, at) =>
      item(at + 1, sessions[at % Math.max(1, sessions.length)], verdicts[at] ?? 'will_cancel', outcome),
    );
    made.set(batch.id, items);
    return items;
  }
  function item(position: number, session: Session | undefined, verdict: Verdict, outcome: ItemOutcome): BatchItem {
    return {
      position,
      sessionKey: session?.key ?? position,
      connectionId: session?.connectionId ?? connections[0]?.id ?? '',
      product: session?.product ?? 'geft',
      sessionId: session?.id ?? `ps-${digits(position)}`,
      reference: session?.reference ?? `Order-${position}`,
      amount: session?.amount ?? null,
      currency: session?.currency ?? null,
      status: session?.status ?? 'active',
      verdict,
      outcome,
      cause: outcome === 'unknown' ? 'timed_out' : outcome === 'refused' ? 'forbidden' : null,
      foundStatus: outcome === 'already_final' ? 'completed' : null,
      confirmedBy: outcome === 'cancelled' ? (position % 9 === 0 ? 'read_back' : 'answer') : null,
      cancellationId: null,
      settledAt: outcome === 'waiting' || outcome === 'left_out' ? null : new Date().toISOString(),
    };
  }
  const counted = <Key extends string>(keys: readonly Key[]): Partial<Record<Key, number>> => {
    const counts: Partial<Record<Key, number>> = {};
    for (const key of keys) counts[key] = (counts[key] ?? 0) + 1;
    return counts;
  };

  function plan(rows: readonly Session[], origin: Batch['origin']): Batch {
    const number = Math.max(0, ...[...all.values()].map((batch) => batch.number)) + 1;
    const items = rows.map((session, at) => {
      const verdict = verdictOf(session);
      return item(at + 1, session, verdict, isAsked(verdict) ? 'waiting' : 'left_out');
    });
    made.set(batchId(number), items);
    const asked = items.filter(({ outcome }) => outcome === 'waiting').length;
    return put(
      fakeBatch(number, {
        origin,
        sessions: rows.length,
        asked,
        needsCount: asked > 25 || connections.some(({ environment }) => environment === 'production'),
        verdicts: counted(items.map(({ verdict }) => verdict)),
        outcomes: counted(items.map(({ outcome }) => outcome)),
        createdAt: new Date().toISOString(),
      }),
    );
  }

  /** What one moment brings: a few sessions settled on each connection that runs. */
  function step(id: string): void {
    const batch = get(id);
    if (batch.state === 'armed' && Date.now() >= Date.parse(batch.startsAt ?? ''))
      put({ ...batch, state: 'running', startedAt: new Date().toISOString(), startsAt: null });
    else if (batch.state === 'running' || batch.state === 'stopping') {
      const { waiting = 0, sent = 0 } = batch.outcomes;
      const run = batch.state === 'stopping' ? 0 : Math.min(waiting, Math.ceil(batch.asked / 200));
      const settling = sent;
      const outcomes = {
        ...batch.outcomes,
        waiting: waiting - run,
        sent: run,
        cancelled: (batch.outcomes.cancelled ?? 0) + settling - (settling > 3 ? 1 : 0),
        ...(settling > 3 && { already_final: (batch.outcomes.already_final ?? 0) + 1 }),
      };
      const over = outcomes.waiting + outcomes.sent === 0 || (batch.state === 'stopping' && outcomes.sent === 0);
      if (over) outcomes.not_sent = (outcomes.not_sent ?? 0) + outcomes.waiting;
      if (over) outcomes.waiting = 0;
      put({
        ...batch,
        outcomes,
        perSecond: over ? 0 : run / ((stepMs ?? 1_000) / 1_000),
        secondsLeft: over ? null : Math.ceil((outcomes.waiting / Math.max(1, run)) * ((stepMs ?? 1_000) / 1_000)),
        lanes: over
          ? []
          : connections.slice(0, 2).map((connection) =>
              fakeLane(connection, {
                left: Math.ceil(outcomes.waiting / 2),
                inFlight: Math.ceil(run / 2),
                pace: paces.get(connection.id) ?? { perSecond: 1, inFlight: 1 },
              }),
            ),
        ...(over && {
          state: batch.state === 'stopping' ? ('stopped' as const) : ('finished' as const),
          endedAt: new Date().toISOString(),
        }),
      });
    }
    if (['armed', 'running', 'paused', 'stopping'].includes(get(id).state) && stepMs)
      setTimeout(() => step(id), stepMs);
  }

  const paceOf = (id: string): PaceOfConnection => {
    const connection = connections.find((each) => each.id === id);
    const usual = connection ? fakeLane(connection).pace : { perSecond: 1, inFlight: 1 };
    return {
      connectionId: id,
      limits: paces.get(id) ?? usual,
      usual,
      allowedPerSecond: usual.perSecond,
      heldSeconds: 0,
      trouble: null,
    };
  };
  const change = (id: string, part: Partial<Batch>): Batch => put({ ...get(id), ...part });

  return {
    'batches.plan': (input) =>
      plan(chosen(input), 'sessionKeys' in input ? { kind: 'selection' } : { kind: 'filter', filter: '{}', except: 0 }),
    'batches.planRetry': ({ batchId: of, only }) => {
      const keys = itemsOf(get(of))
        .filter(({ outcome }) =>
          only === 'unknown'
            ? outcome === 'unknown'
            : ['refused', 'not_sent', 'still_active', 'not_found'].includes(outcome),
        )
        .map(({ sessionKey }) => sessionKey);
      return plan(
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
    'batches.summary': ({ batchId: id }) => summaryOf(get(id), connections),
    'batches.items': ({ batchId: id, filter, after = 0, skip = 0, limit = 200 }) => {
      const rows = itemsOf(get(id)).filter(
        (row) =>
          (!filter?.verdict || row.verdict === filter.verdict) &&
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
      total: get(id).verdicts.stale ?? 0,
      changed: 0,
      same: 0,
      notFound: 0,
      failed: 0,
      skipped: 0,
      secondsLeft: 40,
      troubles: [],
    }),
    'batches.discard': ({ batchId: id }) => change(id, { state: 'discarded' }),
    'batches.confirm': ({ batchId: id, typedCount, reason }) => {
      const batch = get(id);
      if (batch.needsCount && typedCount !== batch.asked)
        throw new Declined(
          'count_wrong',
          `The plan asks for ${batch.asked} sessions, not ${typedCount ?? 'none'}. Nothing was sent.`,
        );
      const armed = change(id, {
        state: 'armed',
        reason: { category: reason.category, note: reason.note ?? '' },
        expiresAt: null,
        confirmedAt: new Date().toISOString(),
        startsAt: new Date(Date.now() + armedSeconds * 1_000).toISOString(),
      });
      if (stepMs) setTimeout(() => step(id), stepMs);
      return armed;
    },
    'batches.callOff': ({ batchId: id }) =>
      change(id, { state: 'called_off', startsAt: null, endedAt: new Date().toISOString() }),
    'batches.pause': ({ batchId: id }) => change(id, { state: 'paused', perSecond: 0, secondsLeft: null }),
    'batches.resume': ({ batchId: id }) => change(id, { state: 'running' }),
    'batches.stop': ({ batchId: id }) => change(id, { state: 'stopping' }),
    'batches.resumeConnection': ({ connectionId }) => paceOf(connectionId),
    'batches.export': ({ batchId: id }) => ({
      exportId: batchId(99),
      state: 'running',
      total: get(id).sessions,
      written: 0,
      file: null,
      trouble: null,
    }),
    'exports.wait': ({ exportId }) => ({
      exportId,
      state: 'finished',
      total: 1_310,
      written: 1_310,
      file: '/home/maria/data/work/exports/batch-12-20261121T100000Z.csv',
      trouble: null,
    }),
    'pace.list': () => connections.map(({ id }) => paceOf(id)),
    'pace.change': ({ connectionId, ...limits }) => {
      paces.set(connectionId, limits);
      for (const batch of all.values()) {
        const lanes = batch.lanes.map((lane) =>
          lane.connectionId === connectionId ? { ...lane, pace: limits, allowedPerSecond: limits.perSecond } : lane,
        );
        if (batch.lanes.length > 0) put({ ...batch, lanes });
      }
      return paceOf(connectionId);
    },
  };
}

/** Shared out over the connections, so that the numbers add up. */
function summaryOf(batch: Batch, connections: readonly Connection[]): PlanSummary {
  const used = connections.slice(0, 3);
  const share = (total: number, at: number, of: number): number =>
    at === of - 1
      ? total - Math.floor(total / 2) * (of > 1 ? 1 : 0) - Math.floor(total / 4) * (of > 2 ? 1 : 0)
      : Math.floor(total / 2 ** (at + 1));
  const tally = (at: number, of: number) => ({
    sessions: share(batch.sessions, at, of),
    asked: share(batch.asked, at, of),
  });
  return {
    connections: used.map((connection, at) => ({
      connectionId: connection.id,
      name: connection.name,
      provider: connection.options.provider,
      environment: connection.environment,
      ...tally(at, used.length),
    })),
    products: [
      { product: 'geft', ...tally(0, 3) },
      { product: 'payment_session', ...tally(1, 3) },
      { product: 'eft', ...tally(2, 3) },
    ],
    statuses: [
      { status: 'active', sessions: batch.asked, asked: batch.asked },
      { status: 'completed', sessions: batch.sessions - batch.asked, asked: 0 },
    ],
    ages: [
      { age: 'under_1_day', ...tally(1, 3) },
      { age: 'under_7_days', ...tally(0, 3) },
      { age: 'older', ...tally(2, 3) },
    ],
    amounts: [
      { currency: 'CAD', total: '84213.55', sessions: share(batch.asked, 0, 2), withoutAmount: 0 },
      { currency: 'IDR', total: '412500000', sessions: share(batch.asked, 1, 2) - 3, withoutAmount: 12 },
      { currency: null, total: '0', sessions: 3, withoutAmount: 3 },
    ],
  };
}
