/** The contract seen from the screen: what the preload exposes, and what the browser host's client offers likewise. */
import type { CallInput, CallName, CallOutput } from './calls.ts';
import type { Envelope } from './errors.ts';
import type { EventName, EventPayload } from './events.ts';

export interface ApiClient {
  /** Never rejects for a refusal: that is `{ ok: false }`. Rejects only where the host itself is gone. */
  call<Name extends CallName>(name: Name, input: CallInput<Name>): Promise<Envelope<CallOutput<Name>>>;
  /** Listens; the function it returns ends that. */
  on<Name extends EventName>(name: Name, listener: (payload: EventPayload<Name>) => void): () => void;
}
