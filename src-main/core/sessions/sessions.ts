import {
  AppError,
  productsByProvider,
  type CallOutput,
  type ParsedInput,
  type Connection,
  type Product,
  type Session,
  type SessionCounts,
  type SessionDetails,
} from '../../contract/index.ts';
import { toCancellation } from '../cancellation/index.ts';
import { auditFields, type Connections } from '../connections/index.ts';
import type { ProviderSession, Providers } from '../providers/index.ts';
import type { NewSession, OperationOutput, SessionCountGroup, Store } from '../store/index.ts';
import { aggregateCounts, hasSearchOrRange } from './counts.ts';
import { encodeCursor, decodeCursor } from './cursor.ts';
import { applyEvent } from './webhook-events.ts';
import { readSession } from './read-session.ts';
import { toReadError } from './read-error.ts';
import { toTimelineEntry } from './timeline.ts';
import { LatestRequest } from './latest-request.ts';

export interface SessionsDependencies {
  readonly store: Store;
  readonly connections: Connections;
  readonly providers: Providers;
  /** `null`: too many to list. */
  onSessionsChanged(rows: Session[] | null): void;
}

/** The tracked sessions of a workspace: found, added, read again at their provider. */
export class Sessions {
  readonly #dependencies: SessionsDependencies;
  readonly #abortController = new AbortController();
  readonly #latestPageRequest = new LatestRequest();
  /** By viewer. */
  readonly #activeCounts = new Map<string, AbortController>();

  constructor(dependencies: SessionsDependencies) {
    this.#dependencies = dependencies;
  }

