/** Named sessions to train on and to test with: each shows one thing that can happen. All are listed as active. */
import { practiceAccounts } from './accounts.ts';
import { randomHex, createRandomStream, randomUuidV4 } from './random.ts';
import type { SimulatedSession } from './simulated-session.ts';

/** Search for `Training` to see them; the two plain ones have everyday references. */
export const trainingReferences = {
  plainFlinks: 'Order-20491',
  plainXendit: 'INV-2026-03117',
  eTransfer: 'Training-e-transfer',
  /** The payer is at the bank's page: cancellable at Flinks. */
  inProgressFlinks: 'Training-in-progress',
  /** Awaits approval, PENDING: not cancellable at Xendit. */
  pendingXendit: 'Training-awaiting-approval',
  paidMeanwhileFlinks: 'Training-paid-meanwhile-CA',
  paidMeanwhileXendit: 'Training-paid-meanwhile-ID',
  expiredMeanwhileFlinks: 'Training-expired-meanwhile-CA',
  expiredMeanwhileXendit: 'Training-expired-meanwhile-ID',
  cancelledElsewhereFlinks: 'Training-cancelled-elsewhere-CA',
  cancelledElsewhereXendit: 'Training-cancelled-elsewhere-ID',
  paymentInFlight: 'Training-payment-in-flight',
  /** Found with `for-user-id` alone. */
  subAccount: 'Training-sub-account',
  /** In the list by mistake: they belong to somebody else's account and answer as not found. */
  anotherAccountFlinks: 'Training-another-account-CA',
  anotherAccountXendit: 'Training-another-account-ID',
} as const;
export type TrainingSessionName = keyof typeof trainingReferences;

const sessionOverrides: Partial<Record<TrainingSessionName, Partial<SimulatedSession>>> = {
  eTransfer: { product: 'e_transfer' },
  inProgressFlinks: { state: 'in_progress' },
  pendingXendit: { state: 'in_progress' },
  paidMeanwhileFlinks: { state: 'completed' },
  paidMeanwhileXendit: { state: 'completed' },
  expiredMeanwhileFlinks: { state: 'expired' },
  expiredMeanwhileXendit: { state: 'expired' },
  cancelledElsewhereFlinks: { state: 'cancelled' },
  cancelledElsewhereXendit: { state: 'cancelled' },
  subAccount: { subAccount: practiceAccounts.xendit.subAccount },
  anotherAccountFlinks: { account: 'other' },
  anotherAccountXendit: { account: 'other' },
};

const xenditSessionNames = new Set<TrainingSessionName>([
  'plainXendit',
  'pendingXendit',
  'paidMeanwhileXendit',
  'expiredMeanwhileXendit',
  'cancelledElsewhereXendit',
  'paymentInFlight',
  'subAccount',
  'anotherAccountXendit',
]);

const minuteMs = 60_000;
const thirtyDaysMs = 30 * 24 * 60 * minuteMs;

/** The training sessions of a seed, the same ids for the same seed. `now` is in milliseconds. */
export function createTrainingSessions(seed: number, now: number): SimulatedSession[] {
  const names = Object.keys(trainingReferences) as TrainingSessionName[];
  return names.map((name, index) => {
    const random = createRandomStream(seed, -1_000 - index);
    const xendit = xenditSessionNames.has(name);
    const createdAt = now - (5 + 7 * index) * minuteMs;
    const lifetime = name === 'expiredMeanwhileXendit' ? 30 * minuteMs : thirtyDaysMs;
    const endsAt = new Date(createdAt + lifetime).toISOString();
    return {
      connection: xendit ? 'xendit' : 'flinks',
      product: xendit ? 'payment_session' : 'geft',
      id: xendit ? `ps-${randomHex(random, 24)}` : randomUuidV4(random),
      reference: trainingReferences[name],
      amount: xendit ? '249000' : '86.40',
      currency: xendit ? 'IDR' : 'CAD',
      listedStatus: 'active',
      createdAt: new Date(createdAt).toISOString(),
      expiresAt: xendit ? endsAt : null,
      subAccount: null,
      account: 'practice',
      state: 'active',
      endsAt,
      changedAt: new Date(createdAt).toISOString(),
      paymentRequestId: name === 'paymentInFlight' || name === 'pendingXendit' ? `pr-${randomUuidV4(random)}` : null,
      ...sessionOverrides[name],
    };
  });
}
