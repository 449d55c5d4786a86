/** The audit log as the database thread keeps it: where it ends is known here, not asked of a file anybody may change. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { AuditDamageKind, AuditRecord } from '../../../contract/index.ts';
import type { AuditRow } from '../schema.ts';
import { check, damageDetail, epochDetail, startOfCheck, type AuditKey } from './verifier.ts';
import { genesisMac, macOf, type AuditHead } from './record-mac.ts';
import { insertion, insertionValues, oneRow, rowAt, rowsAfter } from './audit-rows.ts';

/** What a caller says of an event; who, where and when are stamped by the log itself. */
export type AuditEntry = Pick<AuditRecord, 'action'> &
  Partial<Omit<AuditRecord, 'sequence' | 'at' | 'operator' | 'host' | 'action'>>;

export interface AuditIdentity extends AuditKey {
  readonly operator: string;
  readonly host: string;
}

/**
 * `kept`: the key was in the keychain. `made`: it was not, and this one now is. `this_run`: it lives in memory until the
 * console ends, and nothing was known of a head either.
 */
export type KeyPlace = 'kept' | 'made' | 'this_run';

const epochOutcome: Record<KeyPlace, string> = {
  kept: 'key_returned',
  made: 'key_replaced',
  this_run: 'key_for_this_run',
};

interface Finding {
  readonly kind: AuditDamageKind;
  readonly sequence: number;
  readonly what: string;
}

interface Tail {
  readonly sequence: number;
  readonly mac: string;
  readonly log: string;
}

export class AuditLog {
  readonly #sqlite: DatabaseSync;
  #identity: AuditIdentity;
  readonly #insert: StatementSync;
  readonly #note: StatementSync;
  #tail: Tail;

  constructor(sqlite: DatabaseSync, identity: AuditIdentity) {
    this.#sqlite = sqlite;
    this.#identity = identity;
    this.#insert = sqlite.prepare(insertion);
    this.#note = sqlite.prepare('UPDATE audit_tail SET sequence = ?');
    const last = oneRow(sqlite, 'ORDER BY sequence DESC');
    if (last && !(Number.isSafeInteger(last.sequence) && last.sequence > 0)) {
      throw new Error(`malformed: the audit log ends with record ${last.sequence}`);
    }
    const first = oneRow(sqlite, 'ORDER BY sequence');
    this.#tail = { sequence: last?.sequence ?? 0, mac: last?.mac ?? genesisMac, log: first?.mac ?? '' };
  }

  get identity(): AuditIdentity {
    return this.#identity;
  }

  /** From the next record on. */
  actAs(operator: string): void {
    this.#identity = { ...this.#identity, operator };
  }

