/** A console in a process of its own, to be killed: the child's side of `spawnDesk`. */
import type { CallName, EventName } from '../../src-main/contract/index.ts';
import { events, isDeskError } from '../../src-main/contract/index.ts';
import { memoryKeychain, openTestDesk } from './app.ts';

/** What of a desk's options can be told to another process. */
export interface DeskProcessOptions {
  readonly armedMs?: number;
  readonly answerLimitMs?: number;
}
export type ToDesk =
  | { kind: 'open'; dataFolder: string; secrets: [string, string][]; options: DeskProcessOptions }
  | { kind: 'call'; id: number; name: CallName; input: unknown }
  /** Asks how much memory it takes, all threads. */
  | { kind: 'memory' }
  | { kind: 'close' };
export type FromDesk =
  | { kind: 'opened' }
  | {
      kind: 'answer';
      id: number;
      value: unknown;
      error: string | null;
      code: string | null;
      secrets: [string, string][];
    }
  | { kind: 'memory'; bytes: number }
  | { kind: 'event'; name: EventName; payload: unknown };

// Whoever started it may be gone already, or wait for its end alone.
const send = (message: FromDesk) => process.connected && process.send?.(message);

// Nobody is left to end it.
process.once('disconnect', () => process.exit());

process.once('message', (message: ToDesk) => {
  if (message.kind !== 'open') throw new Error('The first message opens the desk.');
  void open(message);
});

async function open({
  dataFolder,
  secrets,
  options: { armedMs, answerLimitMs },
}: Extract<ToDesk, { kind: 'open' }>): Promise<void> {
  const keychain = memoryKeychain(new Map(secrets));
  const desk = await openTestDesk({
    dataFolder,
    keychain,
    ...(armedMs !== undefined && { armedMs }),
    ...(answerLimitMs !== undefined && { providers: { answerLimitMs } }),
  });
  for (const name of Object.keys(events) as EventName[])
    desk.on(name, (payload) => send({ kind: 'event', name, payload }));
  const answer = (id: number, told: { value: unknown; error: string | null; code: string | null }) =>
    send({ kind: 'answer', id, ...told, secrets: [...keychain.entries] });
  process.on('message', (message: ToDesk) => {
    if (message.kind === 'close') return void desk.close().then(() => process.disconnect());
    if (message.kind === 'memory') return void send({ kind: 'memory', bytes: process.memoryUsage.rss() });
    if (message.kind !== 'call') return;
    const handler = desk.handlers[message.name] as (input: unknown) => Promise<unknown>;
    handler(message.input).then(
      (value) => answer(message.id, { value, error: null, code: null }),
      (error: unknown) =>
        answer(message.id, { value: null, error: String(error), code: isDeskError(error) ? error.code : null }),
    );
  });
  send({ kind: 'opened' });
}
