import {
  DeskError,
  productsOf,
  type CallOutput,
  type CheckedInput,
  type Connection,
  type Product,
  type Session,
  type SessionCounts,
  type SessionStory,
} from '../../contract/index.ts';
import { viewOf } from '../cancellation/index.ts';
import { auditFacts, type Connections } from '../connections/index.ts';
import type { FoundSession, Providers } from '../providers/index.ts';
import type { NewSession, OperationOutput, SessionCell, Store } from '../store/index.ts';
import { countsOf, isNarrowed } from './counts.ts';
import { cursorOf, placeOf } from './cursor.ts';
import { applyEvent } from './webhook-events.ts';
import { readSession } from './read-session.ts';
import { refusalOf } from './read-error.ts';
import { timelineEntryOf } from './timeline.ts';
import { Turns } from './latest-request.ts';

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
  readonly #turns = new Turns();
  /** By viewer. */
  readonly #counting = new Map<string, AbortController>();

  constructor(parts: RegistryParts) {
    this.#parts = parts;
  }

  async page({
    sort,
    after,
    viewer,
    turn,
    ...input
  }: CheckedInput<'sessions.page'>): Promise<CallOutput<'sessions.page'>> {
    const place = after === null ? null : placeOf(after, sort);
    const { rows, next } = await this.#parts.store.run(
      'sessionPage',
      { ...input, sort, after: place },
      this.#turns.signalOf(viewer, turn),
    );
    return { rows, next: next && cursorOf(next, sort) };
  }

  /** All of them from counters; those of a search or a range stretch by stretch, so that no intent waits behind a count. */
  async counts({ filter, viewer }: CheckedInput<'sessions.counts'>): Promise<SessionCounts> {
    const { store, connections } = this.#parts;
    this.#counting
      .get(viewer)
      ?.abort(new DeskError('superseded', 'Another count was asked for meanwhile.', { retryable: true }));
    const counting = new AbortController();
    this.#counting.set(viewer, counting);
    try {
      const signal = AbortSignal.any([counting.signal, this.#stopping.signal]);
      const cells = isNarrowed(filter) ? await this.#counted(filter, signal) : await store.run('sessionCells', null);
      return countsOf(filter, cells, connections.list(), await store.run('currencies', null));
    } finally {
      if (this.#counting.get(viewer) === counting) this.#counting.delete(viewer);
    }
  }

  async #counted(filter: CheckedInput<'sessions.counts'>['filter'], signal: AbortSignal): Promise<SessionCell[]> {
    const all: SessionCell[] = [];
    for (let after: number | null = 0; after !== null;) {
      signal.throwIfAborted();
      const stretch: OperationOutput<'countedCells'> = await this.#parts.store.run(
        'countedCells',
        { filter, after },
        signal,
      );
      all.push(...stretch.cells);
      after = stretch.next;
    }
    return all;
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
    const {
      final: _final,
      paymentInFlight: _inFlight,
      ...facts
    } = details?.kind === 'found' ? merged(answer.session, details.session) : answer.session;
    const [row] = await this.#track(
      [
        {
          ...facts,
          connectionId,
          product,
          id,
          subAccount,
          source: 'added',
          firstSeenAt: now,
          lastCheckedAt: now,
          reference: facts.reference ?? reference,
        },
      ],
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
      ...cancellations.map((row) => ({
        kind: 'cancellation' as const,
        at: row.requestedAt,
        cancellation: viewOf(row),
      })),
    ];
    return { session, timeline: timeline.sort((one, other) => other.at.localeCompare(one.at)) };
  }

  /** Reads a session at its provider. One the provider does not know is kept, as `unknown`. */
  async refresh(sessionKey: number): Promise<Session> {
    const session = await this.#session(sessionKey);
    const { answer, connection, row } = await readSession(this.#parts, session, true, this.#stopping.signal);
    if (row) this.#parts.changed([row]);
    if (!row || answer.kind !== 'found')
      throw refusalOf(answer as Exclude<typeof answer, { kind: 'found' }>, connection, null);
    return row;
  }

  /** The words go into the session's timeline. The audit log says that there are some, as it can never be rid of them again. */
  async setNote({ sessionKey, note }: CheckedInput<'sessions.setNote'>): Promise<Session> {
    const { connectionId, id } = await this.#session(sessionKey);
    const row = await this.#parts.store.run('setNote', {
      sessionKey,
      note,
      at: new Date().toISOString(),
      audit: {
        action: 'session_noted',
        ...auditFacts(this.#parts.connections.get(connectionId)),
        sessionKey,
        sessionId: id,
      },
    });
    this.#parts.changed([row]);
    return row;
  }

  close(): void {
    this.#stopping.abort();
    this.#turns.close();
  }

  #checkProduct({ name, options }: Connection, product: Product): void {
    if (productsOf[options.provider].includes(product)) return;
    throw new DeskError('product_mismatch', `${name} has no such product. Choose one of its own.`, {
      details: { field: 'product' },
    });
  }

  async #track(
    sessions: readonly NewSession[],
    audit: Parameters<Store['run']>[1] & { action: 'session_added' },
  ): Promise<Session[]> {
    const rows = await this.#parts.store.run('trackSessions', { sessions, audit });
    this.#parts.changed(rows.length > 200 ? null : rows);
    return rows;
  }

  async #session(key: number): Promise<Session> {
    const session = await this.#parts.store.run('session', key);
    if (!session)
      throw new DeskError('session_not_found', 'This session is not tracked in this workspace.', {
        details: { sessionKey: key },
      });
    return session;
  }
}

/** The status is the first reading's; the second fills in what the first left out. */
function merged(session: FoundSession, details: FoundSession): FoundSession {
  const known = Object.fromEntries(Object.entries(session).filter(([, value]) => value !== null));
  return { ...details, ...known, rawDetail: session.rawDetail };
}

function alreadyTracked(sessionKey: number): DeskError {
  return new DeskError('session_already_tracked', 'This session is tracked already.', {
    details: { field: 'id', sessionKey },
  });
}
