/** Errors of calls in forms. */
import { computed, shallowRef } from 'vue';
import type { CallError, ErrorCode } from '../contract.ts';

const keychainErrorCodes: readonly ErrorCode[] = ['keychain_unavailable', 'keychain_locked', 'keychain_timed_out'];

/** Whether the call failed because of the keychain. The secret can then be kept until Session Desk closes. */
export function isKeychainError(error: CallError | null): error is CallError {
  return error !== null && keychainErrorCodes.includes(error.code);
}

/** Assigns the error of a call to the form field that it names. An error that names none belongs to the whole form. */
export function useFieldErrors<Field extends string>(fields: readonly Field[]) {
  const byField = shallowRef<ReadonlyMap<string, string>>(new Map());
  const lastError = shallowRef<CallError | null>(null);
  const formError = computed(() => byField.value.get('') ?? '');

  return {
    lastError,
    formError,
    errorFor: (field: Field): string => byField.value.get(field) ?? '',
    setError(field: Field, message: string): void {
      byField.value = new Map([[field, message]]);
    },
    applyError(error: CallError): void {
      lastError.value = error;
      // A nested field is a path, e.g. `options.clientId`. The form uses its last segment.
      const field =
        String(error.details['field'] ?? '')
          .split('.')
          .at(-1) ?? '';
      byField.value = new Map([[(fields as readonly string[]).includes(field) ? field : '', error.message]]);
    },
    clear(): void {
      lastError.value = null;
      byField.value = new Map();
    },
  };
}
