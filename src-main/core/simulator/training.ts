/** Named sessions for training and tests: each shows one case. All are listed as active. */
import { practiceAccounts, type SimulatedSession } from './simulated-session.ts';
import { randomHex, createRandomStream, randomUuidV4 } from './random.ts';

/** A search for `Training` finds them, except the two plain sessions, which have ordinary references. */
export const trainingReferences = {
  plainFlinks: 'Order-20491',
  plainXendit: 'INV-2026-03117',
  eTransfer: 'Training-e-transfer',
  /** The payer is on the page of the bank. Flinks can still cancel the session. */
  inProgressFlinks: 'Training-in-progress',
  /** Waits for approval (PENDING). Xendit cannot cancel the session. */
  pendingXendit: 'Training-awaiting-approval',
  paidMeanwhileFlinks: 'Training-paid-meanwhile-CA',
  paidMeanwhileXendit: 'Training-paid-meanwhile-ID',
  expiredMeanwhileFlinks: 'Training-expired-meanwhile-CA',
  expiredMeanwhileXendit: 'Training-expired-meanwhile-ID',
  cancelledElsewhereFlinks: 'Training-cancelled-elsewhere-CA',
  cancelledElsewhereXendit: 'Training-cancelled-elsewhere-ID',
  paymentInFlight: 'Training-payment-in-flight',
  /** Found only with the header `for-user-id`. */
  subAccount: 'Training-sub-account',
  /** In the list by mistake: these sessions belong to another account and are reported as not found. */
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

/** The training sessions. The same seed gives the same IDs. `now` is in milliseconds. */
export function createTrainingSessions(seed: number, now: number): SimulatedSession[] {
  const names = Object.keys(trainingReferences) as TrainingSessionName[];
  return names.map((name, index) => {
    const random = createRandomStream(seed, -1_000 - index);
    const isXendit = xenditSessionNames.has(name);
    const createdAt = now - (5 + 7 * index) * minuteMs;
    const lifetime = name === 'expiredMeanwhileXendit' ? 30 * minuteMs : thirtyDaysMs;
    const endsAt = new Date(createdAt + lifetime).toISOString();
    return {
      connection: isXendit ? 'xendit' : 'flinks',
      product: isXendit ? 'payment_session' : 'geft',
      id: isXendit ? `ps-${randomHex(random, 24)}` : randomUuidV4(random),
      reference: trainingReferences[name],
      amount: isXendit ? '249000' : '86.40',
      currency: isXendit ? 'IDR' : 'CAD',
      listedStatus: 'active',
      createdAt: new Date(createdAt).toISOString(),
      expiresAt: isXendit ? endsAt : null,
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