  /** Where the log ends now; durable once the transaction is. */
  get head(): AuditHead {
    return { ...this.#tail, keyId: this.#identity.keyId };
  }

  /** To come back to, where a transaction is undone. */
  get mark(): Tail {
    return this.#tail;
  }

  undoTo(mark: Tail): void {
    this.#tail = mark;
  }

  /**
   * The first records of a run, in the caller's transaction: what does not fit the head from the keychain, before anything
   * new covers it up; and that an epoch begins, where the last record was made under another key.
   */
  begin(place: KeyPlace, head: AuditHead | null, tornWrite: boolean): void {
    const last = oneRow(this.#sqlite, 'ORDER BY sequence DESC');
    const found = place === 'this_run' ? null : this.#compare(head, place);
    if (last?.keyId !== this.#identity.keyId) {
      const lastOwn = head?.keyId === this.#identity.keyId ? head.sequence : 0;
      const outcome = last === undefined && place !== 'this_run' ? 'first_key' : epochOutcome[place];
      this.append({ action: 'audit_epoch_began', outcome, detail: epochDetail(lastOwn) });
    }
    if (found) {
      const what = `${found.what}${tornWrite ? '; the last write to the file was torn' : ''}`;
      this.append({ action: 'audit_damage_found', outcome: found.kind, detail: damageDetail(found.sequence, what) });
    }
  }

  /** Appends within the transaction of what it records, chained to the record before; answers with its sequence. */
  append(entry: AuditEntry): number {
    const record: Omit<AuditRow, 'mac'> = {
      sequence: this.#tail.sequence + 1,
      at: new Date().toISOString(),
      operator: this.#identity.operator,
      host: this.#identity.host,
      connectionId: null,
      connectionName: null,
      environment: null,
      sessionKey: null,
      sessionId: null,
      cancellationId: null,
      reasonCategory: null,
      reasonNote: null,
      outcome: null,
      detail: null,
      providerCode: null,
      requestId: null,
      durationMs: null,
      batchId: null,
      ...wellFormed(entry),
      keyId: this.#identity.keyId,
      previousMac: this.#tail.mac,
    };
    const mac = macOf(record, this.#identity.key);
    this.#insert.run(...insertionValues({ ...record, mac }));
    this.#tail = { sequence: record.sequence, mac, log: record.sequence === 1 ? mac : this.#tail.log };
    return record.sequence;
  }

  /** Once for each transaction that appended: the file's own account of where the log ends. */
  noteTail(): void {
    this.#note.run(this.#tail.sequence);
  }

  #compare(head: AuditHead | null, place: KeyPlace): Finding | null {
    const { sequence: end, log } = this.#tail;
    if (head === null) {
      const what = `the keychain holds no head for this log of ${end} records`;
      return end === 0 || place === 'made' ? null : { kind: 'head_missing', sequence: end, what };
    }
    if (head.sequence === 0) return this.#compareBeyond(head, `the head names no record, the log ends with ${end}`);
    const sides = `the head names record ${head.sequence}, the log ends with ${end}`;
    const noted = Number(this.#sqlite.prepare('SELECT sequence FROM audit_tail').get()?.['sequence'] ?? 0);
    if (end === 0) return { kind: noted === 0 ? 'replaced' : 'tail_cut', sequence: 1, what: sides };
    if (log !== head.log) {
      const first = rowAt(this.#sqlite, 1);
      if (!first) return { kind: 'missing', sequence: 1, what: sides };
      const altered = first.keyId === this.#identity.keyId && macOf(first, this.#identity.key) !== first.mac;
      return { kind: altered ? 'altered' : 'replaced', sequence: 1, what: sides };
    }
    if (end < head.sequence) {
      return { kind: noted >= head.sequence ? 'tail_cut' : 'rolled_back', sequence: end + 1, what: sides };
    }
    const anchored = rowAt(this.#sqlite, head.sequence);
    if (!anchored) return { kind: 'missing', sequence: head.sequence, what: sides };
    if (anchored.mac !== head.mac) {
      const genuine = anchored.keyId === this.#identity.keyId && macOf(anchored, this.#identity.key) === anchored.mac;
      const what = `${sides}, and record ${head.sequence} is another`;
      return { kind: genuine ? 'rolled_back' : 'altered', sequence: head.sequence, what };
    }
    return this.#compareBeyond(head, sides);
  }

  /** Records newer than the head are those of a run that was killed; they must continue the chain. */
  #compareBeyond(head: AuditHead, sides: string): Finding | null {
    const state = startOfCheck(head);
    for (const row of rowsAfter(this.#sqlite, head.sequence)) {
      const fault = check(state, row, this.#identity, null);
      if (fault) return { kind: fault === 'gap' ? 'missing' : 'forged', sequence: state.next, what: sides };
    }
    return null;
  }
}

/** A lone surrogate would be stored as another character than the one the MAC covered. */
function wellFormed(entry: AuditEntry): AuditEntry {
  const told = Object.entries(entry).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    told.map(([field, value]) => [field, typeof value === 'string' ? value.toWellFormed() : value]),
  ) as AuditEntry;
}
