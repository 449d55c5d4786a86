/** What a campaign left behind: thousands of links that nobody paid. To train the clean-up of many on, and to prove it with. */
import type { Product, ProviderName } from '../../contract/index.ts';
import { hexText, pick, pickWeighted, randomFor, uuidText } from './random.ts';
import { flinksWindowMs, truthOfActive } from './seed.ts';
import type { SimulatedSession } from './simulated-session.ts';

/** Search for it to see them all. */
export const campaignReference = 'Autumn-26';

const day = 24 * 60 * 60_000;
const prices = {
  CAD: ['19.00', '25.00', '40.00', '60.00', '95.00', '150.00'],
  IDR: ['149000', '249000', '499000'],
} as const;
const products: readonly (readonly [Product, number])[] = [
  ['geft', 60],
  ['eft', 25],
  ['e_transfer', 15],
];

function draw(seed: number, index: number, now: number): SimulatedSession {
  // Streams of their own, far from those of the other sessions.
  const random = randomFor(seed, -100_000 - index);
  const connection = pickWeighted<ProviderName>(random, [
    ['flinks', 92],
    ['xendit', 8],
  ]);
  const flinks = connection === 'flinks';
  const currency = flinks ? 'CAD' : 'IDR';
  const createdAt = now - Math.round((2 + 4 * random()) * day);
  const endsAt = new Date(createdAt + (flinks ? flinksWindowMs : 14 * day)).toISOString();
  return {
    connection,
    product: flinks ? pickWeighted(random, products) : 'payment_session',
    id: flinks ? uuidText(random) : `ps-${hexText(random, 24)}`,
    reference: `${campaignReference}-${String(index + 1).padStart(5, '0')}`,
    amount: pick(random, prices[currency]),
    currency,
    listedStatus: 'active',
    createdAt: new Date(createdAt).toISOString(),
    expiresAt: flinks ? null : endsAt,
    subAccount: null,
    // A list that was put together by hand: every two hundredth is not this account's.
    account: index % 200 === 199 ? 'other' : 'practice',
    state: pickWeighted(random, truthOfActive),
    endsAt,
    changedAt: new Date(createdAt).toISOString(),
    paymentRequestId: null,
  };
}

/** As many sessions of the campaign, all listed as active, the same for the same seed and time. `now` is in milliseconds. */
export function campaignSessions(seed: number, count: number, now: number): SimulatedSession[] {
  return Array.from({ length: count }, (_, index) => draw(seed, index, now));
}
