import type { DatabaseSync } from 'node:sqlite';
import type { AuditIdentity } from '../audit-chain/audit-log.ts';
import { ingestSessions, type IngestCounts, type IngestInput } from './imports.ts';
import { insertInto } from '../prepared-statements.ts';

/** A feed, its checkpoint and the result of its last run. */
export interface FeedRow {
  readonly id: string;
  readonly connectionId: string;
  /** Name, product, source, parse options, interval and whether it is enabled, as JSON. */
  readonly settings: string;
  readonly secretPlace: 'keychain' | 'memory' | null;
  /** Cursor of the next page; null between two runs. */
  readonly cursor: string | null;
  /** The next run requests changes since this instant. */
  readonly since: string | null;
  /** When the run of `cursor` began. */
  readonly runBeganAt: string | null;
  readonly lastRunAt: string | null;
  /** A stored message; see `parseStoredMessage`. */
  readonly lastError: string | null;
  /** `FeedCounts` as JSON. */
  readonly lastCounts: string | null;
  readonly createdAt: string;
}

const columns = `id, connection_id AS connectionId, settings, secret_place AS secretPlace, cursor, since,
  run_began_at AS runBeganAt, last_run_at AS lastRunAt, last_error AS lastError, last_counts AS lastCounts,
  created_at AS createdAt`;

export function listFeeds(sqlite: DatabaseSync): FeedRow[] {
  return sqlite.prepare(`SELECT ${columns} FROM feeds ORDER BY created_at`).all() as unknown as FeedRow[];
}

export function insertFeed(sqlite: DatabaseSync, { row }: { row: FeedRow }): void {
  insertInto(sqlite, 'feeds', row);
}

export function changeFeed(
  sqlite: DatabaseSync,
  { id, settings, secretPlace }: Pick<FeedRow, 'id' | 'settings' | 'secretPlace'>,
): void {
  sqlite.prepare('UPDATE feeds SET settings = ?, secret_place = ? WHERE id = ?').run(settings, secretPlace, id);
}

export function deleteFeed(sqlite: DatabaseSync, { id }: { id: string }): void {
  sqlite.prepare('DELETE FROM feed_files WHERE feed_id = ?').run(id);
  sqlite.prepare('DELETE FROM feeds WHERE id = ?').run(id);
}

type FeedCheckpoint = Pick<FeedRow, 'id' | 'cursor' | 'since' | 'runBeganAt'>;

/** Writes the rows of a page and the checkpoint after it in one transaction, so that a crash keeps both or neither. */
export function ingestFeedPage(
  sqlite: DatabaseSync,
  identity: Pick<AuditIdentity, 'operator'>,
  { checkpoint, sessions }: { checkpoint: FeedCheckpoint; sessions: IngestInput },
): IngestCounts {
  const { id, cursor, since, runBeganAt } = checkpoint;
  sqlite
    .prepare('UPDATE feeds SET cursor = ?, since = ?, run_began_at = ? WHERE id = ?')
    .run(cursor, since, runBeganAt, id);
  return ingestSessions(sqlite, identity, sessions);
}

export function endFeedRun(
  sqlite: DatabaseSync,
  { id, at, error, counts }: { id: string; at: string; error: string | null; counts: string },
): void {
  sqlite
    .prepare('UPDATE feeds SET last_run_at = ?, last_error = ?, last_counts = ? WHERE id = ?')
    .run(at, error, counts, id);
}

/** Returns the fingerprint of each file that was imported, by name. */
export function feedFiles(sqlite: DatabaseSync, feedId: string): { name: string; fingerprint: string }[] {
  return sqlite
    .prepare('SELECT name, stamp AS fingerprint FROM feed_files WHERE feed_id = ?')
    .all(feedId) as unknown as {
    name: string;
    fingerprint: string;
  }[];
}

export function markFeedFile(
  sqlite: DatabaseSync,
  {
    feedId,
    name,
    fingerprint,
    at,
    problem,
  }: { feedId: string; name: string; fingerprint: string; at: string; problem: string | null },
): void {
  sqlite
    .prepare(
      `INSERT INTO feed_files (feed_id, name, stamp, taken_at, problem) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (feed_id, name)
      DO UPDATE SET stamp = excluded.stamp, taken_at = excluded.taken_at, problem = excluded.problem`,
    )
    .run(feedId, name, fingerprint, at, problem);
}
