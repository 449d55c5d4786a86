/** Realistic sessions of a merchant in two accounts. The same seed, count and time give the same sessions. */
import type { Product, ProviderName, SessionStatus } from '../../contract/index.ts';
import {
  practiceAccounts,
  toMerchantSession,
  type MerchantSession,
  type SimulatedSession,
} from './simulated-session.ts';
import { randomHex, pick, pickWeighted, createRandomStream, randomUuidV4, type RandomSource } from './random.ts';
import { createTrainingSessions } from './training.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** The time after which a Flinks session of the practice account expires. */
export const flinksLifetimeMs = 30 * dayMs;

const listedStatusWeights: readonly (readonly [SessionStatus, number])[] = [
  ['active', 800],
  ['in_progress', 40],
  ['completed', 60],
  ['completed_unfinished', 15],
  ['failed', 20],
  ['cancelled', 20],
  ['expired', 30],
  ['unknown', 15],
];

/** The list is not up to date: a few of the sessions that it lists as active have ended. */
const actualStateWeights: readonly (readonly [SessionStatus, number])[] = [
  ['active', 970],
  ['in_progress', 10],
  ['completed', 15],
  ['expired', 5],
];

const productWeights: readonly (readonly [Product, number])[] = [
  ['geft', 50],
  ['eft', 25],
  ['e_transfer', 25],
];

const currencyWeights: readonly (readonly [string, number])[] = [
  ['IDR', 60],
  ['PHP', 20],
  ['THB', 5],
  ['VND', 5],
  ['MYR', 5],
  ['SGD', 5],
];

/** By currency: smallest amount, largest amount, and number of fractional digits. */
const amountRanges: Record<string, readonly [number, number, number]> = {
  CAD: [12, 2_400, 2],
  IDR: [15_000, 7_500_000, 0],
  PHP: [150, 42_000, 2],
  THB: [120, 18_000, 2],
  VND: [45_000, 9_000_000, 0],
  MYR: [10, 1_900, 2],
  SGD: [8, 1_200, 2],
};

/** Xendit's default is 30 minutes; merchants who send links by e-mail choose longer. */
const xenditLifetimesMs = [30 * minuteMs, 2 * 60 * minuteMs, dayMs, 3 * dayMs, 7 * dayMs, 14 * dayMs, 30 * dayMs];

function createReference(random: RandomSource, provider: ProviderName, index: number): string | null {
  const order = `Order-${21_000 + index}`;
  const invoice = `INV-2026-${String(40_000 + index).padStart(5, '0')}`;
  if (provider === 'flinks') {
    return pickWeighted<string | null>(random, [
      [order, 50],
      [invoice, 30],
      [`Rent-2026-11-${100 + index}`, 10],
      [`Deposit ${7_000 + index}`, 8],
      [null, 2],
    ]);
  }
  return pick(random, [order, invoice, `TKT-${String(index).padStart(6, '0')}`, `tagihan/2026/11/${10_000 + index}`]);
}

function createAmount(random: RandomSource, currency: string): string {
  const [min, max, digits] = amountRanges[currency] ?? [10, 1_000, 2];
  // Logarithmic distribution: small amounts are more frequent than large ones.
  const value = min * (max / min) ** random();
  return digits === 0 ? String(Math.round(value / 500) * 500) : value.toFixed(digits);
}

/** Xendit has no failed session and no unfinished one (providers.md 2.3). */
function toSupportedStatus(provider: ProviderName, status: SessionStatus): SessionStatus {
  if (provider === 'flinks') return status;
  return status === 'failed' ? 'expired' : status === 'completed_unfinished' ? 'completed' : status;
}

function createActualState(random: RandomSource, listed: SessionStatus): SessionStatus {
  if (listed === 'active') return pickWeighted(random, actualStateWeights);
  if (listed === 'unknown') return pick(random, ['active', 'unknown']);
  return listed;
}

function createSeededSession(seed: number, index: number, now: number): SimulatedSession {
  const random = createRandomStream(seed, index);
  const connection = pickWeighted<ProviderName>(random, [
    ['flinks', 55],
    ['xendit', 45],
  ]);
  const isFlinks = connection === 'flinks';
  const listedStatus = toSupportedStatus(connection, pickWeighted(random, listedStatusWeights));
  const state = toSupportedStatus(connection, createActualState(random, listedStatus));
  const currency = isFlinks ? 'CAD' : pickWeighted(random, currencyWeights);
  const isExpired = state === 'expired';
  const randomAge = 3 * minuteMs * 2_880 ** random();
  const age = isExpired ? randomAge + 45 * minuteMs : randomAge;
  const lifetimes = xenditLifetimesMs.filter((lifetime) =>
    isExpired ? lifetime < age : lifetime > age + 10 * minuteMs,
  );
  const createdAt = now - Math.round(age);
  const endsAt = createdAt + (isFlinks ? flinksLifetimeMs : pick(random, lifetimes));
  const hasPaymentStarted = !isFlinks && (state === 'in_progress' || random() < 0.03);
  return {
    connection,
    product: isFlinks ? pickWeighted(random, productWeights) : 'payment_session',
    id: isFlinks ? randomUuidV4(random) : `ps-${randomHex(random, 24)}`,
    reference: createReference(random, connection, index),
    amount: createAmount(random, currency),
    currency,
    listedStatus,
    createdAt: new Date(createdAt).toISOString(),
    expiresAt: isFlinks ? null : new Date(endsAt).toISOString(),
    subAccount: !isFlinks && random() < 0.08 ? practiceAccounts.xendit.subAccount : null,
    account: 'practice',
    state,
    endsAt: new Date(endsAt).toISOString(),
    changedAt: new Date(createdAt).toISOString(),
    paymentRequestId: hasPaymentStarted ? `pr-${randomUuidV4(random)}` : null,
  };
}

/** Every seeded session in the state of the simulated providers. `now` is in milliseconds. */
export function createSeededSessions(seed: number, count: number, now: number): SimulatedSession[] {
  const trainingSessions = createTrainingSessions(seed, now);
  const randomSessions = Array.from({ length: Math.max(0, count - trainingSessions.length) }, (_, index) =>
    createSeededSession(seed, index, now),
  );
  return [...trainingSessions, ...randomSessions];
}

/** The list to import into the practice workspace: the training sessions and others, `count` in total. */
export function createMerchantSessions(seed: number, count: number, now: number): MerchantSession[] {
  return createSeededSessions(seed, count, now).map(toMerchantSession);
}

/** A search for this text finds all bulk sessions. */
export const bulkReferencePrefix = 'Autumn-26';

const bulkPrices = {
  CAD: ['19.00', '25.00', '40.00', '60.00', '95.00', '150.00'],
  IDR: ['149000', '249000', '499000'],
} as const;
const bulkProductWeights: readonly (readonly [Product, number])[] = [
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
    product: isFlinks ? pickWeighted(random, bulkProductWeights) : 'payment_session',
    id: isFlinks ? randomUuidV4(random) : `ps-${randomHex(random, 24)}`,
    reference: `${bulkReferencePrefix}-${String(index + 1).padStart(5, '0')}`,
    amount: pick(random, bulkPrices[currency]),
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
