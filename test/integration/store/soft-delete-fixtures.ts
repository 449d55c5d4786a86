/** A store with sessions of every kind, and the file as it is: what a removal and its undo must leave equal. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { onTestFinished } from 'vitest';
import {
  cancellationState,
  sessionStatus,
  type CancellationState,
  type SessionStatus,
} from '../../../src-main/contract/index.ts';
import { Store } from '../../../src-main/core/store/index.ts';
import { createTempFolder, storeWorkerUrl } from '../../support/app.ts';

export const longAgo = '2026-01-05T10:00:00.000Z';
export const cutoff = '2026-06-01T00:00:00.000Z';
export const recently = '2026-11-01T00:00:00.000Z';
export const removalRecord = { id: '40000000-0000-4000-8000-000000000001', at: '2026-11-21T14:05:00.000Z' } as const;

const openStates: readonly CancellationState[] = ['intended', 'sent', 'unknown'];
const settledStates = cancellationState.options.filter((state) => !openStates.includes(state));

export interface SessionSpec {
  readonly connectionId: string;
  readonly id: string;
  readonly reference: string | null;
  readonly note: string | null;
  readonly status: SessionStatus;
  readonly firstSeenAt: string;
  readonly lastCheckedAt: string | null;
  readonly isWatched: boolean;
  /** Of events beside the first; what a note became. */
  readonly notes: readonly string[];
  readonly cancellations: readonly CancellationState[];
}

const arbitraryText = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom('', 'a\0b', '"]}', '\\u0000', '😀', '\u2028', "'); --", 'null', '1e999', 'Order-100'),
);
const arbitraryInstant = fc.constantFrom(longAgo, recently);

/** Most of them old and final; each with an id of its own. */
export const arbitrarySessions = fc.uniqueArray(
  fc.record<SessionSpec>({
    connectionId: fc.constantFrom('c1', 'c2'),
    id: arbitraryText,
    reference: fc.option(arbitraryText),
    note: fc.option(arbitraryText),
    status: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom<SessionStatus>('completed', 'cancelled', 'expired', 'failed') },
      fc.constantFrom(...sessionStatus.options),
    ),
    firstSeenAt: fc.oneof({ weight: 5, arbitrary: fc.constant(longAgo) }, arbitraryInstant),
    lastCheckedAt: fc.option(arbitraryInstant),
    isWatched: fc.boolean(),
    notes: fc.array(arbitraryText, { maxLength: 3 }),
    cancellations: fc
      .tuple(
        fc.array(fc.constantFrom(...settledStates), { maxLength: 2 }),
        fc.constantFrom<readonly CancellationState[]>([], [], [], ['unknown']),
      )
      .map((all) => all.flat()),
    // As SQLite has them: what is half of a character is no text.
  }),
  { selector: ({ connectionId, id }) => `${connectionId} ${Buffer.from(id).toString()}`, minLength: 1, maxLength: 14 },
);

export class RemovalFixture {
  readonly folder = createTempFolder();
  store!: Store;

  static async create(made: readonly SessionSpec[]): Promise<RemovalFixture> {
    const bench = new RemovalFixture();
    await bench.open();
    onTestFinished(() => bench.store.close());
    for (const id of ['c1', 'c2']) {
      await bench.store.run('putConnection', {
        row: {
          id,
          provider: 'flinks',
          name: id,
          environment: 'sandbox',
          baseUrl: 'https://example.test',
          options: '{}',
          secretPlace: 'keychain',
          secretLastFour: '',
          secretStoredAt: longAgo,
          eventSecretPlace: null,
          locked: 0,
          createdAt: longAgo,
        },
        audit: null,
      });
    }
    bench.addSessions(made);
    return bench;
  }

  async open(): Promise<void> {
    this.store = await Store.open(storeWorkerUrl, {
      folder: this.folder,
      operator: 'olivia',
      host: 'desk-7',
      auditKey: new Uint8Array(32),
    });
  }

  async reopen(): Promise<void> {
    await this.store.close();
    await this.open();
  }

  /** By another hand in the file itself. */
  withDatabase<Value>(act: (database: DatabaseSync) => Value): Value {
    const database = new DatabaseSync(join(this.folder, 'desk.sqlite'), { timeout: 5_000 });
    try {
      return act(database);
    } finally {
      database.close();
    }
  }

  addSessions(made: readonly SessionSpec[]): void {
    this.withDatabase((database) => {
      database.exec('PRAGMA foreign_keys = ON; BEGIN');
      for (const session of made) insertSession(database, session);
      database.exec('COMMIT');
    });
  }

