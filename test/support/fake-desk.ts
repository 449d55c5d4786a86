/** An in-memory desk for component tests and for looking at the screen in states that are hard to bring about for real. */
import type {
  AuditRecord, CallError, CallInput, CallName, CallOutput, Cancellation, Connection, DeskClient, DeskState, Envelope, EventName, EventPayload,
  Session, SessionStatus,
} from '../../src-main/contract/index.ts';

export interface FakeOptions {
  sessions?: number;
  audit?: number;
  connections?: readonly Connection[];
  state?: Partial<DeskState>;
  /** How the next cancellations end; unnamed fields are those of a clean `cancelled`. */
  outcome?: Partial<Cancellation>;
  /** Milliseconds every answer takes; a cancellation takes `cancelMs`. */
  delayMs?: number;
  cancelMs?: number;
  /** Answers these calls with this error. */
  errors?: Partial<Record<CallName, CallError>>;
}

export interface FakeDesk extends DeskClient {
  readonly asked: { name: CallName; input: unknown }[];
  readonly options: FakeOptions;
  readonly sessions: Session[];
  emit<Name extends EventName>(name: Name, payload: EventPayload<Name>): void;
}

const minute = 60_000;

export function fakeConnection(number: number, part: Partial<Connection> = {}): Connection {
  const flinks = number % 2 === 1;
  return {
    id: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    name: ['Flinks Canada', 'Xendit Indonesia', 'Flinks UAT', 'Xendit test'][number - 1] ?? `Connection ${number}`,
    environment: number <= 2 ? 'production' : 'sandbox',
    baseUrl: flinks ? 'https://payments.flinksapp.com' : 'https://api.xendit.co',
    options: flinks
      ? {
        provider: 'flinks', authMode: 'oauth', clientId: 'client', sendClientId: false, credentialsIn: 'header', reuseToken: false,
        eTransferCancel: true,
      }
      : { provider: 'xendit', forUserId: null },
    credential: { state: 'stored', lastFour: '4f2a', storedAt: '2026-11-02T09:00:00.000Z' },
    hasEventSecret: false,
    createdAt: '2026-11-02T09:00:00.000Z',
    ...part,
  };
}

const statuses: readonly SessionStatus[] = [
  'active', 'active', 'active', 'active', 'completed', 'completed', 'cancelled', 'expired', 'expired', 'failed', 'in_progress',
  'completed_unfinished', 'unknown',
];
const hex = (seed: number, length: number): string =>
  Array.from({ length }, (_, at) => ((seed * 2_654_435_761 + at * 40_503 * (seed + 7)) >>> (at % 13) & 15).toString(16)).join('');

export function fakeSession(key: number, connections: readonly Connection[], now = Date.now()): Session {
  const connection = connections[(key * 7) % connections.length] ?? fakeConnection(1);
  const flinks = connection.options.provider === 'flinks';
  const status = statuses[(key * 31) % statuses.length] ?? 'active';
  const age = (key % 97) ** 2 * minute + (key % 50) * 1_300;
  const h = hex(key, 32);
  return {
    key,
    connectionId: connection.id,
    product: flinks ? (['geft', 'eft', 'e_transfer'] as const)[key % 3] ?? 'geft' : 'payment_session',
    id: flinks ? `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-a${h.slice(17, 20)}-${h.slice(20)}` : `ps-${h.slice(0, 24)}`,
    reference: key % 11 === 0 ? null : `${['Order-', 'INV-2026-', 'Rent-2026-11-', 'tagihan/2026/11/'][key % 4] ?? ''}${20_000 + key}`,
    amount: key % 17 === 0 ? null : flinks ? (12 + (key * 37.13) % 2_400).toFixed(2) : String(((key * 7) % 15_000) * 500 + 15_000),
    currency: key % 17 === 0 ? null : flinks ? 'CAD' : 'IDR',
    status,
    rawStatus: flinks ? 'Initiated' : 'ACTIVE',
    rawDetail: flinks ? 'EFT0101' : null,
    source: 'added',
    subAccount: null,
    createdAt: new Date(now - age).toISOString(),
    expiresAt: flinks ? null : new Date(now + (key % 90) * minute + 42_000).toISOString(),
    firstSeenAt: new Date(now - age).toISOString(),
    lastCheckedAt: key % 5 === 0 ? null : new Date(now - (key % 60) * 11_000).toISOString(),
  };
}

