import type { AuditDamage, VerificationResult } from '../../contract/index.ts';
import {
  createVerificationState,
  type AuditHead,
  type VerificationState,
  type ChainFault,
  type Store,
} from '../store/index.ts';

/** Records verified per slice: about 10 ms. Waiting intents run between slices. */
const sliceRecords = 1_000;
/** Rows searched per slice to classify damage. */
const sliceTraceRows = 20_000;

export interface VerificationOptions {
  readonly head: AuditHead;
  readonly headLocation: VerificationResult['head']['location'];
  readonly signal: AbortSignal;
  onProgress(checked: number, total: number): void;
}

/** Verifies the log up to its current end, in slices, and returns the result. Writes nothing. */
export async function verify(store: Store, options: VerificationOptions): Promise<VerificationResult> {
  const { head, headLocation, signal, onProgress } = options;
  const started = performance.now();
  const upTo = store.auditHead.sequence;
  let state = createVerificationState();
  let fault: ChainFault | null = null;
  for (let done = false; !done && !signal.aborted;) {
    ({ state, fault, done } = await store.run('verifyAuditSlice', { state, head, upTo, limit: sliceRecords }));
    onProgress(Math.min(state.nextSequence - 1, upTo), upTo);
  }
  const chainDamages = fault ? [await locateDamage(store, state, fault, head)] : [];
  const damages = [
    ...chainDamages,
    ...state.recordedDamages,
    ...(fault || signal.aborted ? [] : endOfLogDamages(state, head)),
  ]
    .sort((a, b) => a.sequence - b.sequence)
    // The verification and an earlier record may report the same damage.
    .filter((damage, index, all) => all.findIndex(({ sequence }) => sequence === damage.sequence) === index);
  return {
    result: damages.length > 0 ? 'damaged' : signal.aborted ? 'stopped' : undamagedResult(state),
    checked: state.nextSequence - 1,
    verified: state.verified,
    damages,
    missingKeyRanges: state.otherKeyRanges,
    head: { sequence: head.sequence, location: headLocation },
    recordsAfterHead: Math.max(0, state.nextSequence - 1 - head.sequence),
    incompleteWrite: store.incompleteWrite,
    clockRegressions: state.clockRegressions,
    durationMs: performance.now() - started,
  };
}

function undamagedResult({ otherKeyRanges }: VerificationState): VerificationResult['result'] {
  return otherKeyRanges.length > 0 ? 'key_not_available' : 'intact';
}

/** Damage that is detected only after the last record. */
function endOfLogDamages(state: VerificationState, head: AuditHead): AuditDamage[] {
  const damages: AuditDamage[] = [];
  if (state.headMismatch) damages.push({ ...state.headMismatch, recordedInSequence: null });
  if (state.otherKeySince !== null)
    damages.push({ kind: 'altered', sequence: state.otherKeySince, recordedInSequence: null });
  if (state.nextSequence <= head.sequence)
    damages.push({ kind: 'tail_cut', sequence: state.nextSequence, recordedInSequence: null });
  return damages;
}

async function locateDamage(
  store: Store,
  state: VerificationState,
  fault: ChainFault,
  head: AuditHead,
): Promise<AuditDamage> {
  const traces = [];
  for (let after: number | null = 0; after !== null;) {
    const { rows, next }: Awaited<ReturnType<typeof readTraces>> = await readTraces(store, state, after);
    traces.push(...rows);
    after = next;
  }
  return store.run('classifyDamageAt', { state, fault, head, traces });
}

function readTraces(store: Store, state: VerificationState, after: number) {
  return store.run('findDamageTraces', { state, after, limit: sliceTraceRows });
}
