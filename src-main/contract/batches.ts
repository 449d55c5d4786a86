/**
 * Bulk cancellation: a plan, frozen and shown before anything is sent, and the batch it becomes once it is confirmed.
 * Both are one thing with one id; its state says which of the two it is.
 */
import { z } from 'zod';
import { messageFields } from './messages/index.ts';
import {
  cancellationState,
  cause,
  environment,
  instant,
  product,
  providerName,
  reason,
  sessionStatus,
} from './domain.ts';

/** A plan that nobody confirmed is of no use after this long: too much may have changed since. */
export const planValidityMinutes = 30;
/** How long a confirmed batch waits before the first call, to be called off. */
export const startDelaySeconds = 5;
/** Above this many sessions, and for any in production, the operator types how many. */
export const maxSessionsWithoutTypedCount = 25;
/** A status that was last told longer ago than this is called stale. */
export const staleAfterMinutes = 15;

/** What a plan says of a session before anything is asked. The first three will be asked for; the rest is left out. */
export const eligibility = z.enum([
  'will_cancel',
  /** Its status is unknown, or was told too long ago. */
  'stale',
  /** An earlier cancel of it has no known outcome: it is read back before anything is sent. */
  'unresolved',
  'already_final',
  'no_credential',
  'connection_locked',
  /** This account may not cancel sessions of this product. */
  'not_offered',
]);
export type Eligibility = z.infer<typeof eligibility>;
export const eligibleForCancel = ['will_cancel', 'stale', 'unresolved'] as const satisfies readonly Eligibility[];

/** Where a session of a batch stands: as its cancellation does, once there is one. `left_out`: the plan's verdict said so. */
export const itemOutcome = z.enum(['waiting', ...cancellationState.options, 'left_out']);
export type ItemOutcome = z.infer<typeof itemOutcome>;
/** What can be asked for once more as a new plan: what the provider declined or was never asked, or what nobody knows. */
export const retryableOutcomes = {
  failed: ['refused', 'not_sent', 'still_active', 'not_found'],
  unknown: ['unknown'],
} as const satisfies Record<string, readonly ItemOutcome[]>;

export const batchState = z.enum([
  // A plan.
  'planning',
  'planned',
  'expired',
  'discarded',
  // A batch. `interrupted`: the console ended while it ran; it goes on when the operator says so.
  'armed',
  'called_off',
  'running',
  'paused',
  'stopping',
  'interrupted',
  'stopped',
  'finished',
]);
export type BatchState = z.infer<typeof batchState>;

/** What a plan was made from. */
export const batchOrigin = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('selection') }),
  /** The filter in the words of the contract, as JSON, and how many sessions were taken out of it by hand. */
  z.object({ kind: z.literal('filter'), filter: z.string(), except: z.int() }),
  z.object({ kind: z.literal('retry'), of: z.uuid(), only: z.enum(['failed', 'unknown']) }),
]);
export type BatchOrigin = z.infer<typeof batchOrigin>;

export const ageBand = z.enum(['under_1_hour', 'under_1_day', 'under_7_days', 'under_30_days', 'older']);
export type AgeBand = z.infer<typeof ageBand>;

/** How many sessions of a kind are in the plan, and how many of them would be asked for. */
const planCount = z.object({ sessions: z.int(), asked: z.int() });
export type PlanCount = z.infer<typeof planCount>;

/** What a plan holds, by everything an operator may stumble over. */
export const planSummary = z.object({
  connections: z.array(
    planCount.extend({ connectionId: z.uuid(), name: z.string(), provider: providerName, environment }),
  ),
  products: z.array(planCount.extend({ product })),
  statuses: z.array(planCount.extend({ status: sessionStatus })),
  ages: z.array(planCount.extend({ age: ageBand })),
  /**
   * Exact sums of the amounts that would be asked for, as decimal text; `currency` null: none is known.
   * `withoutAmount`: of `sessions`, those that are not in the sum.
   */
  amounts: z.array(
    z.object({ currency: z.string().nullable(), total: z.string(), sessions: z.int(), withoutAmount: z.int() }),
  ),
});
export type PlanSummary = z.infer<typeof planSummary>;

/** The one action that helps a connection that has been paused. */
export const issueAction = z.enum([
  'replace_secret',
  'unlock_keychain',
  'unlock_connection',
  'check_network',
  'ask_provider',
  'free_disk',
  'look_at_outcomes',
]);
export type IssueAction = z.infer<typeof issueAction>;
/** In a sentence what keeps a connection, or the whole batch, from going on. */
export const batchIssue = z.object({ ...messageFields, action: issueAction });
export type BatchIssue = z.infer<typeof batchIssue>;

/** As many calls of a connection are under way at the same time at most, whatever its pace. */
export const maxInFlightLimit = 64;
export const rateLimit = z.object({
  /** Requests a second, at most. */
  perSecond: z.number().min(0.1).max(1_000),
  /** Calls under way at the same time, at most. */
  maxInFlight: z.int().min(1).max(maxInFlightLimit),
});
export type RateLimit = z.infer<typeof rateLimit>;

