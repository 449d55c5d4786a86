/** Invalid input and failing providers: each call fails with an error that states the problem and what to do. */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { ParsedInput, Connection } from '../../../src-main/contract/index.ts';
import type { App, Keychain } from '../../../src-main/core/index.ts';
import { AppError, calls } from '../../../src-main/contract/index.ts';
import {
  addConnections,
  sessionPageInput,
  memoryKeychain,
  openTestApp,
  reason,
  trackSession,
} from '../../support/app.ts';
import { fakeMessage } from '../../support/fake-messages.ts';
import { spawnSimulator, type SpawnedSimulator } from '../../support/spawn-simulator.ts';

let simulator: SpawnedSimulator;
let app: App;
let connections: Record<'flinks' | 'xendit', Connection>;
const keychain = memoryKeychain();

beforeAll(async () => {
  simulator = await spawnSimulator({ sessionCount: 200 });
  app = await openTestApp({ keychain, providers: { responseTimeoutMs: 2_000 } });
  connections = await addConnections(app, simulator);
});
afterAll(async () => {
  await app.close();
  await simulator.stop();
});

const xenditInput = (changes: Partial<ParsedInput<'connections.add'>>): ParsedInput<'connections.add'> => ({
  name: 'Another',
  environment: 'sandbox',
  baseUrl: simulator.url,
  allowInMemory: false,
  options: { provider: 'xendit', forUserId: null },
  secret: 'xnd_development_1234567890',
  ...changes,
});
const addSession = (changes: Partial<ParsedInput<'sessions.add'>>) =>
  app.handlers['sessions.add']({
    connectionId: connections.flinks.id,
    product: 'geft',
    id: crypto.randomUUID(),
    reference: null,
    subAccount: null,
    ...changes,
  });