  async page({
    sort,
    after,
    viewId,
    generation,
    ...input
  }: ParsedInput<'sessions.page'>): Promise<CallOutput<'sessions.page'>> {
    const place = after === null ? null : decodeCursor(after, sort);
    const { rows, next } = await this.#dependencies.store.run(
      'sessionPage',
      { ...input, sort, after: place },
      this.#latestPageRequest.getSignal(viewId, generation),
    );
    return { rows, next: next && encodeCursor(next, sort) };
  }

  /** All of them from counters; those of a search or a range stretch by stretch, so that no intent waits behind a count. */
  async counts({ filter, viewId }: ParsedInput<'sessions.counts'>): Promise<SessionCounts> {
    const { store, connections } = this.#dependencies;
    this.#activeCounts
      .get(viewId)
      ?.abort(new AppError('superseded', 'Another count was asked for meanwhile.', { retryable: true }));
    const counting = new AbortController();
    this.#activeCounts.set(viewId, counting);
    try {
      const signal = AbortSignal.any([counting.signal, this.#abortController.signal]);
      const cells = hasSearchOrRange(filter)
        ? await this.#countByScan(filter, signal)
        : await store.run('sessionCountGroups', null);
      return aggregateCounts(filter, cells, connections.list(), await store.run('currencies', null));
    } finally {
      if (this.#activeCounts.get(viewId) === counting) this.#activeCounts.delete(viewId);
    }
  }

  async #countByScan(
    filter: ParsedInput<'sessions.counts'>['filter'],
    signal: AbortSignal,
  ): Promise<SessionCountGroup[]> {
    const all: SessionCountGroup[] = [];
    for (let after: number | null = 0; after !== null;) {
      signal.throwIfAborted();
      const stretch: OperationOutput<'countGroups'> = await this.#dependencies.store.run(
        'countGroups',
        { filter, after },
        signal,
      );
      all.push(...stretch.groups);
      after = stretch.next;
    }
    return all;
  }

  /** Tracks a session that its provider knows. Throws product_mismatch, session_already_tracked or what the look-up met. */
  async add({ connectionId, product, id, reference, subAccount }: ParsedInput<'sessions.add'>): Promise<Session> {
    const connection = this.#dependencies.connections.get(connectionId);
    const { provider: name } = connection.options;
    this.#assertProduct(connection, product);
    const tracked = await this.#dependencies.store.run('sessionById', { connectionId, product, id });
    if (tracked) throw alreadyTrackedError(tracked.key);
    const provider = this.#dependencies.providers[name];
    const account = await this.#dependencies.connections.getAccount(connectionId);
    const target = { id, product, subAccount };
    const answer = await provider.read(account, target, this.#abortController.signal);
    if (answer.kind !== 'found') throw toReadError(answer, connection, provider.getIdWarning(id));
    // Once, for what the status leaves out: when it was made and in which currency. Without them it is tracked all the same.
    const details = await provider.readDetails?.(account, target, this.#abortController.signal);
    const now = new Date().toISOString();
    const {
      isFinal: _isFinal,
      paymentInFlight: _inFlight,
      ...facts
    } = details?.kind === 'found' ? mergeDetails(answer.session, details.session) : answer.session;
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
      { action: 'session_added', ...auditFields(connection), sessionId: id, outcome: answer.session.status },
    );
    if (row) return row;
    // Added twice at once: the other one was first.
    throw alreadyTrackedError(
      (await this.#dependencies.store.run('sessionById', { connectionId, product, id }))?.key ?? 0,
    );
  }

  async applyEvent(input: ParsedInput<'sessions.applyWebhookEvent'>): Promise<Session> {
    this.#assertProduct(this.#dependencies.connections.get(input.connectionId), input.product);
    const row = await applyEvent(this.#dependencies.store, this.#dependencies.connections, input);
    this.#dependencies.onSessionsChanged([row]);
    return row;
  }

  /** Tracks sessions that practice knows without asking for each. */
  async trackPracticeSessions(sessions: readonly NewSession[]): Promise<void> {
    await this.#track(sessions, { action: 'session_added', detail: `${sessions.length} practice sessions` });
    this.#dependencies.onSessionsChanged(null);
  }

  async getDetails(sessionKey: number): Promise<SessionDetails> {
    const session = await this.#getSession(sessionKey);
    const [events, cancellations] = await Promise.all([
      this.#dependencies.store.run('sessionEvents', sessionKey),
      this.#dependencies.store.run('cancellationsOf', sessionKey),
    ]);
    const timeline: SessionDetails['timeline'] = [
      ...events.map(toTimelineEntry),
      ...cancellations.map((row) => ({
        kind: 'cancellation' as const,
        at: row.requestedAt,
        cancellation: toCancellation(row),
      })),
    ];
    return { session, timeline: timeline.sort((one, other) => other.at.localeCompare(one.at)) };
  }

  /** Reads a session at its provider. One the provider does not know is kept, as `unknown`. */
  async refresh(sessionKey: number): Promise<Session> {
    const session = await this.#getSession(sessionKey);
    const { answer, connection, updatedSession } = await readSession(
      this.#dependencies,
      session,
      true,
      this.#abortController.signal,
    );
    if (updatedSession) this.#dependencies.onSessionsChanged([updatedSession]);
    if (!updatedSession || answer.kind !== 'found')
      throw toReadError(answer as Exclude<typeof answer, { kind: 'found' }>, connection, null);
    return updatedSession;
  }

  /** The words go into the session's timeline. The audit log says that there are some, as it can never be rid of them again. */
  async setNote({ sessionKey, note }: ParsedInput<'sessions.setNote'>): Promise<Session> {
    const { connectionId, id } = await this.#getSession(sessionKey);
    const row = await this.#dependencies.store.run('setNote', {
      sessionKey,
      note,
      at: new Date().toISOString(),
      audit: {
        action: 'session_noted',
        ...auditFields(this.#dependencies.connections.get(connectionId)),
        sessionKey,
        sessionId: id,
      },
    });
    this.#dependencies.onSessionsChanged([row]);
    return row;
  }

  close(): void {
    this.#abortController.abort();
    this.#latestPageRequest.close();
  }

  #assertProduct({ name, options }: Connection, product: Product): void {
    if (productsByProvider[options.provider].includes(product)) return;
    throw new AppError('product_mismatch', `${name} has no such product. Choose one of its own.`, {
      details: { field: 'product' },
    });
  }

  async #track(
    sessions: readonly NewSession[],
    audit: Parameters<Store['run']>[1] & { action: 'session_added' },
  ): Promise<Session[]> {
    const rows = await this.#dependencies.store.run('trackSessions', { sessions, audit });
    this.#dependencies.onSessionsChanged(rows.length > 200 ? null : rows);
    return rows;
  }

  async #getSession(sessionKey: number): Promise<Session> {
    const session = await this.#dependencies.store.run('session', sessionKey);
    if (!session)
      throw new AppError('session_not_found', 'This session is not tracked in this workspace.', {
        details: { sessionKey },
      });
    return session;
  }
}

/** The status is the first reading's; the second fills in what the first left out. */
function mergeDetails(session: ProviderSession, details: ProviderSession): ProviderSession {
  const known = Object.fromEntries(Object.entries(session).filter(([, value]) => value !== null));
  return { ...details, ...known, rawDetail: session.rawDetail };
}

function alreadyTrackedError(sessionKey: number): AppError {
  return new AppError('session_already_tracked', 'This session is tracked already.', {
    details: { field: 'id', sessionKey },
  });
}
