/** Checks that a plan may become a batch. Every check of the screen is repeated here. */
import {
  AppError,
  createMessage,
  planValidityMinutes,
  type BatchOrigin,
  type Message,
  type ParsedInput,
} from '../../contract/index.ts';
import type { BatchRow, PlanDigest, RecordedPlan } from '../store/index.ts';
import { createStateMessage } from './batch-repository.ts';
import { getPlanExpiryMs } from './state-machine.ts';

type ConfirmInput = ParsedInput<'batches.confirm'>;

/** Who confirms the plan, when, and whether its statuses are being checked. */
export interface ConfirmContext {
  readonly operator: string;
  readonly host: string;
  readonly isRefreshing: boolean;
  readonly now: number;
}

/** The first failed check that does not read the sessions of the plan, otherwise null. */
export function validatePlan(
  row: BatchRow,
  { digest }: ConfirmInput,
  { operator, host, isRefreshing, now }: ConfirmContext,
): AppError | null {
  if (row.operator !== operator || row.host !== host) {
    const { operator: owner, host: ownerHost } = row;
    return new AppError('plan_not_owner', createMessage('batch.planNotOwner', { operator: owner, host: ownerHost }));
  }
  if (row.state === 'expired') return createPlanExpiredError();
  if (row.state !== 'planned') return createPlanAlreadyConfirmedError(row);
  if (isRefreshing) return createPlanChangedError(createMessage('batch.planBeingRefreshed'));
  if (now >= getPlanExpiryMs(row)) return createPlanExpiredError();
  if (row.digest === null) return createRefreshIncompleteError();
  if (row.digest !== digest) return createPlanChangedError(createMessage('batch.planDiffersFromShown'));
  return null;
}

/** The first failed check of the stored sessions and of the typed count, otherwise null. */
export function validatePlanSessions(
  row: BatchRow,
  stored: PlanDigest,
  { typedCount }: ConfirmInput,
  requiresTypedCount: boolean,
): AppError | null {
  if (stored.digest !== row.digest || stored.eligible !== row.asked || stored.sessions !== row.sessions)
    return createPlanChangedError(createMessage('batch.planAltered'), { tampered: true });
  if ((requiresTypedCount || typedCount !== null) && typedCount !== row.asked) {
    const message =
      typedCount === null
        ? createMessage('batch.countMissing', { count: row.asked })
        : createMessage('batch.countMismatch', { typedCount, count: row.asked });
    return new AppError('count_mismatch', message, { details: { eligible: row.asked } });
  }
  if (row.asked === 0) return new AppError('plan_empty', createMessage('batch.planEmpty'));
  return null;
}

export function createPlanAlreadyConfirmedError({ number, state }: Pick<BatchRow, 'number' | 'state'>): AppError {
  const message = createMessage('batch.planAlreadyConfirmed', { number, state: createStateMessage(state) });
  return new AppError('plan_already_confirmed', message, { details: { state } });
}

export function createPlanExpiredError(): AppError {
  return new AppError('plan_expired', createMessage('batch.planExpired', { minutes: planValidityMinutes }));
}

/** For a plan without a digest: it cannot be checked whether its sessions were altered. */
export function createRefreshIncompleteError(): AppError {
  return createPlanChangedError(createMessage('batch.planRefreshIncomplete'));
}

function createPlanChangedError(message: Message, details: { tampered?: boolean } = {}): AppError {
  return new AppError('plan_changed', message, { details });
}

type PlanCounts = Pick<BatchRow, 'sessions' | 'asked' | 'digest'>;

/** The counts and the digest as the audit log stores them. `origin` of a plan that is created. */
export function toPlanDetail({ sessions, asked, digest }: PlanCounts, origin: BatchOrigin | null = null) {
  return { kind: 'plan' as const, sessions, eligible: asked, digest, origin };
}

/** Whether the audit log recorded exactly this plan when it was confirmed. */
export function isConfirmedPlan({ sessions, asked, digest }: PlanCounts, recorded: RecordedPlan | null): boolean {
  return recorded?.sessions === sessions && recorded.eligible === asked && recorded.digest === digest;
}