function fakeRecord(sequence: number, sessions: readonly Session[], connections: readonly Connection[]): AuditRecord {
  const session = sessions[sequence % Math.max(1, sessions.length)];
  const connection = connections.find(({ id }) => id === session?.connectionId);
  const [action, outcome, detail] = ([
    ['cancel_intended', null, null], ['cancel_sent', null, 'call 1'], ['cancel_settled', 'cancelled', 'answer'],
    ['session_checked', 'active', null], ['cancel_settled', 'unknown', 'timed_out'], ['cancel_settled', 'already_final', 'completed'],
    ['connection_tested', 'accepted', null], ['workspace_opened', null, 'work, version 0.1.0'],
  ] as const)[sequence % 8] ?? ['cancel_sent', null, null];
  const about = action.startsWith('connection') ? null : action === 'workspace_opened' ? null : session;
  return {
    sequence, at: new Date(Date.now() - (1_000 - sequence) * 37_000).toISOString(), operator: 'maria', host: 'desk-04', action,
    connectionId: connection?.id ?? null, connectionName: action === 'workspace_opened' ? null : connection?.name ?? null,
    environment: connection?.environment ?? null, sessionKey: about?.key ?? null, sessionId: about?.id ?? null, cancellationId: null,
    reasonCategory: action.startsWith('cancel') ? 'Customer asked' : null, reasonNote: action.startsWith('cancel') ? 'ticket 8812' : null,
    outcome, detail, providerCode: outcome === 'cancelled' ? 'EFT0501' : null, requestId: outcome ? 'req_7f21' : null,
    durationMs: outcome ? 412.4 : null,
  };
}

export function fakeCancellation(session: Session, part: Partial<Cancellation> = {}): Cancellation {
  const at = new Date().toISOString();
  return {
    id: `10000000-0000-4000-8000-${String(session.key).padStart(12, '0')}`, sessionKey: session.key, state: 'cancelled', cause: null,
    foundStatus: null, confirmedBy: 'answer', paymentInFlight: false, operator: 'maria', reason: { category: 'Customer asked', note: '' },
    calls: 1, httpStatus: 200, providerCode: 'EFT0501', providerMessage: null, requestId: 'req_7f21', requestedAt: at, settledAt: at, ...part,
  };
}

