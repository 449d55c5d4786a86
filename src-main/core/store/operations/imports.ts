/** Imports thousands of rows with prepared statements: building a query per row would take longer than the insert. */
import type { DatabaseSync } from 'node:sqlite';
import type { ImportMapping, SessionSource } from '../../../contract/index.ts';
import type { AuditIdentity } from '../audit-chain/audit-log.ts';
import { diffSessionFields, mergeReported, type KnownSession, type ReportedSession } from '../merge-session.ts';
import { prepareCached } from '../prepared-statements.ts';

export interface IngestInput {
  readonly connectionId: string;
  readonly source: SessionSource;
  /** When the sessions were imported. */
  readonly ingestedAt: string;
  readonly sessions: readonly ReportedSession[];
}

export interface IngestCounts {
  readonly added: number;
  readonly updated: number;
  readonly unchanged: number;
}

/** Prepares the statements once per database. */
function getStatements(sqlite: DatabaseSync) {
  return {
    findSession: prepareCached(
      sqlite,
      `SELECT key, reference, amount, currency, sub_account AS subAccount, created_at AS createdAt,
        expires_at AS expiresAt, status, raw_status AS rawStatus, raw_detail AS rawDetail,
        last_checked_at AS lastCheckedAt, told_at AS reportedAt
      FROM sessions WHERE connection_id = ? AND product = ? AND id = ?`,
    ),
    insertSession: prepareCached(
      sqlite,
      `INSERT INTO sessions (connection_id, product, id, reference, amount, currency, status, raw_status, raw_detail,
        source, sub_account, created_at, expires_at, first_seen_at, told_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (connection_id, product, id) DO NOTHING`,
    ),
    updateSession: prepareCached(
      sqlite,
      `UPDATE sessions SET reference = ?, amount = ?, currency = ?, sub_account = ?, created_at = ?, expires_at = ?,
        status = ?, raw_status = ?, raw_detail = ?, told_at = ? WHERE key = ?`,
    ),
    insertEvent: prepareCached(
      sqlite,
      `INSERT INTO session_events
        (session_key, at, kind, operator, from_status, to_status, raw_status, raw_detail)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    insertFieldsEvent: prepareCached(
      sqlite,
      `INSERT INTO session_events (session_key, at, kind, facts) VALUES (?, ?, 'facts', ?)`,
    ),
  };
}

/** Inserts new sessions and merges known ones in the caller's transaction; each change adds a timeline event. */
export function ingestSessions(
  sqlite: DatabaseSync,
  { operator }: Pick<AuditIdentity, 'operator'>,
  { connectionId, source, ingestedAt, sessions }: IngestInput,
): IngestCounts {
  const { findSession, insertSession, updateSession, insertEvent, insertFieldsEvent } = getStatements(sqlite);
  let [added, updated, unchanged] = [0, 0, 0];
  for (const reported of sessions) {
    const { product, id, rawStatus, rawDetail } = reported;
    const status = reported.status ?? 'unknown';
    // Most rows of a first import are new. A lookup before each insert would take as long as the insert.
    const inserted = insertSession.run(
      connectionId,
      product,
      id,
      reported.reference,
      reported.amount,
      reported.currency,
      status,
      rawStatus,
      rawDetail,
      source,
      reported.subAccount,
      reported.createdAt,
      reported.expiresAt,
      ingestedAt,
      reported.updatedAt,
    );
    if (inserted.changes > 0) {
      insertEvent.run(inserted.lastInsertRowid, ingestedAt, 'tracked', operator, null, status, rawStatus, rawDetail);
      added += 1;
      continue;
    }
    const known = findSession.get(connectionId, product, id) as unknown as KnownSession & { readonly key: number };
    const change = mergeReported(known, reported);
    if (change) {
      const { merged } = change;
      updateSession.run(
        merged.reference,
        merged.amount,
        merged.currency,
        merged.subAccount,
        merged.createdAt,
        merged.expiresAt,
        merged.status,
        merged.rawStatus,
        merged.rawDetail,
        merged.reportedAt,
        known.key,
      );
      const fieldChanges = diffSessionFields(known, merged);
      if (fieldChanges.length > 0) insertFieldsEvent.run(known.key, ingestedAt, JSON.stringify(fieldChanges));
      if (
        merged.status !== known.status ||
        merged.rawStatus !== known.rawStatus ||
        merged.rawDetail !== known.rawDetail
      ) {
        insertEvent.run(
          known.key,
          ingestedAt,
          'status',
          null,
          known.status,
          merged.status,
          merged.rawStatus,
          merged.rawDetail,
        );
      }
    }
    if (change?.hasVisibleChange) updated += 1;
    else unchanged += 1;
  }
  return { added, updated, unchanged };
}

/** Returns the last mapping that was saved for these columns, or null. */
export function importMapping(sqlite: DatabaseSync, columns: string): ImportMapping | null {
  const row = sqlite.prepare('SELECT mapping FROM import_mappings WHERE columns = ?').get(columns);
  return row ? (JSON.parse(String(row['mapping'])) as ImportMapping) : null;
}

/** The number of saved mappings; real exports need far fewer. */
const maxMappings = 200;

export function saveMapping(
  sqlite: DatabaseSync,
  { columns, mapping, at }: { columns: string; mapping: ImportMapping; at: string },
): void {
  sqlite
    .prepare(
      `INSERT INTO import_mappings (columns, mapping, used_at) VALUES (?, ?, ?)
      ON CONFLICT (columns) DO UPDATE SET mapping = excluded.mapping, used_at = excluded.used_at`,
    )
    .run(columns, JSON.stringify(mapping), at);
  sqlite
    .prepare(
      `DELETE FROM import_mappings
      WHERE columns NOT IN (SELECT columns FROM import_mappings ORDER BY used_at DESC LIMIT ?)`,
    )
    .run(maxMappings);
}
