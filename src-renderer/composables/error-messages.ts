/**
 * What went wrong, in the operator's language. The core says it in English, to the point; other languages have words for each code,
 * with the core's own sentence below them wherever it may tell more than the code: a name, a number, the field that is at fault.
 */
import type { BatchIssue, CallError, ErrorCode } from '../contract.ts';
import { i18n } from '../i18n.ts';

/** Said in full by their words: the core's sentence is the same each time, or adds only what the screen shows beside it. */
const fullyTranslatedCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'unknown_call',
  'untrusted_sender',
  'too_many_calls',
  'superseded',
  'connection_not_found',
  'session_not_found',
  'cancellation_not_found',
  'session_already_tracked',
  'session_final',
  'cancellation_running',
  'product_mismatch',
  'verification_running',
  'backup_not_found',
  'backup_invalid',
  'removal_not_found',
  'batch_not_found',
  'plan_empty',
  'plan_expired',
  'plan_already_confirmed',
  'connection_locked',
  'webhook_secret_missing',
  'keychain_unavailable',
  'keychain_locked',
  'keychain_timed_out',
  'credential_missing',
  'already_running',
  'folder_not_writable',
  'disk_full',
]);

function translate(key: string, message: string, isFull: boolean): string {
  const { t, te } = i18n.global;
  if (!te(key)) return message;
  return isFull ? t(key) : `${t(key)}\n${message}`;
}

export function errorMessage(error: CallError): string {
  return translate(`errors.${error.code}`, error.message, fullyTranslatedCodes.has(error.code));
}

export function issueMessage(issue: BatchIssue): string {
  return translate(`issues.${issue.action}`, issue.message, false);
}

/** The same error, its message in the language of the moment: read again by whatever shows it when the language changes. */
export function withLocalizedMessage(error: CallError): CallError {
  return {
    ...error,
    get message() {
      return errorMessage(error);
    },
  };
}
