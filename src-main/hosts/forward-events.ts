/** Forwards events of core to the renderer. Each payload is parsed with its schema, which removes all other fields. */
import { events } from '../contract/index.ts';
import type { EventName } from '../contract/index.ts';
import type { App, Logger } from '../core/app.ts';

export type SendEvent = (name: EventName, payload: unknown) => void;

/** Passes every event of the contract to `send`. Returns a function that stops forwarding. */
export function forwardEvents(coreApp: Pick<App, 'on'>, send: SendEvent, log: Logger): () => void {
  const unsubscribers = (Object.keys(events) as EventName[]).map((name) =>
    coreApp.on(name, (payload) => {
      const parsed = events[name].safeParse(payload);
      if (parsed.success) send(name, parsed.data);
      else
        log.error(
          { event: name, field: parsed.error.issues[0]?.path.join('.') },
          'Event discarded: it does not match its schema',
        );
    }),
  );
  return () => unsubscribers.forEach((unsubscribe) => unsubscribe());
}
