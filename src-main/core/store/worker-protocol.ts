/** What the main thread and the database worker say to each other. */
import type { CallError } from '../../contract/index.ts';
import type { AuditKeySource } from './audit-chain/audit-log.ts';
import type { AuditHead } from './audit-chain/record-mac.ts';
import type { OperationInput, OperationName, OperationOutput } from './operations/index.ts';

export interface WorkerOptions {
  /** The workspace's own folder. */
  readonly folder: string;
  readonly operator: string;
  readonly host: string;
  readonly auditKey: Uint8Array;
  /** Where the key came from; by default it lives for this run only. */
  readonly auditKeySource?: AuditKeySource;
  /** The head as the keychain has it; null where there is none. */
  readonly auditHead?: AuditHead | null;
  /** A backup to put in the place of the database before it is opened. */
  readonly restoreFrom?: string | null;
}

/** The answer to the opening. */
export interface OpenResult {
  readonly head: AuditHead;
  /** The run before ended in the middle of a write, which SQLite has undone. */
  readonly incompleteWrite: boolean;
  /** Too big to be looked through at the opening. */
  readonly isIntegrityCheckDeferred: boolean;
}

export type StoreRequest =
  | { [Name in OperationName]: { id: number; name: Name; input: OperationInput<Name> } }[OperationName]
  | { id: number; name: 'close' }
  /** Nobody waits for the answer to this id any more. */
  | { id: number; name: 'cancel' };

export type StoreReply =
  | { id: number; ok: true; value: OperationOutput<OperationName> | OpenResult | null }
  /** `error` where the operator can do something about it; else the bare message. */
  | { id: number; ok: false; error: CallError | string };

/** Unasked: the audit log has grown to this head, durably. */
export interface AuditHeadUpdate {
  readonly head: AuditHead;
}

/** The reply to the opening itself. */
export const openRequestId = 0;
