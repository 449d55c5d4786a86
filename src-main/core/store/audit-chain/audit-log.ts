/**
 * The audit log in the database thread. It keeps the end of the log in memory and does not read it from the file again,
 * which others can change.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import {
  serializeAuditDetail,
  type AuditAction,
  type AuditDamageKind,
  type AuditDetailOf,
  type AuditRecord,
} from '../../../contract/index.ts';
import { writeOne } from '../prepared-statements.ts';
import { DatabaseDamageError } from '../sqlite-error.ts';
import type { AuditRow } from '../schema.ts';
import { verifyRecord, createVerificationState, type AuditKey } from './verifier.ts';
import { genesisMac, computeMac, type AuditHead } from './record-mac.ts';
import { insertSql, insertValues, findRow, findRowAt, rowsAfter } from './audit-rows.ts';

/** The optional fields of a record, without its details. */
export type AuditFields = Partial<Omit<AuditRecord, 'sequence' | 'at' | 'operator' | 'host' | 'action' | 'detail'>>;

/** The fields of a record that a caller provides; the log adds sequence, time, operator and host. */
export type AuditEntryOf<Action extends AuditAction> = AuditFields & {
  readonly action: Action;
  readonly detail?: AuditDetailOf<Action> | null;
};
export type AuditEntry = { [Action in AuditAction]: AuditEntryOf<Action> }[AuditAction];

export interface AuditIdentity extends AuditKey {
  readonly operator: string;
  readonly host: string;
}

