/** A console in a process of its own, to be killed: the child's side of `spawnDesk`. */
import type { CallName, EventName } from '../../src-main/contract/index.ts';
import { events } from '../../src-main/contract/index.ts';
import { memoryKeychain, openTestDesk } from './desk.ts';

export type ToDesk =
  | { kind: 'open'; dataFolder: string; secrets: [string, string][] }
  | { kind: 'call'; id: number; name: CallName; input: unknown };
export type FromDesk =
  | { kind: 'opened' }
  | { kind: 'answer'; id: number; value: unknown; error: string | null; secrets: [string, string][] }
  | { kind: 'event'; name: EventName; payload: unknown };

const send = (message: FromDesk) => process.send?.(message);

process.once('message', (message: ToDesk) => {
  if (message.kind !== 'open') throw new Error('The first message opens the desk.');
  void open(message);
});

async function open({ dataFolder, secrets }: Extract<ToDesk, { kind: 'open' }>): Promise<void> {
  const keychain = memoryKeychain(new Map(secrets));
  const desk = await openTestDesk({ dataFolder, keychain });
  for (const name of Object.keys(events) as EventName[]) desk.on(name, (payload) => send({ kind: 'event', name, payload }));
  process.on('message', (message: ToDesk) => {
    if (message.kind !== 'call') return;
    const handler = desk.handlers[message.name] as (input: unknown) => Promise<unknown>;
    handler(message.input).then(
      (value) => send({ kind: 'answer', id: message.id, value, error: null, secrets: [...keychain.entries] }),
      (error: unknown) => send({ kind: 'answer', id: message.id, value: null, error: String(error), secrets: [...keychain.entries] }),
    );
  });
  send({ kind: 'opened' });
}
