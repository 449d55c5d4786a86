/** A store with arbitrary sessions, and a dump of its file to compare before a removal and after its undo. */
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
  /** Texts of the note events after the first event. */
  readonly notes: readonly string[];
  readonly cancellations: readonly CancellationState[];
}

const arbitraryText = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom('', 'a\0b', '"]}', '\\u0000', '😀', '\u2028', "'); --", 'null', '1e999', 'Order-100'),
);
const arbitraryInstant = fc.constantFrom(longAgo, recently);

/** Mostly old sessions with a final status and unique ids. */
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
      .map((states) => states.flat()),
    // Compared as UTF-8, as SQLite stores them: lone surrogates are equal there.
  }),
  { selector: ({ connectionId, id }) => `${connectionId} ${Buffer.from(id).toString()}`, minLength: 1, maxLength: 14 },
);

export class RemovalFixture {
  readonly folder = createTempFolder();
  store!: Store;

  static async create(specs: readonly SessionSpec[]): Promise<RemovalFixture> {
    const fixture = new RemovalFixture();
    await fixture.open();
    onTestFinished(() => fixture.store.close());
    for (const id of ['c1', 'c2']) {
      await fixture.store.run('putConnection', {
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
    fixture.addSessions(specs);
    return fixture;
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

  /** Runs an action on a separate connection to the file. */
  withDatabase<Value>(action: (database: DatabaseSync) => Value): Value {
    const database = new DatabaseSync(join(this.folder, 'desk.sqlite'), { timeout: 5_000 });
    try {
      return action(database);
    } finally {
      database.close();
    }
  }

  addSessions(specs: readonly SessionSpec[]): void {
    this.withDatabase((database) => {
      database.exec('PRAGMA foreign_keys = ON; BEGIN');
      for (const spec of specs) insertSession(database, spec);
      database.exec('COMMIT');
    });
  }

  /** Returns all rows about sessions, without counts of zero. */
  dump(): Record<string, readonly unknown[]> {
    return this.withDatabase((database) => ({
      sessions: database.prepare('SELECT * FROM sessions ORDER BY key').all(),
      events: database.prepare('SELECT * FROM session_events ORDER BY key').all(),
      cancellations: database.prepare('SELECT * FROM cancellations ORDER BY id').all(),
      watched: database.prepare('SELECT * FROM watched_sessions ORDER BY session_key').all(),
      counts: database.prepare('SELECT * FROM session_counts WHERE sessions <> 0 ORDER BY 1, 2, 3, 4').all(),
    }));
  }

  /** Throws if the search index, the file or the counts do not match the rows. */
  assertConsistent(): void {
    this.withDatabase((database) => {
      database.exec("INSERT INTO sessions_search (sessions_search, rank) VALUES ('integrity-check', 1)");
      const [integrity] = database.prepare('PRAGMA integrity_check').all();
      const violations = database.prepare('PRAGMA foreign_key_check').all();
      const counts = database
        .prepare(
          `SELECT connection_id, product, status, source, count(*) AS sessions FROM sessions
          GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
        )
        .all();
      if (integrity?.['integrity_check'] !== 'ok' || violations.length > 0)
        throw new Error(JSON.stringify([integrity, violations]));
      if (JSON.stringify(counts) !== JSON.stringify(this.dump()['counts']))
        throw new Error('The counts differ from the rows.');
      const retained = database
        .prepare(
          `SELECT (SELECT coalesce(sum(sessions), 0) FROM removals) AS recorded,
            (SELECT count(*) FROM removed_sessions) AS stored`,
        )
        .get();
      if (retained?.['recorded'] !== retained?.['stored'])
        throw new Error(
          `removals records ${String(retained?.['recorded'])} sessions; ${String(retained?.['stored'])} are stored.`,
        );
    });
  }

  /** Runs slices to the end, or at most `maxSlices`; returns the number of removed sessions. */
  async remove(limit: number, maxSlices = Infinity): Promise<number> {
    let total = 0;
    for (let remaining = maxSlices; remaining > 0; remaining -= 1) {
      const removed = await this.store.run('removeOldSessions', { ...removalRecord, before: cutoff, limit });
      total += removed;
      if (removed < limit) break;
    }
    return total;
  }

  /** Runs slices to the end, or at most `maxSlices`; returns the sums of their counts. */
  async undo(limit: number, maxSlices = Infinity): Promise<Record<'restored' | 'merged' | 'unrestorable', number>> {
    const totals = { restored: 0, merged: 0, unrestorable: 0 };
    for (let remaining = maxSlices; remaining > 0; remaining -= 1) {
      const slice = await this.store.run('restoreSessions', { id: removalRecord.id, limit });
      if (!slice) break;
      for (const name of ['restored', 'merged', 'unrestorable'] as const) totals[name] += slice[name];
      if (slice.remaining === 0) break;
    }
    return totals;
  }
}

function insertSession(database: DatabaseSync, spec: SessionSpec): void {
  const { lastInsertRowid: key } = database
    .prepare(
      `INSERT INTO sessions
      (connection_id, product, id, reference, amount, currency, status, source, first_seen_at, last_checked_at, note)
    VALUES (?, 'geft', ?, ?, '65.10', 'CAD', ?, 'imported', ?, ?, ?)`,
    )
    .run(spec.connectionId, spec.id, spec.reference, spec.status, spec.firstSeenAt, spec.lastCheckedAt, spec.note);
  const event = database.prepare(
    'INSERT INTO session_events (session_key, at, kind, operator, to_status, note, facts) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  event.run(key, spec.firstSeenAt, 'tracked', 'olivia', spec.status, null, null);
  for (const note of spec.notes)
    event.run(key, spec.firstSeenAt, 'note', 'olivia', null, note, '[{"fact":"amount","from":"65.1","to":null}]');
  for (const state of spec.cancellations) {
    database
      .prepare(
        `INSERT INTO cancellations (id, session_key, state, payment_in_flight, operator, reason_category, reason_note,
        calls, unclear_calls, requested_at, settled_at)
      VALUES (?, ?, ?, 1, 'olivia', 'Customer asked', ?, 1, 0, ?, ?)`,
      )
      .run(crypto.randomUUID(), key, state, spec.note ?? '', spec.firstSeenAt, spec.firstSeenAt);
  }
  if (spec.isWatched)
    database.prepare('INSERT INTO watched_sessions (session_key, since) VALUES (?, ?)').run(key, spec.firstSeenAt);
}