/**
 * `stored`: the key was in the keychain. `created`: a new key was stored in the keychain. `temporary`: the key is in
 * memory only until the app closes, and no log head is known.
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
}

interface LogTail {
  readonly sequence: number;
  readonly mac: string;
  readonly log: string;
}

export class AuditLog {
  readonly #sqlite: DatabaseSync;
  #identity: AuditIdentity;
  readonly #insert: StatementSync;
  readonly #updateTail: StatementSync;
  #tail: LogTail;

  constructor(sqlite: DatabaseSync, identity: AuditIdentity) {
    this.#sqlite = sqlite;
    this.#identity = identity;
    this.#insert = sqlite.prepare(insertSql);
    this.#updateTail = sqlite.prepare('UPDATE audit_tail SET sequence = ?');
    const last = findRow(sqlite, 'ORDER BY sequence DESC');
    if (last && !(Number.isSafeInteger(last.sequence) && last.sequence > 0)) {
      throw new DatabaseDamageError(`The audit log ends with record ${last.sequence}`);
    }
    const first = findRow(sqlite, 'ORDER BY sequence');
    this.#tail = { sequence: last?.sequence ?? 0, mac: last?.mac ?? genesisMac, log: first?.mac ?? '' };
  }

  get identity(): AuditIdentity {
    return this.#identity;
  }

  /** Sets the operator of the following records. */
  setOperator(operator: string): void {
    this.#identity = { ...this.#identity, operator };
  }

  /** The end of the log; durable when the current transaction is. */
  get head(): AuditHead {
    return { ...this.#tail, keyId: this.#identity.keyId };
  }

  /** A savepoint for `rollBackTo`. */
  get tail(): LogTail {
    return this.#tail;
  }

  /** Resets the end of the log after a transaction was rolled back. */
  rollBackTo(tail: LogTail): void {
    this.#tail = tail;
  }

  /**
   * Appends the first records of a run in the caller's transaction: a new epoch if the last record has another key, and
   * any difference between the log and the head from the keychain, before new records hide it.
   */
  recordOpening(keySource: AuditKeySource, head: AuditHead | null, incompleteWrite: boolean): void {
    const last = findRow(this.#sqlite, 'ORDER BY sequence DESC');
    const damage = keySource === 'temporary' ? null : this.#compareWithHead(head, keySource);
    if (last?.keyId !== this.#identity.keyId) {
      const lastOwn = head?.keyId === this.#identity.keyId ? head.sequence : 0;
      const outcome = last === undefined && keySource !== 'temporary' ? 'first_key' : epochOutcomes[keySource];
      this.append({ action: 'audit_epoch_began', outcome, detail: { kind: 'epoch', lastOwnSequence: lastOwn } });
    }
    if (damage) {
      this.append({
        action: 'audit_damage_found',
        outcome: damage.kind,
        detail: {
          kind: 'damage',
          sequence: damage.sequence,
          headSequence: head?.sequence ?? null,
          lastSequence: last?.sequence ?? 0,
          hasIncompleteWrite: incompleteWrite,
        },
      });
    }
  }

  /** Appends a record in the transaction of the change that it records, and returns its sequence. */
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
      providerCode: null,
      requestId: null,
      durationMs: null,
      batchId: null,
      ...toWellFormedFields(entry),
      keyId: this.#identity.keyId,
      previousMac: this.#tail.mac,
    };
    const mac = computeMac(record, this.#identity.key);
    writeOne(this.#insert, ...insertValues({ ...record, mac }));
    this.#tail = { sequence: record.sequence, mac, log: record.sequence === 1 ? mac : this.#tail.log };
    return record.sequence;
  }

  /** Writes the end of the log to the file; call it once per transaction that appended. */
  saveTail(): void {
    writeOne(this.#updateTail, this.#tail.sequence);
  }

  #compareWithHead(head: AuditHead | null, keySource: AuditKeySource): DamageFinding | null {
    const { sequence: lastSequence, log } = this.#tail;
    if (head === null) {
      return lastSequence === 0 || keySource === 'created' ? null : { kind: 'head_missing', sequence: lastSequence };
    }
    if (head.sequence === 0) return this.#verifyAfterHead(head);
    const recordedEnd = Number(this.#sqlite.prepare('SELECT sequence FROM audit_tail').get()?.['sequence'] ?? 0);
    if (lastSequence === 0) return { kind: recordedEnd === 0 ? 'replaced' : 'tail_cut', sequence: 1 };
    if (log !== head.log) {
      const first = findRowAt(this.#sqlite, 1);
      if (!first) return { kind: 'missing', sequence: 1 };
      const isAltered = first.keyId === this.#identity.keyId && computeMac(first, this.#identity.key) !== first.mac;
      return { kind: isAltered ? 'altered' : 'replaced', sequence: 1 };
    }
    if (lastSequence < head.sequence) {
      const kind = recordedEnd >= head.sequence ? 'tail_cut' : 'rolled_back';
      return { kind, sequence: lastSequence + 1 };
    }
    const headRecord = findRowAt(this.#sqlite, head.sequence);
    if (!headRecord) return { kind: 'missing', sequence: head.sequence };
    if (headRecord.mac !== head.mac) {
      const isGenuine =
        headRecord.keyId === this.#identity.keyId && computeMac(headRecord, this.#identity.key) === headRecord.mac;
      return { kind: isGenuine ? 'rolled_back' : 'altered', sequence: head.sequence };
    }
    return this.#verifyAfterHead(head);
  }

  /** Records after the head come from a run that was killed; they must continue the chain. */
  #verifyAfterHead(head: AuditHead): DamageFinding | null {
    const state = createVerificationState(head);
    for (const row of rowsAfter(this.#sqlite, head.sequence)) {
      const fault = verifyRecord(state, row, this.#identity, null);
      if (fault) return { kind: fault === 'gap' ? 'missing' : 'forged', sequence: state.nextSequence };
    }
    return null;
  }
}

/** Replaces lone surrogates: SQLite would store another character than the one that the MAC covers. */
function toWellFormedFields({ detail, ...fields }: AuditEntry): Pick<AuditRow, 'action' | 'detail'> & AuditFields {
  const stored = { ...fields, detail: detail ? serializeAuditDetail(detail) : null };
  const definedFields = Object.entries(stored).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    definedFields.map(([field, value]) => [field, typeof value === 'string' ? value.toWellFormed() : value]),
  ) as ReturnType<typeof toWellFormedFields>;
}