describe('connections', () => {
  it.each([
    ['a http:// address', { baseUrl: 'http://api.xendit.co' }, 'base_url_refused', /https:\/\//],
    ['a test key for production', { environment: 'production' }, 'secret_invalid', /test key.*production/],
    ['a live key for the sandbox', { secret: 'xnd_production_1234567890' }, 'secret_invalid', /live key.*sandbox/],
    ['a public key', { secret: 'xnd_public_development_1234' }, 'secret_invalid', /public key/],
  ] as const)('connections.add: rejects %s and stores nothing', async (_, changes, code, messagePattern) => {
    await expect(app.handlers['connections.add'](xenditInput(changes))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(messagePattern),
    });
    expect(await app.handlers['connections.list']({})).toHaveLength(2);
    expect([...keychain.entries.values()]).not.toContain(changes === undefined ? '' : 'xnd_production_1234567890');
  });

  it('a wrong secret: connections.test reports it, and sessions.add fails with provider_refused', async () => {
    const connection = await app.handlers['connections.add'](xenditInput({ secret: 'xnd_development_wrong_key_000' }));
    onTestFinished(async () => void (await app.handlers['connections.remove']({ connectionId: connection.id })));
    expect(await app.handlers['connections.test']({ connectionId: connection.id })).toMatchObject({
      result: 'refused',
      cause: 'unauthorized',
      code: 'HTTP 401',
      providerMessage: expect.stringContaining('INVALID_API_KEY'),
    });
    await expect(
      addSession({ connectionId: connection.id, product: 'payment_session', id: 'ps-661f5e5c1ea3b6f1c2d3e4f5' }),
    ).rejects.toMatchObject({ code: 'provider_refused' });
  });

  it('a closed port: connections.test reports unreachable, and sessions.add fails', async () => {
    const closedServer = createServer().listen(0, '127.0.0.1');
    await once(closedServer, 'listening');
    const { port } = closedServer.address() as AddressInfo;
    closedServer.close();
    await once(closedServer, 'close');
    const { id } = await app.handlers['connections.add'](xenditInput({ baseUrl: `http://127.0.0.1:${port}` }));
    onTestFinished(async () => void (await app.handlers['connections.remove']({ connectionId: id })));
    expect(await app.handlers['connections.test']({ connectionId: id })).toMatchObject({
      result: 'unreachable',
      cause: 'connect_failed',
      code: 'ECONNREFUSED',
      providerMessage: null,
    });
    await expect(
      addSession({ connectionId: id, product: 'payment_session', id: 'ps-661f5e5c1ea3b6f1c2d3e4f5' }),
    ).rejects.toMatchObject({ code: 'provider_unreachable', retryable: true });
  });

  it('an HTML response: connections.test reports unreadable, and sessions.add fails', async () => {
    const portal = createServer((_, response) =>
      response.setHeader('content-type', 'text/html').end('<h1>Welcome to the hotel</h1>'),
    ).listen(0, '127.0.0.1');
    onTestFinished(() => void portal.close());
    await once(portal, 'listening');
    const { port } = portal.address() as AddressInfo;
    const { id } = await app.handlers['connections.add'](xenditInput({ baseUrl: `http://127.0.0.1:${port}` }));
    onTestFinished(async () => void (await app.handlers['connections.remove']({ connectionId: id })));
    expect(await app.handlers['connections.test']({ connectionId: id })).toMatchObject({
      result: 'unreadable',
      cause: 'answer_unreadable',
      code: 'HTTP 200',
    });
    await expect(
      addSession({ connectionId: id, product: 'payment_session', id: 'ps-661f5e5c1ea3b6f1c2d3e4f5' }),
    ).rejects.toMatchObject({ code: 'provider_response_invalid' });
  });

  it('connections.remove: fails while sessions of the connection are tracked', async () => {
    const session = await activeSession('flinks');
    await trackSession(app, connections.flinks, session);
    await expect(app.handlers['connections.remove']({ connectionId: connections.flinks.id })).rejects.toMatchObject({
      code: 'connection_in_use',
    });
  });

  it('no keychain: a secret stays in memory if the operator agrees, and is missing after a restart', async () => {
    const unavailable = () => Promise.reject(new AppError('keychain_unavailable', fakeMessage('No keychain.')));
    const unavailableKeychain: Keychain = { get: unavailable, set: unavailable, remove: unavailable };
    const first = await openTestApp({ keychain: unavailableKeychain });
    expect((await first.handlers['app.getState']({})).keychain).toBe('unavailable');
    await expect(first.handlers['connections.add'](xenditInput({}))).rejects.toMatchObject({
      code: 'keychain_unavailable',
    });
    expect(await first.handlers['connections.list']({})).toEqual([]);
    const added = await first.handlers['connections.add'](xenditInput({ allowInMemory: true }));
    expect(added.credential.state).toBe('in_memory');
    expect((await first.handlers['connections.test']({ connectionId: added.id })).result).toBe('refused');
    const { dataFolder } = await first.handlers['app.getState']({});
    await first.close();
    const second = await openTestApp({ keychain: unavailableKeychain, dataFolder });
    onTestFinished(() => second.close());
    expect((await second.handlers['connections.list']({}))[0]?.credential.state).toBe('missing');
    await expect(second.handlers['connections.test']({ connectionId: added.id })).rejects.toMatchObject({
      code: 'credential_missing',
    });
    await second.handlers['connections.replaceSecret']({
      connectionId: added.id,
      secret: 'xnd_development_again_0001',
      allowInMemory: true,
    });
    expect((await second.handlers['connections.list']({}))[0]?.credential).toMatchObject({
      state: 'in_memory',
      lastFour: '0001',
    });
  });
});

async function activeSession(provider: 'flinks' | 'xendit') {
  const tracked = new Set<string>((await app.handlers['sessions.list'](sessionPageInput())).rows.map(({ id }) => id));
  const session = (await simulator.control('listSessions')).find(
    ({ account, connection, state, subAccount, id }) =>
      account === 'practice' &&
      connection === provider &&
      state === 'active' &&
      subAccount === null &&
      !tracked.has(id),
  );
  if (!session) throw new Error('The simulator has no more active sessions.');
  return session;
}

