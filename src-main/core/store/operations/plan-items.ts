/** Writes the sessions of a plan with their eligibility in slices; an intent waits for one slice at most. */
import type { DatabaseSync } from 'node:sqlite';
import {
  addSessions,
  type PartialPlanSummary,
  isEligible,
  determineEligibility,
  type EligibilityConnection,
  type EligibilitySession,
  type SummarizedSession,
} from '../plan-evaluation.ts';
import type { BatchItemRow, SessionRow } from '../schema.ts';
import { createHash } from 'node:crypto';

/** Input for the eligibility of the sessions in a slice. `now` in milliseconds. */
export interface EligibilityOptions {
  readonly planNumber: number;
  readonly connections: Readonly<Record<string, EligibilityConnection>>;
  readonly now: number;
  /** The summary of the previous slices. */
  readonly summary: PartialPlanSummary;
  readonly limit: number;
}

/** A session with the columns that its eligibility and the summary depend on. */
type EligibilityRow = EligibilitySession &
  Omit<SummarizedSession, 'isEligible'> &
  Pick<SessionRow, 'key' | 'id' | 'reference'> & { readonly unresolved: number };

const eligibilityColumns = `s.key, s.connection_id AS "connectionId", s.product, s.id, s.reference, s.amount,
  s.currency, s.status, s.last_checked_at AS "lastCheckedAt", s.told_at AS "reportedAt",
  coalesce(s.created_at, s.first_seen_at) AS "createdAt", EXISTS (
    SELECT 1 FROM cancellations c WHERE c.session_key = s.key AND c.state IN ('intended', 'sent', 'unknown')
  ) AS unresolved`;

function evaluate(session: EligibilityRow, { connections, now }: EligibilityOptions) {
  const connection = connections[session.connectionId];
  if (!connection) throw new Error('The connection of a session is not known.');
  const eligibility = determineEligibility(session, session.unresolved === 1, connection, now);
  return {
    eligibility,
    isEligible: isEligible(eligibility),
    outcome: isEligible(eligibility) ? 'waiting' : 'left_out',
    foundStatus: eligibility === 'already_final' ? session.status : null,
  } as const;
}

/**
 * Writes the next selected sessions as items: grouped by connection, newest first, positions without gaps. Returns null
 * and writes nothing if the plan is no longer being created.
 */
