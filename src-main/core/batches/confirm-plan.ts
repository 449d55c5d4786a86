/** What must hold before a plan becomes a batch. A dialog alone is theatre: whatever the screen asked is asked here again. */
import { DeskError, isDeskError, planLifeMinutes, type CheckedInput } from '../../contract/index.ts';
import type { BatchRow, PlanDigest } from '../store/index.ts';
import type { Books } from './batch-repository.ts';
import { digestOf } from './plan-snapshot.ts';
import type { BatchesParts } from './batches-dependencies.ts';

type Confirmation = CheckedInput<'batches.confirm'>;

/** Who sits here, and what goes on with the plan. */
export interface Circumstances {
  readonly operator: string;
  readonly host: string;
  readonly isRefreshing: boolean;
  readonly now: number;
}

/**
 * Makes a plan a batch, or throws what speaks against it: batch_not_found, plan_foreign, plan_used, plan_changed,
 * plan_expired, plan_empty or count_wrong; then nothing is changed.
 */
export async function confirmPlan(
  { store, operator, host }: Pick<BatchesParts, 'store' | 'operator' | 'host'>,
  books: Books,
  input: Confirmation,
  { isRefreshing, signal }: { isRefreshing: boolean; signal: AbortSignal },
): Promise<BatchRow> {
  const row = await books.row(input.batchId);
  const objection = objectionToPlan(row, input, { operator, host, isRefreshing, now: Date.now() });
  if (objection) throw objection;
  const found = await digestOf(store, row, signal);
  const counts = await store.run('batchCounts', [row.number]);
  const second = objectionToSessions(row, found, input, books.needsCount(row, counts));
  if (second) throw second;
  const reason = { reasonCategory: input.reason.category, reasonNote: input.reason.note };
  try {
    const confirmedAt = new Date().toISOString();
    const audit = { action: 'batch_confirmed' as const, ...reason, detail: countsText(row) };
    return await books.step(row.id, 'confirm', { ...reason, confirmedAt }, audit);
  } catch (error) {
    // Thrown away, or expired, since it was looked at.
    if (isDeskError(error) && error.code === 'batch_refused') throw used(await books.row(row.id));
    throw error;
  }
}

export function expiresAt({ plannedAt }: Pick<BatchRow, 'plannedAt'>): number {
  return plannedAt === null ? Number.POSITIVE_INFINITY : Date.parse(plannedAt) + planLifeMinutes * 60_000;
}

/** What speaks against it before its sessions are looked at; the first that fits. */
export function objectionToPlan(
  row: BatchRow,
  { digest }: Confirmation,
  { operator, host, isRefreshing, now }: Circumstances,
): DeskError | null {
  if (row.operator !== operator || row.host !== host) {
    const whose = `This plan was made by ${row.operator} on ${row.host}.`;
    return new DeskError(
      'plan_foreign',
      `${whose} Only who made a plan can confirm it: make your own. Nothing was sent.`,
    );
  }
  if (row.state === 'expired') return expired();
  if (row.state !== 'planned') return used(row);
  if (isRefreshing)
    return changed('Its statuses are being read again. Wait for that, or stop it, then look at the plan once more.');
  if (now >= expiresAt(row)) return expired();
  if (row.digest === null) return cutOff();
  if (row.digest !== digest) return changed('It is not the plan that you were shown. Look at it once more.');
  return null;
}

/** What speaks against its sessions as they are stored now, and against the count that was typed. */
export function objectionToSessions(
  row: BatchRow,
  found: PlanDigest,
  { typedCount }: Confirmation,
  needsCount: boolean,
): DeskError | null {
  if (found.digest !== row.digest || found.asked !== row.asked || found.sessions !== row.sessions) {
    const why =
      'The sessions in the file are not those that were planned: they have been altered. Plan anew, and verify the audit log.';
    return changed(why, { tampered: true });
  }
  if ((needsCount || typedCount !== null) && typedCount !== row.asked) {
    const typed = typedCount === null ? 'No number was typed' : `${typedCount} was typed`;
    const message = `${typed}, and the plan would cancel ${row.asked} sessions. Type ${row.asked} to confirm. Nothing was sent.`;
    return new DeskError('count_wrong', message, { details: { asked: row.asked } });
  }
  if (row.asked === 0) return new DeskError('plan_empty', 'Nothing in this plan can be cancelled. Nothing was sent.');
  return null;
}

function used({ number, state }: Pick<BatchRow, 'number' | 'state'>): DeskError {
  const isNow = `Batch ${number} is ${state.replaceAll('_', ' ')} now`;
  return new DeskError('plan_used', `${isNow}: it can be confirmed once, while it is planned. Nothing was changed.`, {
    details: { state },
  });
}

export function expired(): DeskError {
  const message = `This plan is older than ${planLifeMinutes} minutes, and too much may have changed since. Plan again. Nothing was sent.`;
  return new DeskError('plan_expired', message);
}

/** Whether it was altered meanwhile can no longer be told. */
export function cutOff(): DeskError {
  return changed('Its last refresh could not be finished. Plan anew.');
}

function changed(why: string, details: { tampered?: boolean } = {}): DeskError {
  return new DeskError('plan_changed', `${why} Nothing was sent.`, { details });
}

/** As the operator reads it in the audit log. */
export function countsText({ sessions, asked, digest }: Pick<BatchRow, 'sessions' | 'asked' | 'digest'>): string {
  return `${sessions} sessions, ${asked} to be cancelled, digest ${digest ?? 'none'}`;
}
