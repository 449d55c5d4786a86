/** The digest of a plan: a hash of its sessions that can be computed again from the stored items. */
import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { BatchItemRow } from '../schema.ts';
import { isEligible } from '../plan-eligibility.ts';

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
