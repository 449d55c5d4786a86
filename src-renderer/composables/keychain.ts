import type { CallError, ErrorCode } from '../contract.ts';

const codes: readonly ErrorCode[] = ['keychain_unavailable', 'keychain_locked', 'keychain_timed_out'];

/** Whether the call failed for the keychain's sake, so that keeping the secret for this run is a way out. */
export function isKeychainProblem(error: CallError | null): error is CallError {
  return error !== null && codes.includes(error.code);
}
