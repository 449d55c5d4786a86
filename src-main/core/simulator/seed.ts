/** A believable merchant's list over two accounts, the same for the same seed, count and time. */
import type { Product, ProviderName, SessionStatus } from '../../contract/index.ts';
import { practiceAccounts } from './accounts.ts';
import { hexText, pick, pickWeighted, randomFor, uuidText } from './random.ts';
import type { Random } from './random.ts';
import { listedPart } from './simulated-session.ts';
import type { PracticeSession, SimulatedSession } from './simulated-session.ts';
import { trainingSessions } from './training.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
/** The window after which this practice account's Flinks sessions expire by themselves. */
export const flinksWindowMs = 30 * day;

const listedWeights: readonly (readonly [SessionStatus, number])[] = [
  ['active', 800],
  ['in_progress', 40],
  ['completed', 60],
  ['completed_unfinished', 15],
  ['failed', 20],
  ['cancelled', 20],
  ['expired', 30],
  ['unknown', 15],
];

/** A list is older than the truth: a few of its active sessions are active no more. */
export const truthOfActive: readonly (readonly [SessionStatus, number])[] = [
  ['active', 970],
  ['in_progress', 10],
  ['completed', 15],
  ['expired', 5],
];

const products: readonly (readonly [Product, number])[] = [
  ['geft', 50],
  ['eft', 25],
  ['e_transfer', 25],
];

const currencies: readonly (readonly [string, number])[] = [
  ['IDR', 60],
  ['PHP', 20],
  ['THB', 5],
  ['VND', 5],
  ['MYR', 5],
  ['SGD', 5],
];

/** Smallest and largest amount, and the digits after the point that merchants write. */
const amounts: Record<string, readonly [number, number, number]> = {
  CAD: [12, 2_400, 2],
  IDR: [15_000, 7_500_000, 0],
  PHP: [150, 42_000, 2],
  THB: [120, 18_000, 2],
  VND: [45_000, 9_000_000, 0],
  MYR: [10, 1_900, 2],
  SGD: [8, 1_200, 2],
};

/** Xendit's default is 30 minutes; merchants who send links by e-mail choose longer. */
const xenditLifetimes = [30 * minute, 2 * 60 * minute, day, 3 * day, 7 * day, 14 * day, 30 * day];

function drawReference(random: Random, provider: ProviderName, index: number): string | null {
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

function drawAmount(random: Random, currency: string): string {
  const [low, high, digits] = amounts[currency] ?? [10, 1_000, 2];
  // Small payments are many and large ones few, hence the logarithm.
  const value = low * (high / low) ** random();
  return digits === 0 ? String(Math.round(value / 500) * 500) : value.toFixed(digits);
}

/** Xendit has no failed session and no unfinished one (providers.md 2.3). */
function possibleAt(provider: ProviderName, status: SessionStatus): SessionStatus {
  if (provider === 'flinks') return status;
  return status === 'failed' ? 'expired' : status === 'completed_unfinished' ? 'completed' : status;
}

function drawTruth(random: Random, listed: SessionStatus): SessionStatus {
  if (listed === 'active') return pickWeighted(random, truthOfActive);
  if (listed === 'unknown') return pick(random, ['active', 'unknown']);
  return listed;
}

function draw(seed: number, index: number, now: number): SimulatedSession {
  const random = randomFor(seed, index);
  const connection = pickWeighted<ProviderName>(random, [
    ['flinks', 55],
    ['xendit', 45],
  ]);
  const flinks = connection === 'flinks';
  const listedStatus = possibleAt(connection, pickWeighted(random, listedWeights));
  const state = possibleAt(connection, drawTruth(random, listedStatus));
  const currency = flinks ? 'CAD' : pickWeighted(random, currencies);
  const ended = state === 'expired';
  const drawnAge = 3 * minute * 2_880 ** random();
  const age = ended ? drawnAge + 45 * minute : drawnAge;
  const lifetimes = xenditLifetimes.filter((lifetime) => (ended ? lifetime < age : lifetime > age + 10 * minute));
  const createdAt = now - Math.round(age);
  const endsAt = createdAt + (flinks ? flinksWindowMs : pick(random, lifetimes));
  const payerBegan = !flinks && (state === 'in_progress' || random() < 0.03);
  return {
    connection,
    product: flinks ? pickWeighted(random, products) : 'payment_session',
    id: flinks ? uuidText(random) : `ps-${hexText(random, 24)}`,
    reference: drawReference(random, connection, index),
    amount: drawAmount(random, currency),
    currency,
    listedStatus,
    createdAt: new Date(createdAt).toISOString(),
    expiresAt: flinks ? null : new Date(endsAt).toISOString(),
    subAccount: !flinks && random() < 0.08 ? practiceAccounts.xendit.subAccount : null,
    account: 'practice',
    state,
    endsAt: new Date(endsAt).toISOString(),
    changedAt: new Date(createdAt).toISOString(),
    paymentRequestId: payerBegan ? `pr-${uuidText(random)}` : null,
  };
}

/** Every seeded session as the simulated providers know it. `now` is in milliseconds. */
export function seededSessions(seed: number, count: number, now: number): SimulatedSession[] {
  const special = trainingSessions(seed, now);
  const drawn = Array.from({ length: Math.max(0, count - special.length) }, (_, index) => draw(seed, index, now));
  return [...special, ...drawn];
}

/** The list to import into the console's practice workspace: at least the training sessions, `count` in all. */
export function practiceSessions(seed: number, count: number, now: number): PracticeSession[] {
  return seededSessions(seed, count, now).map(listedPart);
}
