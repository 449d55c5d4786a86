/** Rows by the thousand: plain prepared statements, as compiling a query for each row would cost more than the row. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ImportMapping, SessionSource } from '../../../contract/index.ts';
import { changedFacts } from '../session-diff.ts';
import { mergeTold, type KnownSession, type ToldSession } from '../merge-session.ts';

export interface TakeSessions {
  readonly connectionId: string;
  readonly source: SessionSource;
  /** When the console took them. */
  readonly at: string;
  readonly operator: string;
  readonly sessions: readonly ToldSession[];
}

export interface TakenCounts {
  readonly added: number;
  readonly updated: number;
  readonly unchanged: number;
}

interface Statements {
  readonly find: StatementSync;
  readonly insert: StatementSync;
  readonly update: StatementSync;
  readonly event: StatementSync;
  readonly facts: StatementSync;
}

const prepared = new WeakMap<DatabaseSync, Statements>();

function statementsOf(sqlite: DatabaseSync): Statements {
  const known = prepared.get(sqlite);
  if (known) return known;
  const statements = {
    find: sqlite.prepare(`SELECT key, reference, amount, currency, sub_account AS subAccount, created_at AS createdAt, expires_at AS expiresAt,
      status, raw_status AS rawStatus, raw_detail AS rawDetail, last_checked_at AS lastCheckedAt, told_at AS toldAt
      FROM sessions WHERE connection_id = ? AND product = ? AND id = ?`),
    insert:
      sqlite.prepare(`INSERT INTO sessions (connection_id, product, id, reference, amount, currency, status, raw_status, raw_detail, source,
      sub_account, created_at, expires_at, first_seen_at, told_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (connection_id, product, id) DO NOTHING`),
    update:
      sqlite.prepare(`UPDATE sessions SET reference = ?, amount = ?, currency = ?, sub_account = ?, created_at = ?, expires_at = ?,
      status = ?, raw_status = ?, raw_detail = ?, told_at = ? WHERE key = ?`),
    event:
      sqlite.prepare(`INSERT INTO session_events (session_key, at, kind, operator, from_status, to_status, raw_status, raw_detail)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)`),
    facts: sqlite.prepare(`INSERT INTO session_events (session_key, at, kind, facts) VALUES (?, ?, 'facts', ?)`),
  };
  prepared.set(sqlite, statements);
  return statements;
}

/** Inserts what is new and merges what is known, within the caller's transaction; each change leaves an event. */
export function takeSessions(
  sqlite: DatabaseSync,
  { connectionId, source, at, operator, sessions }: TakeSessions,
): TakenCounts {
  const { find, insert, update, event, facts } = statementsOf(sqlite);
  let [added, updated, unchanged] = [0, 0, 0];
  for (const told of sessions) {
    const { product, id, rawStatus, rawDetail } = told;
    const status = told.status ?? 'unknown';
    // Most lines of a first import are new: a look-up before each would cost as much as the row.
    const inserted = insert.run(
      connectionId,
      product,
      id,
      told.reference,
      told.amount,
      told.currency,
      status,
      rawStatus,
      rawDetail,
      source,
      told.subAccount,
      told.createdAt,
      told.expiresAt,
      at,
      told.updatedAt,
    );
    if (inserted.changes > 0) {
      event.run(inserted.lastInsertRowid, at, 'tracked', operator, null, status, rawStatus, rawDetail);
      added += 1;
      continue;
    }
    const known = find.get(connectionId, product, id) as unknown as KnownSession & { readonly key: number };
    const merged = mergeTold(known, told);
    if (merged) {
      const { next } = merged;
      update.run(
        next.reference,
        next.amount,
        next.currency,
        next.subAccount,
        next.createdAt,
        next.expiresAt,
        next.status,
        next.rawStatus,
        next.rawDetail,
        next.toldAt,
        known.key,
      );
      const changed = changedFacts(known, next);
      if (changed.length > 0) facts.run(known.key, at, JSON.stringify(changed));
      if (next.status !== known.status || next.rawStatus !== known.rawStatus || next.rawDetail !== known.rawDetail) {
        event.run(known.key, at, 'status', null, known.status, next.status, next.rawStatus, next.rawDetail);
      }
    }
    if (merged?.visible) updated += 1;
    else unchanged += 1;
  }
  return { added, updated, unchanged };
}

/** What these columns were last mapped to, or null. */
export function importMapping(sqlite: DatabaseSync, columns: string): ImportMapping | null {
  const row = sqlite.prepare('SELECT mapping FROM import_mappings WHERE columns = ?').get(columns);
  return row ? (JSON.parse(String(row['mapping'])) as ImportMapping) : null;
}

/** How many sets of columns are remembered: far more than anybody exports. */
const mostMappings = 200;

export function rememberMapping(
  sqlite: DatabaseSync,
  { columns, mapping, at }: { columns: string; mapping: ImportMapping; at: string },
): void {
  sqlite
    .prepare(
      'INSERT INTO import_mappings (columns, mapping, used_at) VALUES (?, ?, ?) ON CONFLICT (columns) DO UPDATE SET mapping = excluded.mapping, used_at = excluded.used_at',
    )
    .run(columns, JSON.stringify(mapping), at);
  sqlite
    .prepare(
      'DELETE FROM import_mappings WHERE columns NOT IN (SELECT columns FROM import_mappings ORDER BY used_at DESC LIMIT ?)',
    )
    .run(mostMappings);
}
