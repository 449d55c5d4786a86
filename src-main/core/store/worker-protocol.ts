/** Messages between the main thread and the database worker. */
import type { CallError } from '../../contract/index.ts';
import type { AuditKeySource } from './audit-chain/audit-log.ts';
import type { AuditHead } from './audit-chain/record-mac.ts';
import type { OpenDatabase } from './open-database.ts';
import type { OperationInput, OperationName, OperationOutput } from './operations/index.ts';

export interface WorkerOptions {
  /** The folder of the workspace. */
  readonly folder: string;
  readonly operator: string;
  readonly host: string;
  readonly auditKey: Uint8Array;
  /** Where the key comes from; `temporary` by default. */
  readonly auditKeySource?: AuditKeySource;
  /** The log head from the keychain; null if the keychain has none. */
  readonly auditHead?: AuditHead | null;
  /** Path of a backup that replaces the database before it is opened. */
  readonly restoreFrom?: string | null;
}

/** The reply to the opening. */
export interface OpenResult extends Pick<OpenDatabase, 'incompleteWrite' | 'isIntegrityCheckDeferred'> {
  readonly head: AuditHead;
}

export type StoreRequest =
  | { [Name in OperationName]: { id: number; name: Name; input: OperationInput<Name> } }[OperationName]
  | { id: number; name: 'close' }
  /** The caller no longer waits for the reply to this id. */
  | { id: number; name: 'cancel' };

export type StoreReply =
  | { id: number; ok: true; value: OperationOutput<OperationName> | OpenResult | null }
  /** `error` is a CallError for an AppError, otherwise the message of the error. */
  | { id: number; ok: false; error: CallError | string };

/** Sent without a request: the audit log now durably ends with this head. */
export interface AuditHeadUpdate {
  readonly head: AuditHead;
}

/** Id of the reply to the opening. */
export const openRequestId = 0;
