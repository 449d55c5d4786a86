import {
  AppError,
  createMessage,
  type CallOutput,
  type ParsedInput,
  type SavedView,
  type Session,
  type SessionCounts,
  type SessionDetails,
  type SessionSort,
  assertNever,
  tryParseJson,
  type FieldChange,
  type TimelineEntry,
} from '../../contract/index.ts';
import { LatestRequest } from '../async.ts';
import { toCancellation, toSessionReading } from '../cancellation/index.ts';
import { assertProduct, auditFields, type Connections } from '../connections/index.ts';
import { parseWebhookEvent, type ProviderSession, type Providers } from '../providers/index.ts';
import type {
  AuditEntryOf,
  NewSession,
  OperationOutput,
  SessionCountGroup,
  Store,
  ListPosition,
  SessionEventRow,
} from '../store/index.ts';
import { aggregateCounts, hasSearchOrRange } from './counts.ts';
import { readSession, toReadError } from './read-session.ts';
import { z } from 'zod';

export interface SessionsDependencies {
  readonly store: Store;
  readonly connections: Connections;
  readonly providers: Providers;
  /** `rows` is null if too many sessions changed to list them. */
  onSessionsChanged(rows: Session[] | null): void;
}

/** The tracked sessions of a workspace: lists, adds and changes them, and reads them at their provider. */
export class Sessions {
  readonly #dependencies: SessionsDependencies;
  readonly #abortController = new AbortController();
  readonly #latestPageRequest = new LatestRequest();
  readonly #latestCountRequest = new LatestRequest();
  #countNumber = 0;

  constructor(dependencies: SessionsDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * One page of the list. Throws invalid_input for a cursor of another sort order, and superseded if a newer request of
   * the same viewer replaces this one.
   */
  async list({
    sort,
    after,
    viewId,
    generation,
    ...input
  }: ParsedInput<'sessions.list'>): Promise<CallOutput<'sessions.list'>> {
    const position = after === null ? null : decodeCursor(after, sort);
    const { rows, next } = await this.#dependencies.store.run(
      'sessionPage',
      { ...input, sort, after: position },
      this.#latestPageRequest.getSignal(viewId, generation),
    );
    return { rows, next: next && encodeCursor(next, sort) };
  }

  /**
   * Counts the matches of a filter: from stored counters or, if the filter contains a search or a range, by a scan in
   * parts, so that a cancellation does not wait for it. Throws superseded if the same viewer starts another count.
   */
  async count({ filter, viewId }: ParsedInput<'sessions.count'>): Promise<SessionCounts> {
    const { store, connections } = this.#dependencies;
    this.#countNumber += 1;
    const signal = this.#latestCountRequest.getSignal(viewId, this.#countNumber);
    const groups = hasSearchOrRange(filter)
      ? await this.#countByScan(filter, signal)
      : await store.run('sessionCountGroups', null);
    return aggregateCounts(filter, groups, connections.list(), await store.run('currencies', null));
  }

