import type { AuditDamage, VerificationResult } from '../../contract/index.ts';
import {
  createVerificationState,
  type AuditHead,
  type VerificationState,
  type ChainFault,
  type Store,
} from '../store/index.ts';

/** Records checked at a stretch: some ten milliseconds, after which an intent that waits goes first. */
const sliceRecords = 1_000;
/** Rows looked through at a stretch for the parts of a broken chain. */
const sliceTraceRows = 20_000;

export interface VerificationOptions {
  readonly head: AuditHead;
  readonly headLocation: VerificationResult['head']['location'];
  readonly signal: AbortSignal;
  onProgress(checked: number, total: number): void;
}

/** Goes through the log up to where it ends now, in slices, and says what it found. Writes nothing. */
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
  const broken = fault ? [await locateDamage(store, state, fault, head)] : [];
  const damages = [
    ...broken,
    ...state.recordedDamages,
    ...(fault || signal.aborted ? [] : endOfLogDamages(state, head)),
  ]
    .sort((one, other) => one.sequence - other.sequence)
    // The check and the console's own record may both tell of the same place.
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

/** What only shows once the last record was seen. */
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
