/** The child process of `spawnApp`. */
import type { CoreCallName, CoreEventName } from '../../src-main/contract/index.ts';
import { coreEvents, isAppError } from '../../src-main/contract/index.ts';
import { memoryKeychain, openTestApp } from './app.ts';

/** The options of the application that can be sent to the child process. */
export interface AppProcessOptions {
  readonly startDelayMs?: number;
  readonly responseTimeoutMs?: number;
}
export type AppProcessRequest =
  | { kind: 'open'; dataFolder: string; secrets: [string, string][]; options: AppProcessOptions }
  | { kind: 'call'; id: number; name: CoreCallName; input: unknown }
  /** Requests the resident memory of the process. */
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
  | { kind: 'event'; name: CoreEventName; payload: unknown };

// The parent process may be disconnected.
const send = (message: AppProcessMessage) => process.connected && process.send?.(message);

// End with the parent process.
process.once('disconnect', () => process.exit());

process.once('message', (message: AppProcessRequest) => {
  if (message.kind !== 'open') throw new Error('The first message must be of kind open.');
  void openApp(message);
});

async function openApp({
  dataFolder,
  secrets,
  options: { startDelayMs, responseTimeoutMs },
}: Extract<AppProcessRequest, { kind: 'open' }>): Promise<void> {
  const keychain = memoryKeychain(new Map(secrets));
  const app = await openTestApp({
    dataFolder,
    keychain,
    ...(startDelayMs !== undefined && { startDelayMs }),
    ...(responseTimeoutMs !== undefined && { providers: { responseTimeoutMs } }),
  });
  for (const name of Object.keys(coreEvents) as CoreEventName[])
    app.on(name, (payload) => send({ kind: 'event', name, payload }));
  const respond = (id: number, response: { value: unknown; error: string | null; code: string | null }) =>
    send({ kind: 'response', id, ...response, secrets: [...keychain.entries] });
  process.on('message', (message: AppProcessRequest) => {
    if (message.kind === 'close') return void app.close().then(() => process.disconnect());
    if (message.kind === 'memory') return void send({ kind: 'memory', bytes: process.memoryUsage.rss() });
    if (message.kind !== 'call') return;
    const handler = app.handlers[message.name] as (input: unknown) => Promise<unknown>;
    handler(message.input).then(
      (value) => respond(message.id, { value, error: null, code: null }),
      (error: unknown) =>
        respond(message.id, { value: null, error: String(error), code: isAppError(error) ? error.code : null }),
    );
  });
  send({ kind: 'opened' });
}
