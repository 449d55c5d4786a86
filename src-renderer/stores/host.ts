/** What every store uses to reach the host: a call whose failure is always a value, and the events. */
import { inject } from 'vue';
import { inWords } from '../composables/error-messages.ts';
import type { CallError, CallInput, CallName, CallOutput, Envelope } from '../contract.ts';
import { deskKey } from '../api-client.ts';
import type { LinkedClient } from '../api-client.ts';
import { i18n } from '../i18n.ts';

export interface Host {
  ask<Name extends CallName>(name: Name, input: CallInput<Name>): Promise<Envelope<CallOutput<Name>>>;
  on: LinkedClient['on'];
  onLink: LinkedClient['onLink'];
}

/** The host went away during the call: what it did is not known here. */
export function isHostLost(error: CallError): boolean {
  return error.details['hostLost'] === true;
}

export function useHost(): Host {
  const client = inject(deskKey);
  if (!client) throw new Error('The app provides no desk client.');
  return {
    on: client.on,
    onLink: client.onLink,
    async ask(name, input) {
      try {
        const answer = await client.call(name, input);
        return answer.ok ? answer : { ok: false, error: inWords(answer.error) };
      } catch {
        return {
          ok: false,
          error: {
            code: 'internal',
            retryable: true,
            details: { hostLost: true },
            get message() {
              return i18n.global.t('link.callLost');
            },
          },
        };
      }
    },
  };
}
