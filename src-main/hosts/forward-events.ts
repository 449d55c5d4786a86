/** Events of the desk on their way to a screen: each goes through its schema, so that nothing unnamed leaves. */
import { events } from '../contract/index.ts';
import type { EventName } from '../contract/index.ts';
import type { App, Logger } from '../core/app.ts';

export type SendEvent = (name: EventName, payload: unknown) => void;

/** Hands every event of the contract to `send`; the function it returns ends that. */
export function forwardEvents(coreApp: Pick<App, 'on'>, send: SendEvent, log: Logger): () => void {
  const ends = (Object.keys(events) as EventName[]).map((name) =>
    coreApp.on(name, (payload) => {
      const checked = events[name].safeParse(payload);
      if (checked.success) send(name, checked.data);
      else
        log.error(
          { event: name, field: checked.error.issues[0]?.path.join('.') },
          'An event of the wrong shape was held back',
        );
    }),
  );
  return () => ends.forEach((end) => end());
}
