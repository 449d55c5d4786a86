/** What an operator can get wrong, and what can be wrong out there: each is a refusal that says what and what to do. */
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { ParsedInput, Connection } from '../../../src-main/contract/index.ts';
import type { App, Keychain } from '../../../src-main/core/index.ts';
import { AppError } from '../../../src-main/contract/index.ts';
import {
  addConnections,
  sessionPageInput,
  memoryKeychain,
  openTestApp,
  reason,
  trackSession,
} from '../../support/app.ts';
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

describe('a connection', () => {
  it.each([
    ['a http:// address', { baseUrl: 'http://api.xendit.co' }, 'base_url_refused', /https:\/\//],
    ['a test key for production', { environment: 'production' }, 'secret_invalid', /test key.*production/],
    ['a live key for the sandbox', { secret: 'xnd_production_1234567890' }, 'secret_invalid', /live key.*sandbox/],
    ['a public key', { secret: 'xnd_public_development_1234' }, 'secret_invalid', /public key/],
  ] as const)('is refused with %s, and nothing of it is kept', async (_, changes, code, words) => {
    await expect(app.handlers['connections.add'](xenditInput(changes))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(words),
    });
    expect(await app.handlers['connections.list']({})).toHaveLength(2);
    expect([...keychain.entries.values()]).not.toContain(changes === undefined ? '' : 'xnd_production_1234567890');
  });

  it('with a wrong secret is told so by its test, and by a look-up', async () => {
    const wrong = await app.handlers['connections.add'](xenditInput({ secret: 'xnd_development_wrong_key_000' }));
    onTestFinished(async () => void (await app.handlers['connections.remove']({ connectionId: wrong.id })));
    expect(await app.handlers['connections.test']({ connectionId: wrong.id })).toMatchObject({
      result: 'refused',
      cause: 'unauthorized',
      code: 'HTTP 401',
      providerMessage: expect.stringContaining('INVALID_API_KEY'),
    });
    await expect(
      addSession({ connectionId: wrong.id, product: 'payment_session', id: 'ps-661f5e5c1ea3b6f1c2d3e4f5' }),
    ).rejects.toMatchObject({ code: 'provider_refused' });
  });

  it('to a host that nobody answers on is unreachable, and nothing was sent', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    await once(closed, 'close');
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

  it('to a host that speaks no JSON is unreadable', async () => {
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

  it('is not removed while sessions are tracked on it', async () => {
    const session = await activeSession('flinks');
    await trackSession(app, connections.flinks, session);
    await expect(app.handlers['connections.remove']({ connectionId: connections.flinks.id })).rejects.toMatchObject({
      code: 'connection_in_use',
    });
  });

  it('without a keychain is kept for this run only after that was agreed to, and asks for its secret after a start', async () => {
    const unavailable = () => Promise.reject(new AppError('keychain_unavailable', 'There is no keychain.'));
    const none: Keychain = { get: unavailable, set: unavailable, remove: unavailable };
    const first = await openTestApp({ keychain: none });
    expect((await first.handlers['app.state']({})).keychain).toBe('unavailable');
    await expect(first.handlers['connections.add'](xenditInput({}))).rejects.toMatchObject({
      code: 'keychain_unavailable',
    });
    expect(await first.handlers['connections.list']({})).toEqual([]);
    const kept = await first.handlers['connections.add'](xenditInput({ allowInMemory: true }));
    expect(kept.credential.state).toBe('in_memory');
    expect((await first.handlers['connections.test']({ connectionId: kept.id })).result).toBe('refused');
    const { dataFolder } = await first.handlers['app.state']({});
    await first.close();
    const second = await openTestApp({ keychain: none, dataFolder });
    onTestFinished(() => second.close());
    expect((await second.handlers['connections.list']({}))[0]?.credential.state).toBe('missing');
    await expect(second.handlers['connections.test']({ connectionId: kept.id })).rejects.toMatchObject({
      code: 'credential_missing',
    });
    await second.handlers['connections.replaceSecret']({
      connectionId: kept.id,
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
  const tracked = new Set<string>((await app.handlers['sessions.page'](sessionPageInput())).rows.map(({ id }) => id));
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

describe('a session', () => {
  it('that the account does not know is not tracked', async () => {
    await expect(addSession({})).rejects.toMatchObject({
      code: 'provider_session_not_found',
      message: expect.stringContaining('another account, product or environment'),
      details: { field: 'id' },
    });
  });

  it('of another account is not tracked', async () => {
    const foreign = (await simulator.control('listSessions')).find(
      ({ account, connection }) => account === 'other' && connection === 'flinks',
    );
    if (!foreign) throw new Error('The simulator has no session of another account.');
    await expect(addSession({ id: foreign.id, product: foreign.product })).rejects.toMatchObject({
      code: 'provider_session_not_found',
    });
  });

  it.each(['not-a-uuid', '../../api/v1/authorize', 'a b c', '3f2b8c1e-5a4d-4e6f-9b7a', '%2e%2e', '💳'])(
    'with the malformed id «%s» is refused with what an id looks like',
    async (id) => {
      await expect(addSession({ id })).rejects.toMatchObject({
        code: 'provider_session_not_found',
        message: expect.stringContaining('is a UUID'),
      });
    },
  );

  it('cannot be of a product that the connection does not have', async () => {
    await expect(addSession({ product: 'payment_session' })).rejects.toMatchObject({ code: 'product_mismatch' });
  });

  it('is tracked once', async () => {
    const session = await activeSession('flinks');
    const { key: sessionKey } = await trackSession(app, connections.flinks, session);
    await expect(trackSession(app, connections.flinks, session)).rejects.toMatchObject({
      code: 'session_already_tracked',
      details: { sessionKey },
    });
  });

  it('that is final already is not asked about again, and the attempt is on record', async () => {
    const session = await activeSession('xendit');
    const { key: sessionKey } = await trackSession(app, connections.xendit, session);
    expect(await app.handlers['cancellations.request']({ sessionKey, reason })).toMatchObject({
      state: 'cancelled',
    });
    await expect(app.handlers['cancellations.request']({ sessionKey, reason })).rejects.toMatchObject({
      code: 'session_final',
    });
    expect(await simulator.control('countCancelRequests', session.id)).toBe(1);
    const [declined] = (await app.handlers['audit.page']({ before: null, limit: 1 })).rows;
    expect(declined).toMatchObject({
      action: 'cancel_declined',
      detail: 'session_final',
      sessionId: session.id,
      reasonNote: reason.note,
    });
  });

  it('that was paid meanwhile is too late, and nothing was cancelled', async () => {
    const session = await activeSession('flinks');
    const { key: sessionKey } = await trackSession(app, connections.flinks, session);
    await simulator.control('setState', session.id, 'completed');
    expect(await app.handlers['cancellations.request']({ sessionKey, reason })).toMatchObject({
      state: 'already_final',
      foundStatus: 'completed',
    });
    expect((await app.handlers['sessions.details']({ sessionKey })).session.status).toBe('completed');
  });

  it('is cancelled once, however often it is asked for at the same time', async () => {
    const session = await activeSession('flinks');
    const { key: sessionKey } = await trackSession(app, connections.flinks, session);
    const answers = await Promise.allSettled(
      Array.from({ length: 5 }, () => app.handlers['cancellations.request']({ sessionKey, reason })),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(
      answers.flatMap((answer) => (answer.status === 'rejected' ? [(answer.reason as AppError).code] : [])),
    ).toEqual(Array(4).fill('cancellation_running'));
    expect(await simulator.control('countCancelRequests', session.id)).toBe(1);
  });

  it('is cancelled although the token expired on the way', async () => {
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
