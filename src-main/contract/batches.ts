/**
 * Bulk cancellation. A plan is a frozen set of sessions that the operator reviews before anything is sent. Confirming a
 * plan turns it into a batch with the same id; `state` distinguishes plans from batches.
 */
import { z } from 'zod';
import { exportOptions } from './sessions.ts';
import { messageFields } from './messages/index.ts';
import {
  cancellationState,
  cause,
  environment,
  instant,
  product,
  providerName,
  enteredReason,
  reason,
  sessionStatus,
} from './domain.ts';

/** A plan expires after this time, because the statuses in it may be outdated. */
export const planValidityMinutes = 30;
/** Delay between confirmation and the first request, in which the operator can abort the batch. */
export const startDelaySeconds = 5;
/** Above this number of sessions, and for every production batch, the operator types the number to confirm. */
export const maxSessionsWithoutTypedCount = 25;
/** A status is outdated if it was last read longer ago than this. */
export const staleAfterMinutes = 15;

/** Whether a plan includes a session. The first three values are eligible for cancellation; the others are excluded. */
export const eligibility = z.enum([
  'will_cancel',
  /** The status is unknown or outdated. */
  'stale',
  /** An earlier cancellation has an unknown outcome: the status is checked before anything is sent. */
  'unresolved',
  'already_final',
  'no_credential',
  'connection_locked',
  /** The account cannot cancel sessions of this product. */
  'not_offered',
]);
export type Eligibility = z.infer<typeof eligibility>;
export const eligibleForCancel = ['will_cancel', 'stale', 'unresolved'] as const satisfies readonly Eligibility[];

/** State of a session in a batch: the state of its cancellation, if one exists. `left_out`: the plan excludes it. */
export const itemOutcome = z.enum(['waiting', ...cancellationState.options, 'left_out']);
export type ItemOutcome = z.infer<typeof itemOutcome>;
/** Outcomes that a retry plan can include. */
export const retryableOutcomes = {
  failed: ['refused', 'not_sent', 'still_active', 'not_found'],
  unknown: ['unknown'],
} as const satisfies Record<string, readonly ItemOutcome[]>;

export const batchState = z.enum([
  // Plan.
  'planning',
  'planned',
  'expired',
  'discarded',
  // Batch. `interrupted`: Session Desk ended while the batch ran; the operator can resume it.
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

/** How the sessions of a plan were selected. */
export const batchOrigin = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('selection') }),
  /** `filter`: a `SessionFilter` as JSON. `except`: how many matching sessions the operator deselected. */
  z.object({ kind: z.literal('filter'), filter: z.string(), except: z.int() }),
  z.object({ kind: z.literal('retry'), of: z.uuid(), only: z.enum(['failed', 'unknown']) }),
]);
export type BatchOrigin = z.infer<typeof batchOrigin>;

export const ageBand = z.enum(['under_1_hour', 'under_1_day', 'under_7_days', 'under_30_days', 'older']);
export type AgeBand = z.infer<typeof ageBand>;

/** Sessions of one kind in the plan; `asked`: how many of them are eligible. */
const planCount = z.object({ sessions: z.int(), asked: z.int() });
export type PlanCount = z.infer<typeof planCount>;

/** Counts of a plan's sessions by connection, product, status and age, and sums of their amounts. */
export const planSummary = z.object({
  connections: z.array(
    planCount.extend({ connectionId: z.uuid(), name: z.string(), provider: providerName, environment }),
  ),
  products: z.array(planCount.extend({ product })),
  statuses: z.array(planCount.extend({ status: sessionStatus })),
  ages: z.array(planCount.extend({ age: ageBand })),
  /**
   * Exact sums over the eligible sessions, as decimal text. `currency` is null for sessions without a known currency.
   * `withoutAmount`: how many of `sessions` have no amount and are not in the sum.
   */
  amounts: z.array(
    z.object({ currency: z.string().nullable(), total: z.string(), sessions: z.int(), withoutAmount: z.int() }),
  ),
});
export type PlanSummary = z.infer<typeof planSummary>;

/** The action that resolves an issue. */
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
/** Why a connection or the whole batch is paused. */
export const batchIssue = z.object({ ...messageFields, action: issueAction });
export type BatchIssue = z.infer<typeof batchIssue>;

/** Upper limit of concurrent requests per connection, for every rate limit. */
export const maxInFlightLimit = 64;
export const rateLimit = z.object({
  /** Maximum requests per second. */
  perSecond: z.number().min(0.1).max(1_000),
  /** Maximum concurrent requests. */
  maxInFlight: z.int().min(1).max(maxInFlightLimit),
});
export type RateLimit = z.infer<typeof rateLimit>;

