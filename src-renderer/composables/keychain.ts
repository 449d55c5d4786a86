import type { CallError, Connection, ErrorCode } from '../contract.ts';

const keychainErrorCodes: readonly ErrorCode[] = ['keychain_unavailable', 'keychain_locked', 'keychain_timed_out'];

/** Whether the call failed because of the keychain. The secret can then be kept until Session Desk closes. */
export function isKeychainError(error: CallError | null): error is CallError {
  return error !== null && keychainErrorCodes.includes(error.code);
}

/** Whether requests can use the secret of the connection; otherwise the operator must enter it again. */
export function hasUsableSecret({ credential }: Pick<Connection, 'credential'>): boolean {
  return credential.state === 'stored' || credential.state === 'in_memory';
}
