import {
  DeskError, productsOf, sessionStatus,
  type CallOutput, type CheckedInput, type Connection, type Product, type Session, type SessionCounts, type SessionStory,
} from '../../contract/index.ts';
import { viewOf } from '../cancellation/index.ts';
import { auditFacts, type Connections } from '../connections/index.ts';
import type { FoundSession, Providers } from '../providers/index.ts';
import type { NewSession, OperationOutput, Store } from '../store/index.ts';
import { applyEvent } from './event-input.ts';
import { readSession } from './read.ts';
import { refusalOf } from './refusal.ts';
import { timelineEntryOf } from './timeline.ts';

export interface RegistryParts {
  readonly store: Store;
  readonly connections: Connections;
  readonly providers: Providers;
  /** `null`: too many to list. */
  changed(rows: Session[] | null): void;
}

/** The tracked sessions of a workspace: found, added, read again at their provider. */
export class Registry {
  readonly #parts: RegistryParts;
  readonly #stopping = new AbortController();

  constructor(parts: RegistryParts) {
    this.#parts = parts;
  }

  async page({ filter, after, skip, limit }: CheckedInput<'sessions.page'>): Promise<CallOutput<'sessions.page'>> {
    const rows = await this.#parts.store.run('sessionPage', { filter, after: after === null ? null : keyOf(after), skip, limit });
    const last = rows.at(-1);
    return { rows, next: last && rows.length === limit ? String(last.key) : null };
  }

  /** All of them from counters; those of a search stretch by stretch, so that no intent waits behind a count. */
  async counts({ filter: { search } }: CheckedInput<'sessions.counts'>): Promise<SessionCounts> {
    const { store } = this.#parts;
    if (search === '') return store.run('sessionCounts', null);
    const byStatus = Object.fromEntries(sessionStatus.options.map((status) => [status, 0])) as SessionCounts['byStatus'];
    for (let after: number | null = 0; after !== null;) {
      const stretch: OperationOutput<'searchCounts'> = await store.run('searchCounts', { search, after }, this.#stopping.signal);
      for (const status of sessionStatus.options) byStatus[status] += stretch.byStatus[status] ?? 0;
      after = stretch.next;
    }
    return { total: Object.values(byStatus).reduce((sum, count) => sum + count, 0), byStatus };
  }

  /** Tracks a session that its provider knows. Throws product_mismatch, session_already_tracked or what the look-up met. */
  async add({ connectionId, product, id, reference, subAccount }: CheckedInput<'sessions.add'>): Promise<Session> {
    const connection = this.#parts.connections.get(connectionId);
    const { provider: name } = connection.options;
    this.#checkProduct(connection, product);
    const tracked = await this.#parts.store.run('sessionById', { connectionId, product, id });
    if (tracked) throw alreadyTracked(tracked.key);
    const provider = this.#parts.providers[name];
    const account = await this.#parts.connections.account(connectionId);
    const target = { id, product, subAccount };
    const answer = await provider.read(account, target, this.#stopping.signal);
    if (answer.kind !== 'found') throw refusalOf(answer, connection, provider.idWarning(id));
    // Once, for what the status leaves out: when it was made and in which currency. Without them it is tracked all the same.
    const details = await provider.readDetails?.(account, target, this.#stopping.signal);
    const now = new Date().toISOString();
    const { final: _final, paymentInFlight: _inFlight, ...facts } = details?.kind === 'found' ? merged(answer.session, details.session) : answer.session;
    const [row] = await this.#track(
      [{
        ...facts, connectionId, product, id, subAccount, source: 'added', firstSeenAt: now, lastCheckedAt: now,
        reference: facts.reference ?? reference,
      }],
      { action: 'session_added', ...auditFacts(connection), sessionId: id, outcome: answer.session.status },
    );
    if (row) return row;
    // Added twice at once: the other one was first.
    throw alreadyTracked((await this.#parts.store.run('sessionById', { connectionId, product, id }))?.key ?? 0);
  }

  async applyEvent(input: CheckedInput<'sessions.applyEvent'>): Promise<Session> {
    this.#checkProduct(this.#parts.connections.get(input.connectionId), input.product);
    const row = await applyEvent(this.#parts.store, this.#parts.connections, input);
    this.#parts.changed([row]);
    return row;
  }

  /** Tracks sessions that practice knows without asking for each. */
  async trackPractice(sessions: readonly NewSession[]): Promise<void> {
    await this.#track(sessions, { action: 'session_added', detail: `${sessions.length} practice sessions` });
    this.#parts.changed(null);
  }

  async story(sessionKey: number): Promise<SessionStory> {
    const session = await this.#session(sessionKey);
    const [events, cancellations] = await Promise.all([
      this.#parts.store.run('sessionEvents', sessionKey),
      this.#parts.store.run('cancellationsOf', sessionKey),
    ]);
    const timeline: SessionStory['timeline'] = [
      ...events.map(timelineEntryOf),
      ...cancellations.map((row) => ({ kind: 'cancellation' as const, at: row.requestedAt, cancellation: viewOf(row) })),
    ];
    return { session, timeline: timeline.sort((one, other) => other.at.localeCompare(one.at)) };
  }

  /** Reads a session at its provider. One the provider does not know is kept, as `unknown`. */
  async refresh(sessionKey: number): Promise<Session> {
    const session = await this.#session(sessionKey);
    const { answer, connection, row } = await readSession(this.#parts, session, true, this.#stopping.signal);
    if (row) this.#parts.changed([row]);
    if (!row || answer.kind !== 'found') throw refusalOf(answer as Exclude<typeof answer, { kind: 'found' }>, connection, null);
    return row;
  }

  close(): void {
    this.#stopping.abort();
  }

  #checkProduct({ name, options }: Connection, product: Product): void {
    if (productsOf[options.provider].includes(product)) return;
    throw new DeskError('product_mismatch', `${name} has no such product. Choose one of its own.`, { details: { field: 'product' } });
  }

  async #track(sessions: readonly NewSession[], audit: Parameters<Store['run']>[1] & { action: 'session_added' }): Promise<Session[]> {
    const rows = await this.#parts.store.run('trackSessions', { sessions, audit });
    this.#parts.changed(rows.length > 200 ? null : rows);
    return rows;
  }

  async #session(key: number): Promise<Session> {
    const session = await this.#parts.store.run('session', key);
    if (!session) throw new DeskError('session_not_found', 'This session is not tracked in this workspace.', { details: { sessionKey: key } });
    return session;
  }
}

/** The status is the first reading's; the second fills in what the first left out. */
function merged(session: FoundSession, details: FoundSession): FoundSession {
  const known = Object.fromEntries(Object.entries(session).filter(([, value]) => value !== null));
  return { ...details, ...known, rawDetail: session.rawDetail };
}

function keyOf(cursor: string): number {
  const key = Number(cursor);
  if (!Number.isSafeInteger(key) || key < 1) throw new DeskError('invalid_input', 'The place in the list is not one this console gave. Reload the list.', { details: { field: 'after' } });
  return key;
}

function alreadyTracked(sessionKey: number): DeskError {
  return new DeskError('session_already_tracked', 'This session is tracked already.', { details: { field: 'id', sessionKey } });
}