  async #countByScan(
    filter: ParsedInput<'sessions.count'>['filter'],
    signal: AbortSignal,
  ): Promise<SessionCountGroup[]> {
    const groups: SessionCountGroup[] = [];
    for (let after: number | null = 0; after !== null;) {
      signal.throwIfAborted();
      const part: OperationOutput<'countGroups'> = await this.#dependencies.store.run(
        'countGroups',
        { filter, after },
        signal,
      );
      groups.push(...part.groups);
      after = part.next;
    }
    return groups;
  }

  /**
   * Reads a session at its provider and tracks it. Throws product_mismatch, session_already_tracked or the error of the
   * read; then the session is not tracked.
   */
  async add({ connectionId, product, id, reference, subAccount }: ParsedInput<'sessions.add'>): Promise<Session> {
    const connection = this.#dependencies.connections.get(connectionId);
    const { provider: name } = connection.options;
    assertProduct(connection, product);
    const tracked = await this.#dependencies.store.run('sessionById', { connectionId, product, id });
    if (tracked) throw alreadyTrackedError(tracked.key);
    const provider = this.#dependencies.providers[name];
    const account = await this.#dependencies.connections.getAccount(connectionId);
    const target = { id, product, subAccount };
    const result = await provider.read(account, target, this.#abortController.signal);
    if (result.kind !== 'found') throw toReadError(result, connection, provider.getIdWarning(id));
    // The status leaves out creation time and currency. The session is tracked even if this second read fails.
    const details = await provider.readDetails?.(account, target, this.#abortController.signal);
    const now = new Date().toISOString();
    const reading = toSessionReading(
      details?.kind === 'found' ? mergeDetails(result.session, details.session) : result.session,
    );
    const [row] = await this.#track(
      [
        {
          ...reading,
          connectionId,
          product,
          id,
          subAccount,
          source: 'added',
          firstSeenAt: now,
          lastCheckedAt: now,
          reference: reading.reference ?? reference,
        },
      ],
      { action: 'session_added', ...auditFields(connection), sessionId: id, outcome: result.session.status },
    );
    if (row) return row;
    // A concurrent call has added the same session.
    throw alreadyTrackedError(
      (await this.#dependencies.store.run('sessionById', { connectionId, product, id }))?.key ?? 0,
    );
  }

  /**
   * Applies a webhook event that an operator pasted (providers.md 1.9, 2.6): a desktop app cannot receive webhooks.
   * Throws product_mismatch, webhook_secret_missing, webhook_event_rejected or a keychain_ code. The audit log records
   * a rejected event; no session changes.
   */
  async applyWebhookEvent({
    connectionId,
    product,
    body,
    signature,
  }: ParsedInput<'sessions.applyWebhookEvent'>): Promise<Session> {
    const { store, connections } = this.#dependencies;
    const connection = connections.get(connectionId);
    assertProduct(connection, product);
    const secret = await connections.getWebhookSecret(connectionId);
    const bytes = Buffer.from(body, 'utf8');
    const event = parseWebhookEvent(connection.options.provider, { bytes, signature, secret });
    if (event.kind === 'refused') {
      const { rejectionCode: code, message } = event;
      const detail = { kind: 'code' as const, code };
      await store.run('appendAudit', { action: 'event_refused', ...auditFields(connection), detail });
      throw new AppError('webhook_event_rejected', message, {
        details: { why: code, field: code === 'signature_wrong' ? 'signature' : 'body' },
      });
    }
    const { sessionId, session, occurredAt } = event;
    const reading = toSessionReading(session);
    const row = await store.run('recordEvent', {
      session: {
        ...reading,
        connectionId,
        product,
        id: sessionId,
        subAccount: null,
        source: 'event',
        firstSeenAt: new Date().toISOString(),
        lastCheckedAt: null,
      },
      reading,
      occurredAt,
      audit: { action: 'event_applied', ...auditFields(connection), sessionId, outcome: session.status },
    });
    this.#dependencies.onSessionsChanged([row]);
    return row;
  }

  /** Tracks the simulated sessions of practice without a read of each. */
  async trackPracticeSessions(sessions: readonly NewSession[]): Promise<void> {
    await this.#track(sessions, { action: 'session_added', detail: { kind: 'sessions', sessions: sessions.length } });
    this.#dependencies.onSessionsChanged(null);
  }

  /** The session and its timeline, newest entry first. Throws session_not_found. */
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
    return { session, timeline: timeline.sort((left, right) => right.at.localeCompare(left.at)) };
  }

  /**
   * Reads a session at its provider and stores the status. A session that the provider does not find stays tracked,
   * with the status `unknown`. Throws session_not_found or the error of the read.
   */
  async refresh(sessionKey: number): Promise<Session> {
    const session = await this.#getSession(sessionKey);
    const { signal } = this.#abortController;
    const { updatedSession, error } = await readSession(this.#dependencies, session, true, signal);
    if (updatedSession) this.#dependencies.onSessionsChanged([updatedSession]);
    if (!updatedSession) throw error;
    if (error) throw error;
    return updatedSession;
  }

  /**
   * Stores the note and adds it to the session's timeline. The audit log records only that a note was written or
   * removed, because its records can never be deleted. Throws session_not_found.
   */
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

  /** The saved views of the list, in the order in which they were added. */
  listViews(): Promise<SavedView[]> {
    return this.#dependencies.store.run('savedViews', null);
  }

  /** Adds a view, or replaces the one with the same id. */
  async saveView(view: SavedView): Promise<SavedView> {
    await this.#dependencies.store.run('putView', view);
    return view;
  }

  async removeView(id: string): Promise<void> {
    await this.#dependencies.store.run('removeView', id);
  }

  close(): void {
    this.#abortController.abort();
    this.#latestPageRequest.close();
    this.#latestCountRequest.close();
  }

  async #track(sessions: readonly NewSession[], audit: AuditEntryOf<'session_added'>): Promise<Session[]> {
    const rows = await this.#dependencies.store.run('trackSessions', { sessions, audit });
    this.#dependencies.onSessionsChanged(rows.length > 200 ? null : rows);
    return rows;
  }

  async #getSession(sessionKey: number): Promise<Session> {
    const session = await this.#dependencies.store.run('session', sessionKey);
    if (!session)
      throw new AppError('session_not_found', createMessage('session.notTracked'), {
        details: { sessionKey },
      });
    return session;
  }
}

/** The session of the first read, with the values that are null in it filled in from `details`. */
function mergeDetails(session: ProviderSession, details: ProviderSession): ProviderSession {
  const knownValues = Object.fromEntries(Object.entries(session).filter(([, value]) => value !== null));
  return { ...details, ...knownValues, rawDetail: session.rawDetail };
}

function alreadyTrackedError(sessionKey: number): AppError {
  return new AppError('session_already_tracked', createMessage('session.alreadyTracked'), {
    details: { field: 'id', sessionKey },
  });
}

const cursorSchema = z.tuple([z.string(), z.union([z.string(), z.number(), z.null()]), z.int().positive()]);

export function encodeCursor({ value, key }: ListPosition, sort: SessionSort): string {
  return JSON.stringify([sort.by, value, key]);
}

/** Throws invalid_input if the cursor was not created by `encodeCursor` for the same sort order. */
export function decodeCursor(cursor: string, sort: SessionSort): ListPosition {
  const { data } = cursorSchema.safeParse(tryParseJson(cursor));
  if (data?.[0] === sort.by) return { value: data[1], key: data[2] };
  throw new AppError('invalid_input', createMessage('session.listPositionInvalid'), { details: { field: 'after' } });
}

/** Converts a stored session event into an entry of the session's timeline. */
export function toTimelineEntry(event: SessionEventRow): TimelineEntry {
  const { at, kind, rawStatus, rawDetail } = event;
  const to = event.toStatus ?? 'unknown';
  switch (kind) {
    case 'tracked':
      return { kind, at, operator: event.operator ?? '' };
    case 'status':
      return { kind, at, from: event.fromStatus, to, rawStatus, rawDetail };
    case 'event':
      return { kind, at, providerTime: event.toldWhen, to, rawStatus, rawDetail };
    case 'facts':
      return { kind, at, changes: JSON.parse(event.facts ?? '[]') as FieldChange[] };
    case 'note':
      return { kind, at, operator: event.operator ?? '', note: event.note };
    default:
      return assertNever(kind);
  }
}
