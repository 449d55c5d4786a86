/** Events of the desk on their way to a screen: each goes through its schema, so that nothing unnamed leaves. */
import { events } from '../contract/index.ts';
import type { EventName } from '../contract/index.ts';
import type { Desk, Log } from '../core/app.ts';

export type SendEvent = (name: EventName, payload: unknown) => void;

/** Hands every event of the contract to `send`; the function it returns ends that. */
export function forwardEvents(desk: Pick<Desk, 'on'>, send: SendEvent, log: Log): () => void {
  const ends = (Object.keys(events) as EventName[]).map((name) =>
    desk.on(name, (payload) => {
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
