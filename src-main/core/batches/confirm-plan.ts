/** What must hold before a plan becomes a batch. A dialog alone is theatre: whatever the screen asked is asked here again. */
import { AppError, isAppError, planValidityMinutes, type ParsedInput } from '../../contract/index.ts';
import type { BatchRow, PlanDigest } from '../store/index.ts';
import type { BatchRepository } from './batch-repository.ts';
import { computePlanDigest } from './plan-snapshot.ts';
import type { BatchesDependencies } from './batches-dependencies.ts';

type ConfirmInput = ParsedInput<'batches.confirm'>;

/** Who sits here, and what goes on with the plan. */
export interface ConfirmContext {
  readonly operator: string;
  readonly host: string;
  readonly isRefreshing: boolean;
  readonly now: number;
}

/**
 * Makes a plan a batch, or throws what speaks against it: batch_not_found, plan_not_owner, plan_already_confirmed, plan_changed,
 * plan_expired, plan_empty or count_mismatch; then nothing is changed.
 */
export async function confirmPlan(
  { store, operator, host }: Pick<BatchesDependencies, 'store' | 'operator' | 'host'>,
  repository: BatchRepository,
  input: ConfirmInput,
  { isRefreshing, signal }: { isRefreshing: boolean; signal: AbortSignal },
): Promise<BatchRow> {
  const row = await repository.getRow(input.batchId);
  const objection = validatePlan(row, input, { operator, host, isRefreshing, now: Date.now() });
  if (objection) throw objection;
  const found = await computePlanDigest(store, row, signal);
  const counts = await store.run('batchCounts', [row.number]);
  const second = validatePlanSessions(row, found, input, repository.requiresTypedCount(row, counts));
  if (second) throw second;
  const reason = { reasonCategory: input.reason.category, reasonNote: input.reason.note };
  try {
    const confirmedAt = new Date().toISOString();
    const audit = { action: 'batch_confirmed' as const, ...reason, detail: formatPlanCounts(row) };
    return await repository.transition(row.id, 'confirm', { ...reason, confirmedAt }, audit);
  } catch (error) {
    // Thrown away, or expired, since it was looked at.
    if (isAppError(error) && error.code === 'batch_refused')
      throw createPlanAlreadyConfirmedError(await repository.getRow(row.id));
    throw error;
  }
}

export function getPlanExpiryMs({ plannedAt }: Pick<BatchRow, 'plannedAt'>): number {
  return plannedAt === null ? Number.POSITIVE_INFINITY : Date.parse(plannedAt) + planValidityMinutes * 60_000;
}

/** What speaks against it before its sessions are looked at; the first that fits. */
export function validatePlan(
  row: BatchRow,
  { digest }: ConfirmInput,
  { operator, host, isRefreshing, now }: ConfirmContext,
): AppError | null {
  if (row.operator !== operator || row.host !== host) {
    const whose = `This plan was made by ${row.operator} on ${row.host}.`;
    return new AppError(
      'plan_not_owner',
      `${whose} Only who made a plan can confirm it: make your own. Nothing was sent.`,
    );
  }
  if (row.state === 'expired') return createPlanExpiredError();
  if (row.state !== 'planned') return createPlanAlreadyConfirmedError(row);
  if (isRefreshing)
    return createPlanChangedError(
      'Its statuses are being read again. Wait for that, or stop it, then look at the plan once more.',
    );
  if (now >= getPlanExpiryMs(row)) return createPlanExpiredError();
  if (row.digest === null) return createRefreshIncompleteError();
  if (row.digest !== digest)
    return createPlanChangedError('It is not the plan that you were shown. Look at it once more.');
  return null;
}

/** What speaks against its sessions as they are stored now, and against the count that was typed. */
export function validatePlanSessions(
  row: BatchRow,
  found: PlanDigest,
  { typedCount }: ConfirmInput,
  needsCount: boolean,
): AppError | null {
  if (found.digest !== row.digest || found.eligible !== row.asked || found.sessions !== row.sessions) {
    const why =
      'The sessions in the file are not those that were planned: they have been altered. Plan anew, and verify the audit log.';
    return createPlanChangedError(why, { tampered: true });
  }
  if ((needsCount || typedCount !== null) && typedCount !== row.asked) {
    const typed = typedCount === null ? 'No number was typed' : `${typedCount} was typed`;
    const message = `${typed}, and the plan would cancel ${row.asked} sessions. Type ${row.asked} to confirm. Nothing was sent.`;
    return new AppError('count_mismatch', message, { details: { eligible: row.asked } });
  }
  if (row.asked === 0) return new AppError('plan_empty', 'Nothing in this plan can be cancelled. Nothing was sent.');
  return null;
}

function createPlanAlreadyConfirmedError({ number, state }: Pick<BatchRow, 'number' | 'state'>): AppError {
  const isNow = `Batch ${number} is ${state.replaceAll('_', ' ')} now`;
  return new AppError(
    'plan_already_confirmed',
    `${isNow}: it can be confirmed once, while it is planned. Nothing was changed.`,
    {
      details: { state },
    },
  );
}

export function createPlanExpiredError(): AppError {
  const message = `This plan is older than ${planValidityMinutes} minutes, and too much may have changed since. Plan again. Nothing was sent.`;
  return new AppError('plan_expired', message);
}

/** Whether it was altered meanwhile can no longer be told. */
export function createRefreshIncompleteError(): AppError {
  return createPlanChangedError('Its last refresh could not be finished. Plan anew.');
}

function createPlanChangedError(why: string, details: { tampered?: boolean } = {}): AppError {
  return new AppError('plan_changed', `${why} Nothing was sent.`, { details });
}

/** As the operator reads it in the audit log. */
export function formatPlanCounts({ sessions, asked, digest }: Pick<BatchRow, 'sessions' | 'asked' | 'digest'>): string {
  return `${sessions} sessions, ${asked} to be cancelled, digest ${digest ?? 'none'}`;
}
