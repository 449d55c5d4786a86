/** A console in a process of its own, to be killed: the child's side of `spawnApp`. */
import type { CallName, EventName } from '../../src-main/contract/index.ts';
import { events, isAppError } from '../../src-main/contract/index.ts';
import { memoryKeychain, openTestApp } from './app.ts';

/** What of a desk's options can be told to another process. */
export interface AppProcessOptions {
  readonly startDelayMs?: number;
  readonly responseTimeoutMs?: number;
}
export type AppProcessRequest =
  | { kind: 'open'; dataFolder: string; secrets: [string, string][]; options: AppProcessOptions }
  | { kind: 'call'; id: number; name: CallName; input: unknown }
  /** Asks how much memory it takes, all threads. */
  | { kind: 'memory' }
  | { kind: 'close' };
export type AppProcessMessage =
  | { kind: 'opened' }
  | {
      kind: 'response';
      id: number;
      value: unknown;
      error: string | null;
      code: string | null;
      secrets: [string, string][];
    }
  | { kind: 'memory'; bytes: number }
  | { kind: 'event'; name: EventName; payload: unknown };

// Whoever started it may be gone already, or wait for its end alone.
const send = (message: AppProcessMessage) => process.connected && process.send?.(message);

// Nobody is left to end it.
process.once('disconnect', () => process.exit());

process.once('message', (message: AppProcessRequest) => {
  if (message.kind !== 'open') throw new Error('The first message opens the desk.');
  void openApp(message);
});

async function openApp({
  dataFolder,
  secrets,
  options: { startDelayMs, responseTimeoutMs },
}: Extract<AppProcessRequest, { kind: 'open' }>): Promise<void> {
  const keychain = memoryKeychain(new Map(secrets));
  const desk = await openTestApp({
    dataFolder,
    keychain,
    ...(startDelayMs !== undefined && { startDelayMs }),
    ...(responseTimeoutMs !== undefined && { providers: { responseTimeoutMs } }),
  });
  for (const name of Object.keys(events) as EventName[])
    desk.on(name, (payload) => send({ kind: 'event', name, payload }));
  const respond = (id: number, response: { value: unknown; error: string | null; code: string | null }) =>
    send({ kind: 'response', id, ...response, secrets: [...keychain.entries] });
  process.on('message', (message: AppProcessRequest) => {
    if (message.kind === 'close') return void desk.close().then(() => process.disconnect());
    if (message.kind === 'memory') return void send({ kind: 'memory', bytes: process.memoryUsage.rss() });
    if (message.kind !== 'call') return;
    const handler = desk.handlers[message.name] as (input: unknown) => Promise<unknown>;
    handler(message.input).then(
      (value) => respond(message.id, { value, error: null, code: null }),
      (error: unknown) =>
        respond(message.id, { value: null, error: String(error), code: isAppError(error) ? error.code : null }),
    );
  });
  send({ kind: 'opened' });
}
