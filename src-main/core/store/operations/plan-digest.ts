/** The digest of a plan: what was frozen, in one word that can be made again at any time from what is stored. */
import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { BatchItemRow } from '../schema.ts';
import { isEligible } from '../plan-eligibility.ts';

/** Positions in one link. It is part of what the digest is: another number gives another digest. */
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
 * A chain: SHA-256 over a domain prefix with the plan's id, then for each 5,000 positions SHA-256 over the link before in
 * hex and a line for each of them, a JSON array. An item that is asked for against its verdict, or the other way round, is
 * no item of any plan, and gives a digest that no plan has.
 */
export async function* computePlanDigest(
  sqlite: DatabaseSync,
  { id, number }: { id: string; number: number },
): AsyncGenerator<void, PlanDigest, void> {
  const slice = sqlite.prepare(`SELECT position, session_key AS "sessionKey", connection_id AS "connectionId", product,
      session_id AS "sessionId", verdict, outcome FROM batch_items WHERE batch_number = ? AND position > ? ORDER BY position LIMIT ${positionsPerLink}`);
  let digest = hashText(`session-desk plan v1\n${id}\n`);
  let sessions = 0;
  let eligible = 0;
  // From below the first position there can be: an item before it is none of the plan, and must be seen.
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
  const asked = isEligible(verdict) === (outcome !== 'left_out') ? isEligible(verdict) : 'altered';
  return `${JSON.stringify([position, sessionKey, connectionId, product, sessionId, asked])}\n`;
}

function hashText(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
