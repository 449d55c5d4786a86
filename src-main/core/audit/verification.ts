import type { AuditDamage, AuditVerdict } from '../../contract/index.ts';
import { startOfCheck, type AuditHead, type CheckState, type Fault, type Store } from '../store/index.ts';

/** Records checked at a stretch: some ten milliseconds, after which an intent that waits goes first. */
const sliceRecords = 1_000;
/** Rows looked through at a stretch for the parts of a broken chain. */
const sliceTraces = 20_000;

export interface Verification {
  readonly head: AuditHead;
  readonly headPlace: AuditVerdict['head']['place'];
  readonly signal: AbortSignal;
  progress(checked: number, total: number): void;
}

/** Goes through the log up to where it ends now, in slices, and says what it found. Writes nothing. */
export async function verify(store: Store, options: Verification): Promise<AuditVerdict> {
  const { head, headPlace, signal, progress } = options;
  const started = performance.now();
  const upTo = store.auditHead.sequence;
  let state = startOfCheck();
  let fault: Fault | null = null;
  for (let done = false; !done && !signal.aborted;) {
    ({ state, fault, done } = await store.run('checkAudit', { state, head, upTo, limit: sliceRecords }));
    progress(Math.min(state.next - 1, upTo), upTo);
  }
  const broken = fault ? [await damageOf(store, state, fault, head)] : [];
  const damages = [...broken, ...state.recorded, ...(fault || signal.aborted ? [] : atTheEnd(state, head))]
    .sort((one, other) => one.sequence - other.sequence)
    // The check and the console's own record may both tell of the same place.
    .filter((damage, index, all) => all.findIndex(({ sequence }) => sequence === damage.sequence) === index);
  return {
    verdict: damages.length > 0 ? 'damaged' : signal.aborted ? 'stopped' : wholeVerdict(state),
    checked: state.next - 1,
    verified: state.verified,
    damages,
    keyNotAvailable: state.unavailable,
    head: { sequence: head.sequence, place: headPlace },
    newerThanHead: Math.max(0, state.next - 1 - head.sequence),
    tornWrite: store.tornWrite,
    clockBack: state.clockBack,
    durationMs: performance.now() - started,
  };
}

function wholeVerdict({ unavailable }: CheckState): AuditVerdict['verdict'] {
  return unavailable.length > 0 ? 'key_not_available' : 'intact';
}

/** What only shows once the last record was seen. */
function atTheEnd(state: CheckState, head: AuditHead): AuditDamage[] {
  const damages: AuditDamage[] = [];
  if (state.parted) damages.push({ ...state.parted, recordedBy: null });
  if (state.foreignSince !== null) damages.push({ kind: 'altered', sequence: state.foreignSince, recordedBy: null });
  if (state.next <= head.sequence) damages.push({ kind: 'tail_cut', sequence: state.next, recordedBy: null });
  return damages;
}

async function damageOf(store: Store, state: CheckState, fault: Fault, head: AuditHead): Promise<AuditDamage> {
  const elsewhere = [];
  for (let after: number | null = 0; after !== null;) {
    const { rows, next }: Awaited<ReturnType<typeof traces>> = await traces(store, state, after);
    elsewhere.push(...rows);
    after = next;
  }
  return store.run('damageAt', { state, fault, head, elsewhere });
}

function traces(store: Store, state: CheckState, after: number) {
  return store.run('auditTraces', { state, after, limit: sliceTraces });
}