/** What a connection is doing for a batch. `held`: its provider asked to wait. `paused`: it was given up until the operator resumes it. */
export const batchConnection = z.object({
  connectionId: z.uuid(),
  name: z.string(),
  environment,
  state: z.enum(['waiting', 'running', 'throttled', 'paused', 'done']),
  /** Sessions still to be asked for. */
  remaining: z.int(),
  inFlight: z.int(),
  /** Settled in the last seconds, per second. */
  perSecond: z.number(),
  rateLimit,
  /** What the provider's answers allow at the moment: at most the pace. */
  allowedPerSecond: z.number(),
  throttledSeconds: z.int(),
  issue: batchIssue.nullable(),
});
export type BatchConnection = z.infer<typeof batchConnection>;

export const batch = z.object({
  id: z.uuid(),
  /** Its name for people: "Batch 12". */
  number: z.int().positive(),
  state: batchState,
  origin: batchOrigin,
  operator: z.string(),
  createdAt: instant,
  /** While it is a plan: until when it can be confirmed. */
  expiresAt: instant.nullable(),
  confirmedAt: instant.nullable(),
  /** While it is armed: when the first call goes out. */
  startsAt: instant.nullable(),
  startedAt: instant.nullable(),
  endedAt: instant.nullable(),
  reason: reason.nullable(),
  /** SHA-256 over the plan's sessions, in hex; null until they are frozen. */
  digest: z.string().nullable(),
  /** Sessions in the plan, and how many of them are asked for. */
  sessions: z.int(),
  eligible: z.int(),
  /** Whether to confirm it the operator types `asked`. */
  requiresTypedCount: z.boolean(),
  eligibilityCounts: z.partialRecord(eligibility, z.int()),
  outcomeCounts: z.partialRecord(itemOutcome, z.int()),
  /** Settled in the last seconds, per second; 0 unless it runs. */
  perSecond: z.number(),
  /** At the pace, for what is left; null where nothing is, or nothing moves. */
  remainingSeconds: z.int().nullable(),
  connections: z.array(batchConnection),
  /** What stopped the whole of it, e.g. a full disk. */
  issue: batchIssue.nullable(),
});
export type Batch = z.infer<typeof batch>;

/** One session of a batch: as it was planned, and what became of it. */
export const batchItem = z.object({
  position: z.int().positive(),
  sessionKey: z.int().positive(),
  connectionId: z.uuid(),
  product,
  sessionId: z.string(),
  reference: z.string().nullable(),
  amount: z.string().nullable(),
  currency: z.string().nullable(),
  /** When it was planned. */
  status: sessionStatus,
  eligibility: eligibility,
  outcome: itemOutcome,
  cause: cause.nullable(),
  foundStatus: sessionStatus.nullable(),
  confirmedBy: z.enum(['answer', 'read_back']).nullable(),
  cancellationId: z.uuid().nullable(),
  settledAt: instant.nullable(),
});
export type BatchItem = z.infer<typeof batchItem>;

export const batchItemFilter = z.object({
  eligibility: eligibility.nullable().default(null),
  outcomes: z.array(itemOutcome).max(20).default([]),
  connectionId: z.uuid().nullable().default(null),
  /** Part of a reference or of a session id, in any case. */
  search: z.string().trim().max(200).default(''),
});
export type BatchItemFilter = z.infer<typeof batchItemFilter>;

const batchRef = z.object({ batchId: z.uuid() });
export const batchInputs = {
  byId: batchRef,
  retry: batchRef.extend({ only: z.enum(['failed', 'unknown']) }),
  items: batchRef.extend({
    filter: batchItemFilter.prefault({}),
    /** Items after this position. */
    after: z.int().nonnegative().default(0),
    skip: z.int().nonnegative().default(0),
    limit: z.int().min(1).max(500).default(200),
  }),
  confirm: batchRef.extend({
    /** Of the plan as it was shown. */
    digest: z.string().max(100),
    reason,
    /** What the operator typed, where the plan needs it. */
    typedCount: z.int().nonnegative().nullable().default(null),
  }),
  list: z.object({ before: z.int().positive().nullable().default(null), limit: z.int().min(1).max(200).default(50) }),
  export: batchRef.extend({
    filter: batchItemFilter.prefault({}),
    format: z.enum(['csv', 'jsonl']),
    unmaskedIds: z.boolean().default(false),
  }),
};

/** Of one page: `total` is what the filter matches; `next` the position to go on after. */
export const batchItems = z.object({ rows: z.array(batchItem), total: z.int(), next: z.int().nullable() });

/** How fast a connection is asked: as set, as it usually is, and what its provider's answers allow just now. */
export const connectionRateLimit = z.object({
  connectionId: z.uuid(),
  rateLimit,
  defaultRateLimit: rateLimit,
  allowedPerSecond: z.number(),
  throttledSeconds: z.int(),
  issue: batchIssue.nullable(),
});
export type ConnectionRateLimit = z.infer<typeof connectionRateLimit>;
