/** Copies the sessions of a plan and evaluates them in slices. Other store requests run between two slices. */
import type { Connections } from '../connections/index.ts';
import type { Providers } from '../providers/index.ts';
import {
  emptySummary,
  type BatchRow,
  type EligibilityConnection,
  type OperationOutput,
  type PlanDigest,
  type PlanSource,
  type Store,
  type PartialPlanSummary,
} from '../store/index.ts';

/** Sessions per write: about ten milliseconds, which may delay the intent of a single cancellation. */
const maxSessionsPerWrite = 1_000;

export interface PlanSnapshotDependencies {
  readonly store: Store;
  readonly connections: Connections;
  readonly providers: Providers;
}

export interface PlanSnapshot extends PlanDigest {
  readonly summary: PartialPlanSummary;
}

type PlanRef = Pick<BatchRow, 'id' | 'number'>;

/** SHA-256 over the stored sessions of the plan, with their counts, for comparison with the confirmed plan. */
export function computePlanDigest(store: Store, { id, number }: PlanRef, signal?: AbortSignal): Promise<PlanDigest> {
  return store.run('planDigest', { id, number }, signal);
}

/**
 * Copies the sessions of `source` into the plan and evaluates each of them. Returns null if the plan was discarded in
 * the meantime. Rejects with the signal's reason, or if the store cannot write.
 */
export async function createPlanSnapshot(
  dependencies: PlanSnapshotDependencies,
  plan: PlanRef,
  source: PlanSource,
  onProgress: () => void,
  signal: AbortSignal,
): Promise<PlanSnapshot | null> {
  const { store } = dependencies;
  await store.run('selectSessions', { planNumber: plan.number, source }, signal);
  for (let summary = emptySummary; ;) {
    signal.throwIfAborted();
    const slice = await store.run('snapshotSlice', { ...buildEligibilityContext(dependencies, plan), summary });
    if (!slice) return null;
    onProgress();
    if (slice.done) return { ...(await computePlanDigest(store, plan, signal)), summary: slice.summary };
    ({ summary } = slice);
  }
}

/** Evaluates the sessions of a plan again, with their present statuses. Returns null if the plan is no longer open. */
export async function reevaluatePlan(
  dependencies: PlanSnapshotDependencies,
  plan: PlanRef,
  signal: AbortSignal,
): Promise<PlanSnapshot | null> {
  const { store } = dependencies;
  let summary = emptySummary;
  for (let next: number | null = 0; next !== null;) {
    signal.throwIfAborted();
    const slice: OperationOutput<'reevaluateSlice'> = await store.run('reevaluateSlice', {
      ...buildEligibilityContext(dependencies, plan),
      summary,
      after: next,
    });
    if (!slice) return null;
    ({ summary, next } = slice);
  }
  return { ...(await computePlanDigest(store, plan, signal)), summary };
}

/** Built for every slice, so that a connection that was locked in the meantime counts as locked. */
function buildEligibilityContext({ connections, providers }: PlanSnapshotDependencies, { number }: PlanRef) {
  const entries = connections.list().map(({ id, isLocked, credential, options }): [string, EligibilityConnection] => [
    id,
    {
      isLocked,
      hasCredential: credential.state !== 'missing',
      canCancel: providers[options.provider].capabilities.canCancel,
      canCancelETransfer: options.provider !== 'flinks' || options.eTransferCancel,
    },
  ]);
  return { planNumber: number, connections: Object.fromEntries(entries), now: Date.now(), limit: maxSessionsPerWrite };
}
