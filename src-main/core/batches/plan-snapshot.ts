/** A plan's sessions frozen and judged, slice by slice: between two of them whatever waits for the store goes first. */
import type { Connections } from '../connections/index.ts';
import type { Providers } from '../providers/index.ts';
import {
  emptySummary,
  type BatchRow,
  type JudgedConnection,
  type OperationOutput,
  type PlanDigest,
  type PlanSource,
  type Store,
  type SummarySoFar,
} from '../store/index.ts';

/** Sessions of one write: some ten milliseconds, for which an intent may have to wait. */
const sliceSessions = 1_000;

export interface FreezingParts {
  readonly store: Store;
  readonly connections: Connections;
  readonly providers: Providers;
}

export interface Frozen extends PlanDigest {
  readonly summary: SummarySoFar;
}

type Plan = Pick<BatchRow, 'id' | 'number'>;

/** SHA-256 over the plan's sessions as they are stored now, with how many they are: to compare with what was confirmed. */
export function digestOf(store: Store, { id, number }: Plan, signal?: AbortSignal): Promise<PlanDigest> {
  return store.run('planDigest', { id, number }, signal);
}

/** null where the plan was thrown away meanwhile. Rejects with the signal's reason, or where the store cannot write. */
export async function freeze(
  parts: FreezingParts,
  plan: Plan,
  source: PlanSource,
  progress: () => void,
  signal: AbortSignal,
): Promise<Frozen | null> {
  const { store } = parts;
  await store.run('choose', { planNumber: plan.number, source }, signal);
  for (let summary = emptySummary; ;) {
    signal.throwIfAborted();
    const slice = await store.run('freezeSlice', { ...judgingOf(parts, plan), summary });
    if (!slice) return null;
    progress();
    if (slice.done) return { ...(await digestOf(store, plan, signal)), summary: slice.summary };
    ({ summary } = slice);
  }
}

/** Judges a plan's sessions as they are known by now. null where it is no plan any more. */
export async function judgeAnew(parts: FreezingParts, plan: Plan, signal: AbortSignal): Promise<Frozen | null> {
  const { store } = parts;
  let summary = emptySummary;
  for (let after: number | null = 0; after !== null;) {
    signal.throwIfAborted();
    const slice: OperationOutput<'judgeSlice'> = await store.run('judgeSlice', {
      ...judgingOf(parts, plan),
      summary,
      after,
    });
    if (!slice) return null;
    ({ summary, next: after } = slice);
  }
  return { ...(await digestOf(store, plan, signal)), summary };
}

/** By the connections as they are at this moment: one that is locked meanwhile is told as locked. */
function judgingOf({ connections, providers }: FreezingParts, { number }: Plan) {
  const facts = connections.list().map(({ id, locked, credential, options }): [string, JudgedConnection] => [
    id,
    {
      locked,
      hasCredential: credential.state !== 'missing',
      canCancel: providers[options.provider].capabilities.canCancel,
      eTransferCancel: options.provider !== 'flinks' || options.eTransferCancel,
    },
  ]);
  return { planNumber: number, connections: Object.fromEntries(facts), now: Date.now(), limit: sliceSessions };
}
