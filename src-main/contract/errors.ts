/** What a call can fail with: a closed union of codes, and the envelope that carries either a value or an error. */
import { z } from 'zod';
import { createMessage, messageFields, type Message } from './messages/index.ts';

export const errorCode = z.enum([
  // The call itself.
  'invalid_input',
  'unknown_call',
  'untrusted_sender',
  'too_many_calls',
  'superseded',
  'internal',
  // A file or a page that is taken in.
  'import_refused',
  'refresh_refused',
  'feed_refused',
  'polling_refused',
  'export_refused',
  // What the call names.
  'connection_not_found',
  'session_not_found',
  'cancellation_not_found',
  'session_already_tracked',
  // What the console declines before anything leaves.
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
  'removal_not_found',
  // A plan that may not be carried out, or a batch that cannot do this now.
  'batch_not_found',
  'batch_refused',
  'plan_empty',
  'plan_changed',
  'plan_expired',
  'plan_already_confirmed',
  'plan_not_owner',
  'count_mismatch',
  'connection_locked',
  // Secrets.
  'keychain_unavailable',
  'keychain_locked',
  'keychain_timed_out',
  'secret_not_storable',
  'credential_missing',
  // The provider.
  'provider_refused',
  'provider_unreachable',
  'provider_response_invalid',
  'provider_throttled',
  'provider_session_not_found',
  // The data folder.
  'workspace_unavailable',
  'already_running',
  'folder_not_writable',
  'disk_full',
  'database_damaged',
  'database_version_unsupported',
]);
export type ErrorCode = z.infer<typeof errorCode>;

export const callError = z.object({
  code: errorCode,
  /** What was wrong, where, and what to do. Never holds a secret. */
  ...messageFields,
  /** Whether the same call may succeed later without a change by the operator. */
  retryable: z.boolean(),
  /** Facts for the screen, e.g. `{ field: 'baseUrl' }` for the form field at fault. */
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});
export type CallError = z.infer<typeof callError>;

export type Envelope<Value> = { ok: true; value: Value } | { ok: false; error: CallError };

/** An error of the console that may cross to the screen: thrown in core, enveloped by the host. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly messageKey: Message['messageKey'];
  readonly params: Message['params'];
  readonly retryable: boolean;
  readonly details: CallError['details'];

  constructor(
    code: ErrorCode,
    text: Message | string,
    options: { retryable?: boolean; details?: CallError['details'] } = {},
  ) {
    const { message, messageKey, params } = typeof text === 'string' ? createMessage('app.verbatim', { text }) : text;
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

/** By name and not by class: the prototype is lost where an error is cloned between threads. */
export function isAppError(error: unknown): error is AppError {
  return error instanceof Error && error.name === 'AppError' && 'code' in error;
}
