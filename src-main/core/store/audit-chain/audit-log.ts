/** The audit log as the database thread keeps it: where it ends is known here, not asked of a file anybody may change. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { AuditDamageKind, AuditRecord } from '../../../contract/index.ts';
import type { AuditRow } from '../schema.ts';
import {
  verifyRecord,
  formatDamageDetail,
  formatEpochDetail,
  createVerificationState,
  type AuditKey,
} from './verifier.ts';
import { genesisMac, computeMac, type AuditHead } from './record-mac.ts';
import { insertSql, insertValues, findRow, findRowAt, rowsAfter } from './audit-rows.ts';

/** What a caller says of an event; who, where and when are stamped by the log itself. */
export type AuditEntry = Pick<AuditRecord, 'action'> &
  Partial<Omit<AuditRecord, 'sequence' | 'at' | 'operator' | 'host' | 'action'>>;

export interface AuditIdentity extends AuditKey {
  readonly operator: string;
  readonly host: string;
}

/**
 * `stored`: the key was in the keychain. `created`: it was not, and this one now is. `temporary`: it lives in memory until the
 * console ends, and nothing was known of a head either.
 */
export type AuditKeySource = 'stored' | 'created' | 'temporary';

const epochOutcomes: Record<AuditKeySource, string> = {
  stored: 'key_returned',
  created: 'key_replaced',
  temporary: 'key_for_this_run',
};

interface DamageFinding {
  readonly kind: AuditDamageKind;
  readonly sequence: number;
  readonly description: string;
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
  readonly #updateTail: StatementSync;
  #tail: Tail;

  constructor(sqlite: DatabaseSync, identity: AuditIdentity) {
    this.#sqlite = sqlite;
    this.#identity = identity;
    this.#insert = sqlite.prepare(insertSql);
    this.#updateTail = sqlite.prepare('UPDATE audit_tail SET sequence = ?');
    const last = findRow(sqlite, 'ORDER BY sequence DESC');
    if (last && !(Number.isSafeInteger(last.sequence) && last.sequence > 0)) {
      throw new Error(`malformed: the audit log ends with record ${last.sequence}`);
    }
    const first = findRow(sqlite, 'ORDER BY sequence');
    this.#tail = { sequence: last?.sequence ?? 0, mac: last?.mac ?? genesisMac, log: first?.mac ?? '' };
  }

  get identity(): AuditIdentity {
    return this.#identity;
  }

  /** From the next record on. */
  setOperator(operator: string): void {
    this.#identity = { ...this.#identity, operator };
  }

  /** Where the log ends now; durable once the transaction is. */
  get head(): AuditHead {
    return { ...this.#tail, keyId: this.#identity.keyId };
  }

  /** To come back to, where a transaction is undone. */
  get tail(): Tail {
    return this.#tail;
  }

  rollBackTo(mark: Tail): void {
    this.#tail = mark;
  }

  /**
   * The first records of a run, in the caller's transaction: what does not fit the head from the keychain, before anything
   * new covers it up; and that an epoch begins, where the last record was made under another key.
   */
  recordOpening(keySource: AuditKeySource, head: AuditHead | null, incompleteWrite: boolean): void {
    const last = findRow(this.#sqlite, 'ORDER BY sequence DESC');
    const found = keySource === 'temporary' ? null : this.#compareWithHead(head, keySource);
    if (last?.keyId !== this.#identity.keyId) {
      const lastOwn = head?.keyId === this.#identity.keyId ? head.sequence : 0;
      const outcome = last === undefined && keySource !== 'temporary' ? 'first_key' : epochOutcomes[keySource];
      this.append({ action: 'audit_epoch_began', outcome, detail: formatEpochDetail(lastOwn) });
    }
    if (found) {
      const what = `${found.description}${incompleteWrite ? '; the last write to the file was torn' : ''}`;
      this.append({
        action: 'audit_damage_found',
        outcome: found.kind,
        detail: formatDamageDetail(found.sequence, what),
      });
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
      ...toWellFormedEntry(entry),
      keyId: this.#identity.keyId,
      previousMac: this.#tail.mac,
    };
    const mac = computeMac(record, this.#identity.key);
    this.#insert.run(...insertValues({ ...record, mac }));
    this.#tail = { sequence: record.sequence, mac, log: record.sequence === 1 ? mac : this.#tail.log };
    return record.sequence;
  }

  /** Once for each transaction that appended: the file's own account of where the log ends. */
  saveTail(): void {
    this.#updateTail.run(this.#tail.sequence);
  }

  #compareWithHead(head: AuditHead | null, keySource: AuditKeySource): DamageFinding | null {
    const { sequence: end, log } = this.#tail;
    if (head === null) {
      const description = `the keychain holds no head for this log of ${end} records`;
      return end === 0 || keySource === 'created' ? null : { kind: 'head_missing', sequence: end, description };
    }
    if (head.sequence === 0) return this.#verifyAfterHead(head, `the head names no record, the log ends with ${end}`);
    const sides = `the head names record ${head.sequence}, the log ends with ${end}`;
    const noted = Number(this.#sqlite.prepare('SELECT sequence FROM audit_tail').get()?.['sequence'] ?? 0);
    if (end === 0) return { kind: noted === 0 ? 'replaced' : 'tail_cut', sequence: 1, description: sides };
    if (log !== head.log) {
      const first = findRowAt(this.#sqlite, 1);
      if (!first) return { kind: 'missing', sequence: 1, description: sides };
      const altered = first.keyId === this.#identity.keyId && computeMac(first, this.#identity.key) !== first.mac;
      return { kind: altered ? 'altered' : 'replaced', sequence: 1, description: sides };
    }
    if (end < head.sequence) {
      return { kind: noted >= head.sequence ? 'tail_cut' : 'rolled_back', sequence: end + 1, description: sides };
    }
    const anchored = findRowAt(this.#sqlite, head.sequence);
    if (!anchored) return { kind: 'missing', sequence: head.sequence, description: sides };
    if (anchored.mac !== head.mac) {
      const genuine =
        anchored.keyId === this.#identity.keyId && computeMac(anchored, this.#identity.key) === anchored.mac;
      const description = `${sides}, and record ${head.sequence} is another`;
      return { kind: genuine ? 'rolled_back' : 'altered', sequence: head.sequence, description };
    }
    return this.#verifyAfterHead(head, sides);
  }

  /** Records newer than the head are those of a run that was killed; they must continue the chain. */
  #verifyAfterHead(head: AuditHead, sides: string): DamageFinding | null {
    const state = createVerificationState(head);
    for (const row of rowsAfter(this.#sqlite, head.sequence)) {
      const fault = verifyRecord(state, row, this.#identity, null);
      if (fault)
        return { kind: fault === 'gap' ? 'missing' : 'forged', sequence: state.nextSequence, description: sides };
    }
    return null;
  }
}

/** A lone surrogate would be stored as another character than the one the MAC covered. */
function toWellFormedEntry(entry: AuditEntry): AuditEntry {
  const told = Object.entries(entry).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    told.map(([field, value]) => [field, typeof value === 'string' ? value.toWellFormed() : value]),
  ) as AuditEntry;
}
