import type { CallError, ErrorCode } from '../contract.ts';

const keychainErrorCodes: readonly ErrorCode[] = ['keychain_unavailable', 'keychain_locked', 'keychain_timed_out'];

/** Whether the call failed for the keychain's sake, so that keeping the secret for this run is a way out. */
export function isKeychainError(error: CallError | null): error is CallError {
  return error !== null && keychainErrorCodes.includes(error.code);
}
