/**
 * An in-memory implementation of the contract for component tests and for states that are hard to produce otherwise.
 */
import type {
  AuditDetail,
  AuditRecord,
  Batch,
  CallError,
  CallInput,
  CallName,
  CallOutput,
  Cancellation,
  Connection,
  ApiClient,
  AppState,
  Envelope,
  EventName,
  EventPayload,
  Feed,
  RefreshState,
  SavedView,
  Session,
  SessionFilter,
  SessionStatus,
} from '../../src-main/contract/index.ts';
import { connectionOptions, sessionFilter, sessionSort } from '../../src-main/contract/index.ts';
import { aggregateCounts } from '../../src-main/core/sessions/counts.ts';
import { fakeAudit } from './fake-audit.ts';
import { FakeCallError, fakeBatches } from './fake-batches.ts';
import { fakeSettings } from './fake-settings.ts';
import { matchesFilter, sessionComparator } from './reference-filter.ts';
import { fakeCallError, fakeMessage } from './fake-messages.ts';

export interface FakeApiOptions {
  sessionCount?: number;
  auditRecordCount?: number;
  connections?: readonly Connection[];
  state?: Partial<AppState>;
  /** Initial plans and batches. Running batches progress every `stepMs`. */
  batches?: readonly Batch[];
  stepMs?: number;
  /** Fields of the next cancellations that differ from a `cancelled` one. */
  outcome?: Partial<Cancellation>;
  /** Delay of every response in milliseconds; cancellations use `cancelDelayMs`. */
  responseDelayMs?: number;
  cancelDelayMs?: number;
  /** Calls that return an error. */
  errors?: Partial<Record<CallName, CallError>>;
  /** Calls that return a fixed value. */
  responses?: Partial<Record<CallName, unknown>>;
  feeds?: readonly Feed[];
  /** The window by default. */
  hostKind?: 'window' | 'browser';
}

export interface FakeApiClient extends ApiClient {
  readonly calls: { name: CallName; input: unknown }[];
  readonly options: FakeApiOptions;
  readonly sessions: Session[];
  emit<Name extends EventName>(name: Name, payload: EventPayload<Name>): void;
}

const minuteMs = 60_000;

export function fakeConnection(number: number, part: Partial<Connection> = {}): Connection {
  const flinks = number % 2 === 1;
  return {
    id: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    name: ['Flinks Canada', 'Xendit Indonesia', 'Flinks UAT', 'Xendit test'][number - 1] ?? `Connection ${number}`,
    environment: number <= 2 ? 'production' : 'sandbox',
    baseUrl: flinks ? 'https://payments.flinksapp.com' : 'https://api.xendit.co',
    options: flinks
      ? {
          provider: 'flinks',
          authMode: 'oauth',
          clientId: 'client',
          sendClientId: false,
          credentialsIn: 'header',
          reuseToken: false,
          eTransferCancel: true,
          windowMinutes: null,
        }
      : { provider: 'xendit', forUserId: null },
    credential: { state: 'stored', lastFour: '4f2a', storedAt: '2026-11-02T09:00:00.000Z' },
    hasWebhookSecret: false,
    isLocked: false,
    createdAt: '2026-11-02T09:00:00.000Z',
    ...part,
  };
}

export function fakeFeed(part: Partial<Feed> = {}): Feed {
  return {
    id: '20000000-0000-4000-8000-000000000001',
    name: 'Web shop',
    connectionId: fakeConnection(1).id,
    product: 'geft',
    source: { kind: 'url', url: 'https://shop.example/sessions-feed', format: 'json' },
    intervalMinutes: 5,
    enabled: true,
    hasSecret: true,
    isRunning: false,
    lastRunAt: new Date(Date.now() - 3 * minuteMs).toISOString(),
    lastError: null,
    lastCounts: {
      parts: 2,
      lines: 45,
      added: 40,
      updated: 3,
      refused: 2,
      firstProblem: fakeMessage('Page 1, session 7, id: The session id has spaces in it.'),
    },
    nextRunAt: new Date(Date.now() + 2 * minuteMs).toISOString(),
    createdAt: '2026-11-02T09:00:00.000Z',
    ...part,
  };
}

const statuses: readonly SessionStatus[] = [
  'active',
  'active',
  'active',
  'active',
  'completed',
  'completed',
  'cancelled',
  'expired',
  'expired',
  'failed',
  'in_progress',
  'completed_unfinished',
  'unknown',
];
const pseudoRandomHex = (seed: number, length: number): string =>
  Array.from({ length }, (_, index) =>
    (((seed * 2_654_435_761 + index * 40_503 * (seed + 7)) >>> (index % 13)) & 15).toString(16),
  ).join('');

