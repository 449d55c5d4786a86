/** What a campaign left behind: thousands of links that nobody paid. To train the clean-up of many on, and to prove it with. */
import type { Product, ProviderName } from '../../contract/index.ts';
import { randomHex, pick, pickWeighted, createRandomStream, randomUuidV4 } from './random.ts';
import { flinksLifetimeMs, actualStateWeights } from './seed.ts';
import type { SimulatedSession } from './simulated-session.ts';

/** Search for it to see them all. */
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
  // Streams of their own, far from those of the other sessions.
  const random = createRandomStream(seed, -100_000 - index);
  const connection = pickWeighted<ProviderName>(random, [
    ['flinks', 92],
    ['xendit', 8],
  ]);
  const flinks = connection === 'flinks';
  const currency = flinks ? 'CAD' : 'IDR';
  const createdAt = now - Math.round((2 + 4 * random()) * dayMs);
  const endsAt = new Date(createdAt + (flinks ? flinksLifetimeMs : 14 * dayMs)).toISOString();
  return {
    connection,
    product: flinks ? pickWeighted(random, productWeights) : 'payment_session',
    id: flinks ? randomUuidV4(random) : `ps-${randomHex(random, 24)}`,
    reference: `${bulkReferencePrefix}-${String(index + 1).padStart(5, '0')}`,
    amount: pick(random, prices[currency]),
    currency,
    listedStatus: 'active',
    createdAt: new Date(createdAt).toISOString(),
    expiresAt: flinks ? null : endsAt,
    subAccount: null,
    // A list that was put together by hand: every two hundredth is not this account's.
    account: index % 200 === 199 ? 'other' : 'practice',
    state: pickWeighted(random, actualStateWeights),
    endsAt,
    changedAt: new Date(createdAt).toISOString(),
    paymentRequestId: null,
  };
}

/** As many sessions of the campaign, all listed as active, the same for the same seed and time. `now` is in milliseconds. */
export function createBulkSessions(seed: number, count: number, now: number): SimulatedSession[] {
  return Array.from({ length: count }, (_, index) => createBulkSession(seed, index, now));
}