  /** Everything that is said of sessions, row by row, but the counts of none. */
  dump(): Record<string, readonly unknown[]> {
    return this.withDatabase((database) => ({
      sessions: database.prepare('SELECT * FROM sessions ORDER BY key').all(),
      events: database.prepare('SELECT * FROM session_events ORDER BY key').all(),
      cancellations: database.prepare('SELECT * FROM cancellations ORDER BY id').all(),
      watched: database.prepare('SELECT * FROM watched_sessions ORDER BY session_key').all(),
      counts: database.prepare('SELECT * FROM session_counts WHERE sessions <> 0 ORDER BY 1, 2, 3, 4').all(),
    }));
  }

  /** Throws where the search, the file or the counts are not what the rows say. */
  assertConsistent(): void {
    this.withDatabase((database) => {
      database.exec("INSERT INTO sessions_search (sessions_search, rank) VALUES ('integrity-check', 1)");
      const [sound] = database.prepare('PRAGMA integrity_check').all();
      const strangers = database.prepare('PRAGMA foreign_key_check').all();
      const counted = database
        .prepare(
          'SELECT connection_id, product, status, source, count(*) AS sessions FROM sessions GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4',
        )
        .all();
      if (sound?.['integrity_check'] !== 'ok' || strangers.length > 0)
        throw new Error(JSON.stringify([sound, strangers]));
      if (JSON.stringify(counted) !== JSON.stringify(this.dump()['counts']))
        throw new Error('The counts are not those of the rows.');
      const kept = database
        .prepare(
          `SELECT (SELECT coalesce(sum(sessions), 0) FROM removals) AS said, (SELECT count(*) FROM removed_sessions) AS are`,
        )
        .get();
      if (kept?.['said'] !== kept?.['are'])
        throw new Error(`${String(kept?.['said'])} are said to be kept, and ${String(kept?.['are'])} are.`);
    });
  }

  /** Slice by slice to the end, or so many slices; answers how many sessions. */
  async remove(limit: number, slices = Infinity): Promise<number> {
    let all = 0;
    for (let left = slices; left > 0; left -= 1) {
      const now = await this.store.run('removeOldSessions', { ...removalRecord, before: cutoff, limit });
      all += now;
      if (now < limit) break;
    }
    return all;
  }

  async undo(limit: number, slices = Infinity): Promise<Record<'restored' | 'merged' | 'unrestorable', number>> {
    const sum = { restored: 0, merged: 0, lost: 0 };
    for (let left = slices; left > 0; left -= 1) {
      const slice = await this.store.run('restoreSessions', { id: removalRecord.id, limit });
      if (!slice) break;
      for (const name of ['restored', 'merged', 'unrestorable'] as const) sum[name] += slice[name];
      if (slice.remaining === 0) break;
    }
    return sum;
  }
}

function insertSession(database: DatabaseSync, made: SessionSpec): void {
  const { lastInsertRowid: key } = database
    .prepare(
      `INSERT INTO sessions (connection_id, product, id, reference, amount, currency, status, source, first_seen_at, last_checked_at, note)
    VALUES (?, 'geft', ?, ?, '65.10', 'CAD', ?, 'imported', ?, ?, ?)`,
    )
    .run(made.connectionId, made.id, made.reference, made.status, made.firstSeenAt, made.lastCheckedAt, made.note);
  const event = database.prepare(
    'INSERT INTO session_events (session_key, at, kind, operator, to_status, note, facts) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  event.run(key, made.firstSeenAt, 'tracked', 'olivia', made.status, null, null);
  for (const note of made.notes)
    event.run(key, made.firstSeenAt, 'note', 'olivia', null, note, '[{"fact":"amount","from":"65.1","to":null}]');
  for (const state of made.cancellations) {
    database
      .prepare(
        `INSERT INTO cancellations (id, session_key, state, payment_in_flight, operator, reason_category, reason_note, calls, unclear_calls, requested_at, settled_at)
      VALUES (?, ?, ?, 1, 'olivia', 'Customer asked', ?, 1, 0, ?, ?)`,
      )
      .run(crypto.randomUUID(), key, state, made.note ?? '', made.firstSeenAt, made.firstSeenAt);
  }
  if (made.isWatched)
    database.prepare('INSERT INTO watched_sessions (session_key, since) VALUES (?, ?)').run(key, made.firstSeenAt);
}
