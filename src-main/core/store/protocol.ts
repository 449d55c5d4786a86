/** What the main thread and the database worker say to each other. */
import type { CallError } from '../../contract/index.ts';
import type { OperationInput, OperationName, OperationOutput } from './operations/index.ts';

export interface WorkerOptions {
  /** The workspace's own folder. */
  readonly folder: string;
  readonly operator: string;
  readonly host: string;
  readonly auditKey: Uint8Array;
}

export type StoreRequest =
  | { [Name in OperationName]: { id: number; name: Name; input: OperationInput<Name> } }[OperationName]
  | { id: number; name: 'close' };

export type StoreReply =
  | { id: number; ok: true; value: OperationOutput<OperationName> | null }
  /** `error` where the operator can do something about it; else the bare message. */
  | { id: number; ok: false; error: CallError | string };

/** Unasked: the audit log has grown to this sequence, durably. */
export interface AuditNotice {
  readonly lastSequence: number;
}

/** The reply to the opening itself. */
export const openingId = 0;
