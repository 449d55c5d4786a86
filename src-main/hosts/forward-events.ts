/** Forwards events of core to the renderer. Each payload is parsed with its schema, which removes all other fields. */
import { coreEvents } from '../contract/index.ts';
import type { CoreEventName, EventName } from '../contract/index.ts';
import type { App, Logger } from '../core/app.ts';

export type SendEvent = (name: EventName, payload: unknown) => void;

/** Passes every event of core to `send`. Returns a function that stops forwarding. */
export function forwardEvents(coreApp: Pick<App, 'on'>, send: SendEvent, log: Logger): () => void {
  const unsubscribers = (Object.keys(coreEvents) as CoreEventName[]).map((name) =>
    coreApp.on(name, (payload) => {
      const parsed = coreEvents[name].safeParse(payload);
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