/**
 * Progress of a batch on one connection. `throttled`: the provider requires a wait. `paused`: no requests are sent
 * until the operator resumes the connection.
 */
export const batchConnection = z.object({
  connectionId: z.uuid(),
  name: z.string(),
  environment,
  state: z.enum(['waiting', 'running', 'throttled', 'paused', 'done']),
  /** Sessions that are still waiting. */
  remaining: z.int(),
  inFlight: z.int(),
  /** Processed sessions per second, averaged over the last seconds. */
  perSecond: z.number(),
  rateLimit,
  /** Requests per second that the provider currently accepts; at most `rateLimit.perSecond`. */
  allowedPerSecond: z.number(),
  throttledSeconds: z.int(),
  issue: batchIssue.nullable(),
});
export type BatchConnection = z.infer<typeof batchConnection>;

export const batch = z.object({
  id: z.uuid(),
  /** Shown to the operator as "Batch 12". */
  number: z.int().positive(),
  state: batchState,
  origin: batchOrigin,
  operator: z.string(),
  createdAt: instant,
  /** Plans only: the end of the confirmation period. */
  expiresAt: instant.nullable(),
  confirmedAt: instant.nullable(),
  /** State `armed` only: when the first request is sent. */
  startsAt: instant.nullable(),
  startedAt: instant.nullable(),
  endedAt: instant.nullable(),
  reason: reason.nullable(),
  /** SHA-256 over the plan's sessions, in hex; null while the plan is being created. */
  digest: z.string().nullable(),
  /** Sessions in the plan, and how many of them are eligible. */
  sessions: z.int(),
  eligible: z.int(),
  /** Whether the operator must type `eligible` to confirm the plan. */
  requiresTypedCount: z.boolean(),
  eligibilityCounts: z.partialRecord(eligibility, z.int()),
  outcomeCounts: z.partialRecord(itemOutcome, z.int()),
  /** Processed sessions per second, averaged over the last seconds; 0 unless the batch runs. */
  perSecond: z.number(),
  /** Estimate at the current rate limit; null if no session is waiting or the batch does not run. */
  remainingSeconds: z.int().nullable(),
  connections: z.array(batchConnection),
  /** Why the whole batch is paused, e.g. because the disk is full. */
  issue: batchIssue.nullable(),
});
export type Batch = z.infer<typeof batch>;

/** One session of a batch, with its planned state and its outcome. */
export const batchItem = z.object({
  position: z.int().positive(),
  sessionKey: z.int().positive(),
  connectionId: z.uuid(),
  product,
  sessionId: z.string(),
  reference: z.string().nullable(),
  amount: z.string().nullable(),
  currency: z.string().nullable(),
  /** The status at planning time. */
  status: sessionStatus,
  eligibility,
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
  /** Substring of a reference or a session id; case-insensitive. */
  search: z.string().trim().max(200).default(''),
});
export type BatchItemFilter = z.infer<typeof batchItemFilter>;

const batchRef = z.object({ batchId: z.uuid() });
export const batchInputs = {
  byId: batchRef,
  planRetry: batchRef.extend({ only: z.enum(['failed', 'unknown']) }),
  listItems: batchRef.extend({
    filter: batchItemFilter.prefault({}),
    /** Returns items after this position. */
    after: z.int().nonnegative().default(0),
    skip: z.int().nonnegative().default(0),
    limit: z.int().min(1).max(500).default(200),
  }),
  confirm: batchRef.extend({
    /** Digest of the plan that was shown to the operator. */
    digest: z.string().max(100),
    reason: enteredReason,
    /** The number that the operator typed, if the plan requires it. */
    typedCount: z.int().nonnegative().nullable().default(null),
  }),
  list: z.object({ before: z.int().positive().nullable().default(null), limit: z.int().min(1).max(200).default(50) }),
  export: batchRef.extend({
    filter: batchItemFilter.prefault({}),
    ...exportOptions,
  }),
};

/** One page. `total`: items that match the filter. `next`: `after` of the next page; null on the last page. */
export const batchItems = z.object({ rows: z.array(batchItem), total: z.int(), next: z.int().nullable() });

/** The rate limit of a connection: configured, default, and what the provider currently accepts. */
export const connectionRateLimit = z.object({
  connectionId: z.uuid(),
  rateLimit,
  defaultRateLimit: rateLimit,
  allowedPerSecond: z.number(),
  throttledSeconds: z.int(),
  issue: batchIssue.nullable(),
});
export type ConnectionRateLimit = z.infer<typeof connectionRateLimit>;
