/** A walk through the console with marked secrets, and a search for them in everything it leaves behind or lets out. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { events, type CallName, type EventName, type CallHandlers } from '../../../src-main/contract/index.ts';
import {
  addConnections,
  createTempFolder,
  memoryKeychain,
  openTestApp,
  reason,
  trackSession,
} from '../../support/app.ts';
import { spawnSimulator, type SpawnedSimulator } from '../../support/spawn-simulator.ts';

let simulator: SpawnedSimulator;
beforeAll(async () => {
  simulator = await spawnSimulator({ sessionCount: 200 });
});
afterAll(() => simulator.stop());

/** As it is, and as it travels: base64, the Basic header with whatever stands before or after, URL-encoded. */
function encodingsOf(secret: string): string[] {
  const base64 = [0, 1, 2].map((offset) =>
    Buffer.from('x'.repeat(offset) + secret)
      .toString('base64')
      .slice(offset === 0 ? 0 : 4, -4),
  );
  return [secret, encodeURIComponent(secret), ...base64];
}

// Verifies S-01.
it('finds no secret in the database, the log, a call, an event or an error', async () => {
  const dataFolder = createTempFolder();
  const letOut: string[] = [];
  const note = (...things: unknown[]) =>
    void letOut.push(
      ...things.map(
        (thing) =>
          JSON.stringify(thing, (_, value: unknown) =>
            value instanceof Error ? { ...value, message: value.message, stack: value.stack } : value,
          ) ?? '',
      ),
    );
  const app = await openTestApp({
    dataFolder,
    keychain: memoryKeychain(),
    logger: { info: note, warn: note, error: note },
    providers: { responseTimeoutMs: 300 },
  });
  for (const name of Object.keys(events) as EventName[]) app.on(name, note);
  const listening: CallHandlers = new Proxy(app.handlers, {
    get: (handlers, name) => async (input: unknown) => {
      try {
        const value = await (handlers[name as CallName] as (input: unknown) => Promise<unknown>)(input);
        note(value);
        return value;
      } catch (error) {
        note(error);
        throw error;
      }
    },
  });

  const connections = await addConnections({ ...app, handlers: listening }, simulator);
  const { flinks, xendit } = simulator.credentials;
  for (const { id } of Object.values(connections)) await listening['connections.test']({ connectionId: id });
  const sessions = (await simulator.control('listSessions')).filter(
    ({ account, state, subAccount, product }) =>
      account === 'practice' && state === 'active' && subAccount === null && product !== 'e_transfer',
  );
  const faults = [
    'reset',
    'cut_body',
    'html_body',
    'hang',
    'wrong_id',
    'expired_token',
    'throttled',
    'server_error',
    'redirect',
    'broken_json',
  ] as const;
  for (const connection of ['flinks', 'xendit'] as const) {
    const usable = sessions.filter((session) => session.connection === connection);
    for (const [index, fault] of faults.entries()) {
      const session = usable[index];
      if (!session) throw new Error('The simulator has too few sessions.');
      const { key: sessionKey } = await trackSession({ ...app, handlers: listening }, connections[connection], session);
      await simulator.control('setFaults', [
        { route: 'cancel', fault, times: 1, sessionId: session.id, waitSeconds: 0.05 },
      ]);
      await listening['cancellations.request']({ sessionKey, reason });
      await listening['sessions.details']({ sessionKey });
    }
  }
  await simulator.control('setFaults', []);
  const replaced = 'xnd_development_replaced_marker_9f8e7d6c';
  await listening['connections.replaceSecret']({
    connectionId: connections.xendit.id,
    secret: replaced,
    allowInMemory: false,
  });
  await listening['connections.test']({ connectionId: connections.xendit.id });
  await listening['sessions.add']({
    connectionId: connections.xendit.id,
    product: 'payment_session',
    id: 'ps-661f5e5c1ea3b6f1c2d3e4f5',
    reference: null,
    subAccount: null,
  }).catch(() => undefined);
  await listening['connections.list']({});
  await listening['audit.page']({ before: null, limit: 500 });
  await listening['app.state']({});
  await app.close();

  const files = readdirSync(dataFolder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const kept = files.map(({ parentPath, name }) => readFileSync(join(parentPath, name)).toString('latin1'));
  const tokens = await simulator.control('listIssuedTokens');
  expect(tokens.length).toBeGreaterThan(10);
  for (const secret of [flinks.clientSecret, xendit.secretKey, replaced, ...tokens]) {
    for (const form of encodingsOf(secret)) {
      expect(
        kept.some((text) => text.includes(form)),
        'in a file',
      ).toBe(false);
      expect(
        letOut.some((text) => text.includes(form)),
        'let out',
      ).toBe(false);
    }
  }
  // The search itself can find something: what is no secret is there.
  expect(kept.some((text) => text.includes(reason.note))).toBe(true);
  expect(letOut.some((text) => text.includes(reason.note))).toBe(true);
}, 60_000);
