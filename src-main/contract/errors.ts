/** Error codes of calls, and the envelope that carries either a value or an error. */
import { z } from 'zod';
import { messageFields, type Message } from './messages/index.ts';

export const errorCode = z.enum([
  // Call
  'invalid_input',
  'unknown_call',
  'untrusted_sender',
  'too_many_calls',
  'superseded',
  'internal',
  // Imports, refreshes, feeds, polling and exports
  'import_refused',
  'refresh_refused',
  'feed_refused',
  'polling_refused',
  'export_refused',
  // Objects that the call names
  'connection_not_found',
  'session_not_found',
  'cancellation_not_found',
  'session_already_tracked',
  // Declined by Session Desk before anything is sent
  'base_url_refused',
  'secret_invalid',
  'session_final',
  'cancellation_running',
  'connection_in_use',
  'connection_immutable',
  'product_mismatch',
  'webhook_secret_missing',
  'webhook_event_rejected',
  'verification_running',
  'backup_not_found',
  'backup_invalid',
  'restore_not_reviewed',
  'confirmation_declined',
  'removal_not_found',
  // Plans and batches
  'batch_not_found',
  'batch_refused',
  'plan_empty',
  'plan_changed',
  'plan_expired',
  'plan_already_confirmed',
  'plan_not_owner',
  'count_mismatch',
  'connection_locked',
  // Secrets
  'keychain_unavailable',
  'keychain_locked',
  'keychain_timed_out',
  'secret_not_storable',
  'credential_missing',
  'credential_destination_changed',
  // Provider
  'provider_refused',
  'provider_unreachable',
  'provider_response_invalid',
  'provider_throttled',
  'provider_session_not_found',
  // Data folder
  'workspace_unavailable',
  'already_running',
  'folder_not_writable',
  'folder_not_private',
  'disk_full',
  'database_damaged',
  'database_version_unsupported',
  'database_schema_unexpected',
]);
export type ErrorCode = z.infer<typeof errorCode>;

export const callError = z.object({
  code: errorCode,
  /** What is wrong, where, and what to do. Never contains a secret. */
  ...messageFields,
  /** Whether the same call may succeed later without a change of its input. */
  retryable: z.boolean(),
  /** Additional data for the renderer, e.g. `{ field: 'baseUrl' }` for the invalid form field. */
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});
export type CallError = z.infer<typeof callError>;

export type Envelope<Value> = { ok: true; value: Value } | { ok: false; error: CallError };

/** An expected error, thrown in core. The host returns it to the renderer in an envelope. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly messageKey: Message['messageKey'];
  readonly params: Message['params'];
  readonly retryable: boolean;
  readonly details: CallError['details'];

  constructor(
    code: ErrorCode,
    { message, messageKey, params }: Message,
    options: { retryable?: boolean; details?: CallError['details'] } = {},
  ) {
    super(message);
    this.code = code;
    this.messageKey = messageKey;
    this.params = params;
    this.retryable = options.retryable ?? false;
    this.details = options.details ?? {};
  }

  toCallError(): CallError {
    const { code, message, messageKey, params, retryable, details } = this;
    return { code, message, messageKey, params, retryable, details };
  }
}

/** The `code` of an error of Node, such as `ENOSPC`; null if it has none. */
export function getErrorCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** The kind of an error for the log, whose message may be confidential. */
export function getErrorKind(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

/** Compares the name, because structured cloning between threads loses the prototype. */
export function isAppError(error: unknown): error is AppError {
  return error instanceof Error && error.name === 'AppError' && 'code' in error;
}
