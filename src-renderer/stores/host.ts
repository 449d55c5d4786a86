/** Access to the host for every store: events, and calls that return failures as values, with localized messages. */
import { inject } from 'vue';
import { withLocalizedMessage } from '../i18n.ts';
import { AppError, createMessage } from '../contract.ts';
import type { CallError, Envelope } from '../contract.ts';
import { apiClientKey } from '../api-client.ts';
import type { HostClient } from '../api-client.ts';

/** Whether the host did not respond to the call. Its result is not known. */
export function isHostUnreachable(error: CallError): boolean {
  return error.details['hostUnreachable'] === true;
}

/** Why the call failed, or null. */
export function errorOf(result: Envelope<unknown>): CallError | null {
  return result.ok ? null : result.error;
}

/** Passes the value of a successful call to `apply` and waits for it. Returns the result of the call. */
export async function afterSuccess<Value>(
  call: Promise<Envelope<Value>>,
  apply: (value: Value) => unknown,
): Promise<Envelope<Value>> {
  const result = await call;
  if (result.ok) await apply(result.value);
  return result;
}

/** Here `call` never rejects: that the host does not respond is a failure too. */
export function useHost(): HostClient {
  const client = inject(apiClientKey);
  if (!client) throw new Error('The app provides no API client.');
  return {
    kind: client.kind,
    on: client.on,
    onStatusChange: client.onStatusChange,
    async call(name, input) {
      try {
        const result = await client.call(name, input);
        return result.ok ? result : { ok: false, error: withLocalizedMessage(result.error) };
      } catch {
        const error = new AppError('internal', createMessage('app.hostUnreachable'), {
          retryable: true,
          details: { hostUnreachable: true },
        });
        return { ok: false, error: withLocalizedMessage(error.toCallError()) };
      }
    },
  };
}
