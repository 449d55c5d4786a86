/** Uses the application with known secrets and searches for them in all files, outputs, events, errors and logs. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  coreEvents,
  type CoreCallName,
  type CoreEventName,
  type CoreCallHandlers,
} from '../../../src-main/contract/index.ts';
import {
  addConnections,
  createTempFolder,
  memoryKeychain,
  openTestApp,
  reason,
  trackSession,
} from '../../support/app.ts';
import { spawnSimulator, type SpawnedSimulator } from '../../support/spawn-simulator.ts';
import { nonEmpty } from '../../support/non-empty.ts';

let simulator: SpawnedSimulator;
beforeAll(async () => {
  simulator = await spawnSimulator({ sessionCount: 200 });
});
afterAll(() => simulator.stop());

/** A secret as plain text, URL-encoded, and in base64 at each alignment, as in a Basic header. */
function encodingsOf(secret: string): string[] {
  const base64 = [0, 1, 2].map((offset) =>
    Buffer.from('x'.repeat(offset) + secret)
      .toString('base64')
      .slice(offset === 0 ? 0 : 4, -4),
  );
  return [secret, encodeURIComponent(secret), ...base64];
}

// Verifies S-01.
it('secrets: no secret or token is in the database, the log, an output, an event or an error', async () => {
  const dataFolder = createTempFolder();
  const emittedTexts: string[] = [];
  const record = (...values: unknown[]) =>
    void emittedTexts.push(
      ...values.map(
        (emitted) =>
          JSON.stringify(emitted, (_, value: unknown) =>
            value instanceof Error ? { ...value, message: value.message, stack: value.stack } : value,
          ) ?? '',
      ),
    );
  const app = await openTestApp({
    dataFolder,
    keychain: memoryKeychain(),
    logger: { info: record, warn: record, error: record },
    providers: { responseTimeoutMs: 300 },
  });
  for (const name of Object.keys(coreEvents) as CoreEventName[]) app.on(name, record);
  const recordingHandlers: CoreCallHandlers = new Proxy(app.handlers, {
    get: (handlers, name) => async (input: unknown) => {
      try {
        const value = await (handlers[name as CoreCallName] as (input: unknown) => Promise<unknown>)(input);
        record(value);
        return value;
      } catch (error) {
        record(error);
        throw error;
      }
    },
  });

  const connections = await addConnections({ ...app, handlers: recordingHandlers }, simulator);
  const { flinks, xendit } = simulator.credentials;
  for (const { id } of Object.values(connections)) await recordingHandlers['connections.test']({ connectionId: id });
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
    const connectionSessions = sessions.filter((session) => session.connection === connection);
    for (const [index, fault] of faults.entries()) {
      const session = connectionSessions[index];
      if (!session) throw new Error('The simulator has too few sessions.');
      const { key: sessionKey } = await trackSession(
        { ...app, handlers: recordingHandlers },
        connections[connection],
        session,
      );
      await simulator.control('setFaults', [
        { route: 'cancel', fault, times: 1, sessionId: session.id, waitSeconds: 0.05 },
      ]);
      await recordingHandlers['cancellations.request']({ sessionKey, reason });
      await recordingHandlers['sessions.getDetails']({ sessionKey });
    }
  }
  await simulator.control('setFaults', []);
  const newSecret = 'xnd_development_replaced_marker_9f8e7d6c';
  await recordingHandlers['connections.replaceSecret']({
    connectionId: connections.xendit.id,
    secret: newSecret,
    allowInMemory: false,
  });
  await recordingHandlers['connections.test']({ connectionId: connections.xendit.id });
  await recordingHandlers['sessions.add']({
    connectionId: connections.xendit.id,
    product: 'payment_session',
    id: 'ps-661f5e5c1ea3b6f1c2d3e4f5',
    reference: null,
    subAccount: null,
  }).catch(() => undefined);
  await recordingHandlers['connections.list']({});
  await recordingHandlers['audit.list']({ before: null, limit: 500 });
  await recordingHandlers['app.getState']({});
  await app.close();

  const files = readdirSync(dataFolder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const fileTexts = files.map(({ parentPath, name }) => readFileSync(join(parentPath, name)).toString('latin1'));
  const tokens = await simulator.control('listIssuedTokens');
  expect(tokens.length).toBeGreaterThan(10);
  for (const secret of [flinks.clientSecret, xendit.secretKey, newSecret, ...tokens]) {
    for (const encoding of nonEmpty(encodingsOf(secret))) {
      expect(
        fileTexts.some((text) => text.includes(encoding)),
        'in a file',
      ).toBe(false);
      expect(
        emittedTexts.some((text) => text.includes(encoding)),
        'in an output, event, error or log',
      ).toBe(false);
    }
  }
  // The search finds a text that is not secret.
  expect(fileTexts.some((text) => text.includes(reason.note))).toBe(true);
  expect(emittedTexts.some((text) => text.includes(reason.note))).toBe(true);
}, 60_000);