export function snapshotSlice(
  sqlite: DatabaseSync,
  options: EligibilityOptions,
): { summary: PartialPlanSummary; done: boolean } | null {
  const { planNumber, limit, now } = options;
  const plan = sqlite
    .prepare(`SELECT sessions, asked FROM batches WHERE number = ? AND state = 'planning'`)
    .get(planNumber);
  if (!plan) return null;
  const selectedRows = sqlite
    .prepare(
      `SELECT p.connection_id AS "selectedConnection", p.session_key AS "selectedKey", ${eligibilityColumns}
      FROM temp.plan_selection p LEFT JOIN sessions s ON s.key = p.session_key
      WHERE p.plan_number = ? ORDER BY p.connection_id, p.session_key DESC LIMIT ?`,
    )
    .all(planNumber, limit) as unknown as (EligibilityRow & { selectedConnection: string; selectedKey: number })[];
  const insert = sqlite.prepare(`INSERT INTO batch_items
    (batch_number, position, session_key, connection_id, product, session_id, reference, amount, currency, status,
      verdict, outcome, found_status)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  // A session that was removed after it was selected is not part of the plan.
  const sessions = selectedRows
    .filter(({ key }) => key !== null)
    .map((session) => ({ ...session, ...evaluate(session, options) }));
  let position = Number(plan['sessions']);
  for (const session of sessions) {
    position += 1;
    const { key, connectionId, product, id, reference, amount, currency, status } = session;
    const { eligibility, outcome, foundStatus } = session;
    const values = [key, connectionId, product, id, reference, amount, currency, status];
    insert.run(planNumber, position, ...values, eligibility, outcome, foundStatus);
  }
  const last = selectedRows.at(-1);
  if (last) {
    sqlite
      .prepare(
        `DELETE FROM temp.plan_selection
        WHERE plan_number = ? AND (connection_id < ? OR (connection_id = ? AND session_key >= ?))`,
      )
      .run(planNumber, last.selectedConnection, last.selectedConnection, last.selectedKey);
  }
  const eligibleCount = Number(plan['asked']) + sessions.filter((session) => session.isEligible).length;
  sqlite
    .prepare('UPDATE batches SET sessions = ?, asked = ? WHERE number = ?')
    .run(position, eligibleCount, planNumber);
  return { summary: addSessions(options.summary, sessions, now), done: selectedRows.length < limit };
}

/**
 * Determines the eligibility of the next sessions of a plan again. Returns null and writes nothing if it is no longer a
 * plan.
 */
export function reevaluateSlice(
  sqlite: DatabaseSync,
  options: EligibilityOptions & { after: number },
): { summary: PartialPlanSummary; next: number | null } | null {
  const { planNumber, limit, after, now } = options;
  if (!sqlite.prepare(`SELECT 1 FROM batches WHERE number = ? AND state = 'planned'`).get(planNumber)) return null;
  const items = sqlite
    .prepare(
      `SELECT i.position, i.reference AS "previousReference", i.amount AS "previousAmount",
        i.currency AS "previousCurrency", i.status AS "previousStatus", i.verdict AS "previousEligibility",
        ${eligibilityColumns}
      FROM batch_items i JOIN sessions s ON s.key = i.session_key
      WHERE i.batch_number = ? AND i.position > ? ORDER BY i.position LIMIT ?`,
    )
    .all(planNumber, after, limit) as unknown as (EligibilityRow & PreviousItem)[];
  const update = sqlite.prepare(`UPDATE batch_items
    SET reference = ?, amount = ?, currency = ?, status = ?, verdict = ?, outcome = ?, found_status = ?
    WHERE batch_number = ? AND position = ?`);
  const sessions = items.map((item) => ({ ...item, ...evaluate(item, options) }));
  for (const item of sessions) {
    const { reference, amount, currency, status, eligibility, outcome, foundStatus } = item;
    const isUnchanged =
      reference === item.previousReference &&
      amount === item.previousAmount &&
      currency === item.previousCurrency &&
      status === item.previousStatus &&
      eligibility === item.previousEligibility;
    if (!isUnchanged)
      update.run(reference, amount, currency, status, eligibility, outcome, foundStatus, planNumber, item.position);
  }
  return {
    summary: addSessions(options.summary, sessions, now),
    next: items.length < limit ? null : (items.at(-1)?.position ?? null),
  };
}

interface PreviousItem extends Pick<BatchItemRow, 'position'> {
  readonly previousReference: string | null;
  readonly previousAmount: string | null;
  readonly previousCurrency: string | null;
  readonly previousStatus: string;
  readonly previousEligibility: string;
}

/** Returns the numbers of discarded and expired plans that still have items. */
export function expiredPlans(sqlite: DatabaseSync): number[] {
  return sqlite
    .prepare(
      `SELECT number FROM batches b
      WHERE state IN ('discarded', 'expired') AND EXISTS (SELECT 1 FROM batch_items i WHERE i.batch_number = b.number)`,
    )
    .all()
    .map((row) => Number(row['number']));
}

/** Deletes up to `limit` items of a discarded or expired plan and returns their number; the plan itself stays. */
export function clearExpiredPlan(
  sqlite: DatabaseSync,
  { planNumber, limit }: { planNumber: number; limit: number },
): number {
  return Number(
    sqlite
      .prepare(
        `DELETE FROM batch_items
      WHERE batch_number = (SELECT number FROM batches WHERE number = ? AND state IN ('discarded', 'expired'))
      AND position IN (SELECT position FROM batch_items WHERE batch_number = ? ORDER BY position LIMIT ?)`,
      )
      .run(planNumber, planNumber, limit).changes,
  );
}

/** Positions per hash step. The digest depends on this number. */
const positionsPerLink = 5_000;

export interface PlanDigest {
  /** SHA-256 in hex. */
  readonly digest: string;
  readonly sessions: number;
  readonly eligible: number;
}

type DigestItem = Pick<
  BatchItemRow,
  'position' | 'sessionKey' | 'connectionId' | 'product' | 'sessionId' | 'verdict' | 'outcome'
>;

/**
 * A hash chain: SHA-256 of a domain prefix and the plan id, then for each 5,000 positions SHA-256 of the previous hash
 * in hex and one line per item, a JSON array. An item whose outcome contradicts its eligibility was altered: it adds a
 * value that no genuine plan contains.
 */
export async function* computePlanDigest(
  sqlite: DatabaseSync,
  { id, number }: { id: string; number: number },
): AsyncGenerator<void, PlanDigest, void> {
  const slice = sqlite.prepare(`SELECT position, session_key AS "sessionKey", connection_id AS "connectionId", product,
      session_id AS "sessionId", verdict, outcome FROM batch_items
      WHERE batch_number = ? AND position > ? ORDER BY position LIMIT ${positionsPerLink}`);
  let digest = hashText(`session-desk plan v1\n${id}\n`);
  let sessions = 0;
  let eligible = 0;
  // Starts below every possible position, so that an item inserted before the first one changes the digest.
  for (let after = Number.MIN_SAFE_INTEGER; ;) {
    const items = slice.all(number, after) as unknown as DigestItem[];
    const last = items.at(-1);
    if (!last) break;
    digest = hashText(`${digest}\n${items.map(digestLine).join('')}`);
    sessions += items.length;
    eligible += items.filter(({ verdict }) => isEligible(verdict)).length;
    after = last.position;
    yield await Promise.resolve();
  }
  return { digest, sessions, eligible };
}

function digestLine({ position, sessionKey, connectionId, product, sessionId, verdict, outcome }: DigestItem): string {
  const eligible = isEligible(verdict) === (outcome !== 'left_out') ? isEligible(verdict) : 'altered';
  return `${JSON.stringify([position, sessionKey, connectionId, product, sessionId, eligible])}\n`;
}

function hashText(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
