/** Thousands of unpaid sessions of a campaign, for training and tests of bulk cancellation. */
import type { Product, ProviderName } from '../../contract/index.ts';
import { randomHex, pick, pickWeighted, createRandomStream, randomUuidV4 } from './random.ts';
import { flinksLifetimeMs, actualStateWeights } from './seed.ts';
import type { SimulatedSession } from './simulated-session.ts';

/** A search for this text finds all bulk sessions. */
export const bulkReferencePrefix = 'Autumn-26';

const dayMs = 24 * 60 * 60_000;
const prices = {
  CAD: ['19.00', '25.00', '40.00', '60.00', '95.00', '150.00'],
  IDR: ['149000', '249000', '499000'],
} as const;
const productWeights: readonly (readonly [Product, number])[] = [
  ['geft', 60],
  ['eft', 25],
  ['e_transfer', 15],
];

function createBulkSession(seed: number, index: number, now: number): SimulatedSession {
  // The indexes are far below those of the other seeded sessions, so that the random streams differ.
  const random = createRandomStream(seed, -100_000 - index);
  const connection = pickWeighted<ProviderName>(random, [
    ['flinks', 92],
    ['xendit', 8],
  ]);
  const isFlinks = connection === 'flinks';
  const currency = isFlinks ? 'CAD' : 'IDR';
  const createdAt = now - Math.round((2 + 4 * random()) * dayMs);
  const endsAt = new Date(createdAt + (isFlinks ? flinksLifetimeMs : 14 * dayMs)).toISOString();
  return {
    connection,
    product: isFlinks ? pickWeighted(random, productWeights) : 'payment_session',
    id: isFlinks ? randomUuidV4(random) : `ps-${randomHex(random, 24)}`,
    reference: `${bulkReferencePrefix}-${String(index + 1).padStart(5, '0')}`,
    amount: pick(random, prices[currency]),
    currency,
    listedStatus: 'active',
    createdAt: new Date(createdAt).toISOString(),
    expiresAt: isFlinks ? null : endsAt,
    subAccount: null,
    // As in a list that was compiled by hand, every two hundredth session belongs to another account.
    account: index % 200 === 199 ? 'other' : 'practice',
    state: pickWeighted(random, actualStateWeights),
    endsAt,
    changedAt: new Date(createdAt).toISOString(),
    paymentRequestId: null,
  };
}

/**
 * `count` sessions of the campaign, all listed as active. The same seed and time give the same sessions. `now` is in
 * milliseconds.
 */
export function createBulkSessions(seed: number, count: number, now: number): SimulatedSession[] {
  return Array.from({ length: count }, (_, index) => createBulkSession(seed, index, now));
}