export function fakeSession(key: number, connections: readonly Connection[], now = Date.now()): Session {
  const connection = connections[(key * 7) % connections.length] ?? fakeConnection(1);
  const flinks = connection.options.provider === 'flinks';
  const status = statuses[(key * 31) % statuses.length] ?? 'active';
  const age = (key % 97) ** 2 * minuteMs + (key % 50) * 1_300;
  const hex = pseudoRandomHex(key, 32);
  return {
    key,
    connectionId: connection.id,
    product: flinks ? ((['geft', 'eft', 'e_transfer'] as const)[key % 3] ?? 'geft') : 'payment_session',
    id: flinks
      ? `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`
      : `ps-${hex.slice(0, 24)}`,
    reference:
      key % 11 === 0
        ? null
        : `${['Order-', 'INV-2026-', 'Rent-2026-11-', 'tagihan/2026/11/'][key % 4] ?? ''}${20_000 + key}`,
    amount:
      key % 17 === 0
        ? null
        : flinks
          ? (12 + ((key * 37.13) % 2_400)).toFixed(2)
          : String(((key * 7) % 15_000) * 500 + 15_000),
    currency: key % 17 === 0 ? null : flinks ? 'CAD' : 'IDR',
    status,
    rawStatus: flinks ? 'Initiated' : 'ACTIVE',
    rawDetail: flinks ? 'EFT0101' : null,
    source: 'added',
    subAccount: null,
    createdAt: new Date(now - age).toISOString(),
    expiresAt: flinks ? null : new Date(now + (key % 90) * minuteMs + 42_000).toISOString(),
    firstSeenAt: new Date(now - age).toISOString(),
    lastCheckedAt: key % 5 === 0 ? null : new Date(now - (key % 60) * 11_000).toISOString(),
    note: null,
  };
}

const settledDetail = (fields: Partial<Extract<AuditDetail, { kind: 'cancellation' }>>) => ({
  kind: 'cancellation' as const,
  cause: null,
  confirmedBy: null,
  foundStatus: null,
  ...fields,
});

function fakeAuditRecord(
  sequence: number,
  sessions: readonly Session[],
  connections: readonly Connection[],
): AuditRecord {
  const session = sessions[sequence % Math.max(1, sessions.length)];
  const connection = connections.find(({ id }) => id === session?.connectionId);
  const [action, outcome, detail] = (
    [
      ['cancel_intended', null, null],
      ['cancel_sent', null, { kind: 'call', call: 1 }],
      ['cancel_settled', 'cancelled', settledDetail({ confirmedBy: 'answer', foundStatus: 'cancelled' })],
      ['session_checked', 'active', null],
      ['cancel_settled', 'unknown', settledDetail({ cause: 'timed_out' })],
      ['cancel_settled', 'already_final', settledDetail({ confirmedBy: 'read_back', foundStatus: 'completed' })],
      ['connection_tested', 'accepted', null],
      ['workspace_opened', null, { kind: 'workspace', workspace: 'work', version: '0.1.0' }],
    ] as const
  )[sequence % 8] ?? ['cancel_sent', null, null];
  const recordedSession = action.startsWith('connection') || action === 'workspace_opened' ? null : session;
  return {
    sequence,
    at: new Date(Date.now() - (1_000 - sequence) * 37_000).toISOString(),
    operator: 'maria',
    host: 'desk-04',
    action,
    connectionId: connection?.id ?? null,
    connectionName: action === 'workspace_opened' ? null : (connection?.name ?? null),
    environment: connection?.environment ?? null,
    sessionKey: recordedSession?.key ?? null,
    sessionId: recordedSession?.id ?? null,
    cancellationId: null,
    reasonCategory: action.startsWith('cancel') ? 'Customer asked' : null,
    reasonNote: action.startsWith('cancel') ? 'ticket 8812' : null,
    outcome,
    detail,
    providerCode: outcome === 'cancelled' ? 'EFT0501' : null,
    requestId: outcome ? 'req_7f21' : null,
    durationMs: outcome ? 412.4 : null,
    batchId: null,
  };
}

