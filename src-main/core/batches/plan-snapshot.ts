/** A plan's sessions frozen and judged, slice by slice: between two of them whatever waits for the store goes first. */
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

/** Sessions of one write: some ten milliseconds, for which an intent may have to wait. */
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

/** SHA-256 over the plan's sessions as they are stored now, with how many they are: to compare with what was confirmed. */
export function computePlanDigest(store: Store, { id, number }: PlanRef, signal?: AbortSignal): Promise<PlanDigest> {
  return store.run('planDigest', { id, number }, signal);
}

/** null where the plan was thrown away meanwhile. Rejects with the signal's reason, or where the store cannot write. */
export async function createPlanSnapshot(
  dependencies: PlanSnapshotDependencies,
  plan: PlanRef,
  source: PlanSource,
  progress: () => void,
  signal: AbortSignal,
): Promise<PlanSnapshot | null> {
  const { store } = dependencies;
  await store.run('selectSessions', { planNumber: plan.number, source }, signal);
  for (let summary = emptySummary; ;) {
    signal.throwIfAborted();
    const slice = await store.run('snapshotSlice', { ...buildEligibilityContext(dependencies, plan), summary });
    if (!slice) return null;
    progress();
    if (slice.done) return { ...(await computePlanDigest(store, plan, signal)), summary: slice.summary };
    ({ summary } = slice);
  }
}

/** Judges a plan's sessions as they are known by now. null where it is no plan any more. */
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

/** By the connections as they are at this moment: one that is locked meanwhile is told as locked. */
function buildEligibilityContext({ connections, providers }: PlanSnapshotDependencies, { number }: PlanRef) {
  const facts = connections.list().map(({ id, isLocked, credential, options }): [string, EligibilityConnection] => [
    id,
    {
      isLocked,
      hasCredential: credential.state !== 'missing',
      canCancel: providers[options.provider].capabilities.canCancel,
      canCancelETransfer: options.provider !== 'flinks' || options.eTransferCancel,
    },
  ]);
  return { planNumber: number, connections: Object.fromEntries(facts), now: Date.now(), limit: maxSessionsPerWrite };
}