export function fakeDesk(options: FakeOptions = {}): FakeDesk {
  const connections = [...(options.connections ?? [1, 2, 3, 4].map((number) => fakeConnection(number)))];
  const sessions = Array.from({ length: options.sessions ?? 3 }, (_, at) => fakeSession((options.sessions ?? 3) - at, connections));
  const cancellations: Cancellation[] = [];
  const listeners = new Map<string, Set<(payload: never) => void>>();
  const asked: FakeDesk['asked'] = [];
  const state: DeskState = {
    version: '0.1.0', operator: 'maria', hostName: 'desk-04', workspace: 'work', trouble: null, keychain: 'available',
    dataFolder: '/home/maria/.config/session-desk', firstRun: connections.length === 0, ...options.state,
  };

  function emit<Name extends EventName>(name: Name, payload: EventPayload<Name>): void {
    for (const listener of listeners.get(name) ?? []) listener(payload as never);
  }
  const matching = (search: string): Session[] => {
    const text = search.toLowerCase();
    return text === '' ? sessions : sessions.filter((row) => row.reference?.toLowerCase().includes(text) || row.id.includes(text));
  };
  const one = (key: number): Session => sessions.find((row) => row.key === key) ?? fakeSession(key, connections);
  function put(session: Session): void {
    sessions[sessions.findIndex((row) => row.key === session.key)] = session;
    emit('sessions.changed', { rows: [session], truncated: false });
  }

  const handlers: { [Name in CallName]?: (input: CallInput<Name>) => CallOutput<Name> } = {
    'desk.state': () => state,
    'workspace.open': ({ workspace }) => Object.assign(state, { workspace, firstRun: false }, options.state?.trouble ? {} : { trouble: null }) && { ...state },
    'connections.list': () => [...connections],
    'connections.add': (input) => {
      const { secret, keepForThisRun, ...rest } = input;
      const added = fakeConnection(connections.length + 1, {
        name: rest.name, environment: rest.environment, baseUrl: rest.baseUrl, options: rest.options as Connection['options'],
        credential: { state: keepForThisRun ? 'this_run' : 'stored', lastFour: secret.slice(-4), storedAt: new Date().toISOString() },
      });
      connections.push(added);
      state.firstRun = false;
      emit('desk.changed', { ...state });
      return added;
    },
    'connections.test': () => ({ verdict: 'accepted', message: 'The credential works.', durationMs: 231 }),
    'connections.replaceSecret': ({ connectionId }) => connections.find(({ id }) => id === connectionId) ?? fakeConnection(1),
    'connections.remove': ({ connectionId }) => {
      connections.splice(connections.findIndex(({ id }) => id === connectionId), 1);
      return {};
    },
    'sessions.page': ({ filter, after, skip = 0, limit = 200 }) => {
      const rows = matching(filter.search ?? '').filter((row) => !filter.status || row.status === filter.status);
      const from = (after ? rows.findIndex((row) => String(row.key) === after) + 1 : 0) + skip;
      const page = rows.slice(from, from + limit);
      return { rows: page, next: from + limit < rows.length ? String(page.at(-1)?.key) : null };
    },
    'sessions.counts': ({ filter }) => {
      const rows = matching(filter.search ?? '');
      const byStatus = Object.fromEntries(statuses.map((status) => [status, 0])) as Record<SessionStatus, number>;
      for (const row of rows) byStatus[row.status] += 1;
      return { total: rows.length, byStatus };
    },
    'sessions.add': ({ connectionId, product, id, reference }) => {
      const added: Session = { ...fakeSession(sessions.length + 1, connections), connectionId, product, id, reference: reference ?? null, status: 'active' };
      sessions.unshift(added);
      emit('sessions.changed', { rows: [added], truncated: false });
      return added;
    },
    'sessions.story': ({ sessionKey }) => {
      const session = one(sessionKey);
      return {
        session,
        timeline: [
          ...cancellations.filter((each) => each.sessionKey === sessionKey).map((cancellation) => ({ kind: 'cancellation' as const, at: cancellation.requestedAt, cancellation })),
          { kind: 'status', at: session.firstSeenAt, from: null, to: session.status, rawStatus: session.rawStatus, rawDetail: session.rawDetail },
          { kind: 'tracked', at: session.firstSeenAt, operator: 'maria' },
        ],
      };
    },
    'sessions.refresh': ({ sessionKey }) => {
      const session = { ...one(sessionKey), lastCheckedAt: new Date().toISOString() };
      put(session);
      return session;
    },
    'cancellations.request': ({ sessionKey, reason }) => {
      const session = one(sessionKey);
      const cancellation = fakeCancellation(session, { reason: { category: reason.category, note: reason.note ?? '' }, ...options.outcome });
      cancellations.unshift(cancellation);
      if (cancellation.state === 'cancelled') put({ ...session, status: 'cancelled' });
      if (cancellation.foundStatus) put({ ...session, status: cancellation.foundStatus });
      emit('cancellations.changed', { rows: [cancellation] });
      return cancellation;
    },
    'cancellations.check': ({ cancellationId }) => {
      const found = cancellations.find(({ id }) => id === cancellationId);
      const settled = { ...(found ?? fakeCancellation(one(1))), state: 'cancelled' as const, cause: null, confirmedBy: 'read_back' as const };
      cancellations.splice(0, 1, settled);
      emit('cancellations.changed', { rows: [settled] });
      return settled;
    },
    'audit.page': ({ before, limit = 200 }) => {
      const total = options.audit ?? 0;
      const top = Math.min(total, (before ?? total + 1) - 1);
      const length = Math.max(0, Math.min(limit, top));
      return { rows: Array.from({ length }, (_, at) => fakeRecord(top - at, sessions, connections)), total };
    },
  };

  return {
    asked, options, sessions, emit,
    async call<Name extends CallName>(name: Name, input: CallInput<Name>): Promise<Envelope<CallOutput<Name>>> {
      asked.push({ name, input });
      const delay = name.startsWith('cancellations') ? options.cancelMs : options.delayMs;
      if (delay) await new Promise((resolve) => setTimeout(resolve, delay));
      const handler = handlers[name];
      const error = options.errors?.[name];
      if (error || !handler) {
        return { ok: false, error: error ?? { code: 'unknown_call', message: 'The fake desk has no such call.', retryable: false, details: {} } };
      }
      // As over IPC: what arrives is a copy.
      return { ok: true, value: structuredClone(handler(input)) };
    },
    on<Name extends EventName>(name: Name, listener: (payload: EventPayload<Name>) => void): () => void {
      const all = listeners.get(name) ?? new Set();
      listeners.set(name, all.add(listener));
      return () => all.delete(listener);
    },
  };
}