export function fakeCancellation(session: Session, part: Partial<Cancellation> = {}): Cancellation {
  const at = new Date().toISOString();
  return {
    id: `10000000-0000-4000-8000-${String(session.key).padStart(12, '0')}`,
    sessionKey: session.key,
    state: 'cancelled',
    cause: null,
    foundStatus: null,
    confirmedBy: 'answer',
    paymentInFlight: false,
    operator: 'maria',
    reason: { category: 'Customer asked', note: '' },
    calls: 1,
    httpStatus: 200,
    providerCode: 'EFT0501',
    providerMessage: null,
    requestId: 'req_7f21',
    requestedAt: at,
    settledAt: at,
    ...part,
  };
}

/** A refresh that has just started. */
export const startedRefresh: RefreshState = {
  refreshId: '20000000-0000-4000-8000-000000000001',
  state: 'running',
  startedAt: '2026-11-21T10:00:00.000Z',
  total: 0,
  changed: 0,
  unchanged: 0,
  notFound: 0,
  failed: 0,
  skipped: 0,
  remainingSeconds: 12,
  issues: [],
};

export function createFakeApiClient(options: FakeApiOptions = {}): FakeApiClient {
  const connections = [...(options.connections ?? [1, 2, 3, 4].map((number) => fakeConnection(number)))];
  const sessions = Array.from({ length: options.sessionCount ?? 3 }, (_, index) =>
    fakeSession((options.sessionCount ?? 3) - index, connections),
  );
  const cancellations: Cancellation[] = [];
  const feeds = [...(options.feeds ?? [])];
  const polledKeys = new Set<number>();
  const pollingState = () => ({
    selectedSessionKeys: [...polledKeys],
    includesRecent: false,
    polledCount: polledKeys.size,
    maxSessions: 50,
    intervalSeconds: 30,
    paused: [],
  });
  const listeners = new Map<string, Set<(payload: never) => void>>();
  const calls: FakeApiClient['calls'] = [];
  const state: AppState = {
    version: '0.1.0',
    operator: 'maria',
    hostName: 'desk-04',
    workspace: 'work',
    workspaceError: null,
    keychain: 'available',
    dataFolder: '/home/maria/.config/session-desk',
    isRestoreReviewPending: false,
    isFirstRun: connections.length === 0,
    ...options.state,
  };

  function emit<Name extends EventName>(name: Name, payload: EventPayload<Name>): void {
    for (const listener of listeners.get(name) ?? []) listener(payload as never);
  }
  const accounts = () =>
    connections.map(({ id, environment, options: { provider } }) => ({ id, environment, provider }));
  const matching = (filter: Partial<SessionFilter>): Session[] =>
    sessions.filter((row) => matchesFilter(sessionFilter.parse(filter), row, accounts()));
  const countSelected = (selection: CallInput<'refreshes.start'>): number =>
    'filter' in selection
      ? matching(selection.filter as Partial<SessionFilter>).length - (selection.excludedKeys?.length ?? 0)
      : selection.sessionKeys.length;
  const views: SavedView[] = [];
  const findSession = (key: number): Session =>
    sessions.find((row) => row.key === key) ?? fakeSession(key, connections);
  function changeConnection(connectionId: string, changes: Partial<Connection>): Connection {
    const index = connections.findIndex(({ id }) => id === connectionId);
    return (connections[index] = { ...(connections[index] ?? fakeConnection(1)), ...changes });
  }
  function changeFeed(feedId: string, changes: Partial<Feed>): Feed {
    const index = feeds.findIndex(({ id }) => id === feedId);
    return (feeds[index] = { ...(feeds[index] ?? fakeFeed()), ...changes });
  }
  function replaceSession(session: Session): void {
    sessions[sessions.findIndex((row) => row.key === session.key)] = session;
    emit('sessions.changed', { rows: [session], isTruncated: false });
  }

  const handlers: { [Name in CallName]?: (input: CallInput<Name>) => CallOutput<Name> } = {
    'app.getState': () => state,
    'workspace.open': ({ workspace }) =>
      Object.assign(
        state,
        { workspace, isFirstRun: false },
        options.state?.workspaceError ? {} : { workspaceError: null },
      ) && {
        ...state,
      },
    'connections.list': () => [...connections],
    'connections.add': (input) => {
      const { secret, allowInMemory, ...rest } = input;
      const added = fakeConnection(connections.length + 1, {
        name: rest.name,
        environment: rest.environment,
        baseUrl: rest.baseUrl,
        options: rest.options as Connection['options'],
        credential: {
          state: allowInMemory ? 'in_memory' : 'stored',
          lastFour: secret.slice(-4),
          storedAt: new Date().toISOString(),
        },
      });
      connections.push(added);
      state.isFirstRun = false;
      emit('app.changed', { ...state });
      return added;
    },
    'connections.test': () => ({
      result: 'accepted',
      cause: null,
      durationMs: 231,
      retryAfterMs: null,
      code: null,
      rejectedIpAddress: null,
      providerMessage: null,
    }),
    'connections.change': ({ connectionId, name, options }) =>
      changeConnection(connectionId, { name, options: connectionOptions.parse(options) }),
    'connections.replaceSecret': ({ connectionId, secret, allowInMemory }) =>
      changeConnection(connectionId, {
        credential: {
          state: allowInMemory ? 'in_memory' : 'stored',
          lastFour: secret.slice(-4),
          storedAt: new Date().toISOString(),
        },
      }),
    'connections.setWebhookSecret': ({ connectionId }) => changeConnection(connectionId, { hasWebhookSecret: true }),
    'connections.deleteSecret': ({ connectionId, purpose }) =>
      changeConnection(
        connectionId,
        purpose === 'webhook'
          ? { hasWebhookSecret: false }
          : { credential: { state: 'missing', lastFour: null, storedAt: null } },
      ),
    'connections.remove': ({ connectionId }) => {
      connections.splice(
        connections.findIndex(({ id }) => id === connectionId),
        1,
      );
      return {};
    },
    'sessions.list': ({ filter, sort, after, skip = 0, limit = 200 }) => {
      const rows = matching(filter as Partial<SessionFilter>).sort(sessionComparator(sessionSort.parse(sort ?? {})));
      const from = (after ? rows.findIndex((row) => String(row.key) === after) + 1 : 0) + skip;
      const page = rows.slice(from, from + limit);
      return { rows: page, next: from + limit < rows.length ? String(page.at(-1)?.key) : null };
    },
    'sessions.count': ({ filter }) => {
      const groups = matching({
        ...(filter as Partial<SessionFilter>),
        statuses: [],
        providers: [],
        products: [],
        connectionIds: [],
        environments: [],
        sources: [],
      }).map((row) => ({ ...row, sessions: 1 }));
      return aggregateCounts(
        sessionFilter.parse(filter),
        groups,
        connections,
        [...new Set(sessions.flatMap(({ currency }) => currency ?? []))].sort(),
      );
    },
    'views.list': () => [...views].sort((a, b) => a.name.localeCompare(b.name)),
    'views.save': (view) => {
      views.splice(0, views.length, ...views.filter(({ id }) => id !== view.id), view);
      return view;
    },
    'views.remove': ({ id }) => {
      views.splice(0, views.length, ...views.filter((view) => view.id !== id));
      return {};
    },
    'refreshes.start': (selection) => ({ ...startedRefresh, total: countSelected(selection) }),
    'refreshes.stop': () => ({
      ...startedRefresh,
      state: 'stopped',
      total: 5,
      unchanged: 2,
      skipped: 3,
      remainingSeconds: null,
    }),
    'refreshes.list': () => [],
    'exports.start': (selection) => ({
      exportId: startedRefresh.refreshId,
      state: 'running',
      total: countSelected(selection),
      written: 0,
      file: null,
      error: null,
    }),
    'sessions.add': ({ connectionId, product, id, reference }) => {
      const added: Session = {
        ...fakeSession(sessions.length + 1, connections),
        connectionId,
        product,
        id,
        reference: reference ?? null,
        status: 'active',
      };
      sessions.unshift(added);
      emit('sessions.changed', { rows: [added], isTruncated: false });
      return added;
    },
    'sessions.getDetails': ({ sessionKey }) => {
      const session = findSession(sessionKey);
      return {
        session,
        timeline: [
          ...cancellations
            .filter((cancellation) => cancellation.sessionKey === sessionKey)
            .map((cancellation) => ({ kind: 'cancellation' as const, at: cancellation.requestedAt, cancellation })),
          {
            kind: 'status',
            at: session.firstSeenAt,
            from: null,
            to: session.status,
            rawStatus: session.rawStatus,
            rawDetail: session.rawDetail,
          },
          { kind: 'tracked', at: session.firstSeenAt, operator: 'maria' },
        ],
      };
    },
    'sessions.setNote': ({ sessionKey, note }) => {
      const session = { ...findSession(sessionKey), note: note || null };
      replaceSession(session);
      return session;
    },
    'feeds.list': () => [...feeds],
    'feeds.add': ({
      secret,
      allowInMemory: _allowInMemory,
      reading: _reading,
      source,
      intervalMinutes = 5,
      ...rest
    }) => {
      const added = fakeFeed({
        ...rest,
        intervalMinutes,
        source: source.kind === 'url' ? { ...source, format: source.format ?? 'json' } : source,
        hasSecret: Boolean(secret),
        lastRunAt: null,
        lastCounts: null,
      });
      feeds.push(added);
      return added;
    },
    'feeds.change': ({ feedId, ...changes }) => changeFeed(feedId, changes as Partial<Feed>),
    'feeds.replaceSecret': ({ feedId }) => changeFeed(feedId, { hasSecret: true, lastError: null }),
    'feeds.run': ({ feedId }) => changeFeed(feedId, { lastRunAt: new Date().toISOString(), lastError: null }),
    'feeds.remove': ({ feedId }) => {
      feeds.splice(
        feeds.findIndex(({ id }) => id === feedId),
        1,
      );
      return {};
    },
    'polling.getState': () => pollingState(),
    'polling.change': ({ sessionKeys = [], isPolled = true }) => {
      for (const key of sessionKeys)
        if (isPolled) polledKeys.add(key);
        else polledKeys.delete(key);
      return pollingState();
    },
    'sessions.refresh': ({ sessionKey }) => {
      const session = { ...findSession(sessionKey), lastCheckedAt: new Date().toISOString() };
      replaceSession(session);
      return session;
    },
    'cancellations.request': ({ sessionKey, reason }) => {
      const session = findSession(sessionKey);
      const cancellation = fakeCancellation(session, {
        reason: { category: reason.category, note: reason.note ?? '' },
        ...options.outcome,
      });
      cancellations.unshift(cancellation);
      if (cancellation.state === 'cancelled') replaceSession({ ...session, status: 'cancelled' });
      if (cancellation.foundStatus) replaceSession({ ...session, status: cancellation.foundStatus });
      emit('cancellations.changed', { rows: [cancellation] });
      return cancellation;
    },
    'cancellations.check': ({ cancellationId }) => {
      const cancellation = cancellations.find(({ id }) => id === cancellationId);
      const settled = {
        ...(cancellation ?? fakeCancellation(findSession(1))),
        state: 'cancelled' as const,
        cause: null,
        confirmedBy: 'read_back' as const,
      };
      cancellations.splice(0, 1, settled);
      emit('cancellations.changed', { rows: [settled] });
      return settled;
    },
    'connections.setLocked': ({ connectionId, isLocked }) => changeConnection(connectionId, { isLocked }),
    ...fakeBatches({
      connections,
      sessions,
      batches: options.batches ?? [],
      stepMs: options.stepMs,
      emit,
      selectSessions: (input) =>
        'sessionKeys' in input
          ? sessions.filter(({ key }) => input.sessionKeys.includes(key))
          : matching(input.filter as Partial<SessionFilter>),
    }),
    ...fakeSettings({ emit, state }),
    ...fakeAudit({
      recordCount: options.auditRecordCount ?? 0,
      recordAt: (sequence) => fakeAuditRecord(sequence, sessions, connections),
    }),
  };

  return {
    calls,
    options,
    sessions,
    emit,
    async call<Name extends CallName>(name: Name, input: CallInput<Name>): Promise<Envelope<CallOutput<Name>>> {
      calls.push({ name, input });
      const delay = name.startsWith('cancellations') ? options.cancelDelayMs : options.responseDelayMs;
      if (delay) await new Promise((resolve) => setTimeout(resolve, delay));
      const handler = handlers[name];
      const error = options.errors?.[name];
      const response = options.responses?.[name];
      if (response !== undefined) return { ok: true, value: structuredClone(response) as CallOutput<Name> };
      if (error || !handler) {
        return {
          ok: false,
          error: error ?? fakeCallError('unknown_call', 'The fake API client does not implement this call.'),
        };
      }
      // IPC delivers a copy too.
      try {
        return { ok: true, value: structuredClone(handler(input)) };
      } catch (reason) {
        if (reason instanceof FakeCallError) return { ok: false, error: fakeCallError(reason.code, reason.message) };
        throw reason;
      }
    },
    on(name, listener) {
      const eventListeners = listeners.get(name) ?? new Set();
      listeners.set(name, eventListeners.add(listener));
      return () => eventListeners.delete(listener);
    },
  };
}