describe('sessions', () => {
  it('sessions.add: a session that the account does not know is not tracked', async () => {
    await expect(addSession({})).rejects.toMatchObject({
      code: 'provider_session_not_found',
      message: expect.stringContaining('another account, product or environment'),
      details: { field: 'id' },
    });
  });

  it('sessions.add: a session of another account is not tracked', async () => {
    const otherSession = (await simulator.control('listSessions')).find(
      ({ account, connection }) => account === 'other' && connection === 'flinks',
    );
    if (!otherSession) throw new Error('The simulator has no session of another account.');
    await expect(addSession({ id: otherSession.id, product: otherSession.product })).rejects.toMatchObject({
      code: 'provider_session_not_found',
    });
  });

  it.each(['../../api/v1/authorize', 'a b c', '%2e%2e', '💳', ''])(
    'sessions.add: the id «%s» is rejected before a request',
    async (id) => {
      const parsed = calls['sessions.add'].input.safeParse({ connectionId: randomUUID(), product: 'geft', id });
      expect(parsed.error?.issues.map(({ path, message }) => [path[0], message])).toContainEqual([
        'id',
        expect.stringMatching(/^validation\.sessionId(Characters|Missing)$/),
      ]);
      await expect(addSession({ id })).rejects.toMatchObject({ message: expect.stringContaining('not valid') });
    },
  );

  it.each(['not-a-uuid', '3f2b8c1e-5a4d-4e6f-9b7a'])(
    'sessions.add: the malformed id «%s» is rejected with the expected format',
    async (id) => {
      await expect(addSession({ id })).rejects.toMatchObject({
        code: 'provider_session_not_found',
        message: expect.stringContaining('is a UUID'),
      });
    },
  );

  it('sessions.add: fails with product_mismatch for a product of another provider', async () => {
    await expect(addSession({ product: 'payment_session' })).rejects.toMatchObject({ code: 'product_mismatch' });
  });

  it('sessions.add: fails with session_already_tracked for a tracked session', async () => {
    const session = await activeSession('flinks');
    const { key: sessionKey } = await trackSession(app, connections.flinks, session);
    await expect(trackSession(app, connections.flinks, session)).rejects.toMatchObject({
      code: 'session_already_tracked',
      details: { sessionKey },
    });
  });

  it('cancellations.request: a final session is declined without a request, and the attempt is recorded', async () => {
    const session = await activeSession('xendit');
    const { key: sessionKey } = await trackSession(app, connections.xendit, session);
    expect(await app.handlers['cancellations.request']({ sessionKey, reason })).toMatchObject({
      state: 'cancelled',
    });
    await expect(app.handlers['cancellations.request']({ sessionKey, reason })).rejects.toMatchObject({
      code: 'session_final',
    });
    expect(await simulator.control('countCancelRequests', session.id)).toBe(1);
    const [declined] = (await app.handlers['audit.list']({ before: null, limit: 1 })).rows;
    expect(declined).toMatchObject({
      action: 'cancel_declined',
      detail: { kind: 'code', code: 'session_final' },
      sessionId: session.id,
      reasonNote: reason.note,
    });
  });

  it('cancellations.request: a session that was paid meanwhile has the outcome already_final', async () => {
    const session = await activeSession('flinks');
    const { key: sessionKey } = await trackSession(app, connections.flinks, session);
    await simulator.control('setState', session.id, 'completed');
    expect(await app.handlers['cancellations.request']({ sessionKey, reason })).toMatchObject({
      state: 'already_final',
      foundStatus: 'completed',
    });
    expect((await app.handlers['sessions.getDetails']({ sessionKey })).session.status).toBe('completed');
  });

  it('cancellations.request: concurrent calls for one session send one cancel request', async () => {
    const session = await activeSession('flinks');
    const { key: sessionKey } = await trackSession(app, connections.flinks, session);
    const results = await Promise.allSettled(
      Array.from({ length: 5 }, () => app.handlers['cancellations.request']({ sessionKey, reason })),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(
      results.flatMap((result) => (result.status === 'rejected' ? [(result.reason as AppError).code] : [])),
    ).toEqual(Array(4).fill('cancellation_running'));
    expect(await simulator.control('countCancelRequests', session.id)).toBe(1);
  });

  it('cancellations.request: an expired token is renewed and the session is cancelled', async () => {
    const session = await activeSession('flinks');
    const { key: sessionKey } = await trackSession(app, connections.flinks, session);
    await simulator.control('setFaults', [
      { route: 'cancel', fault: 'expired_token', times: 1, sessionId: session.id },
    ]);
    onTestFinished(() => simulator.control('setFaults', []).then(() => undefined));
    expect(await app.handlers['cancellations.request']({ sessionKey, reason })).toMatchObject({
      state: 'cancelled',
      confirmedBy: 'answer',
    });
  });
});
