/** What an operator can get wrong, and what can be wrong out there: each is a refusal that says what and what to do. */
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { CheckedInput, Connection } from '../../../src-main/contract/index.ts';
import type { Desk, Keychain } from '../../../src-main/core/index.ts';
import { DeskError } from '../../../src-main/contract/index.ts';
import { connect, listed, memoryKeychain, openTestDesk, reason, track } from '../../support/app.ts';
import { spawnSimulator, type SpawnedSimulator } from '../../support/spawn-simulator.ts';

let simulator: SpawnedSimulator;
let desk: Desk;
let connections: Record<'flinks' | 'xendit', Connection>;
const keychain = memoryKeychain();

beforeAll(async () => {
  simulator = await spawnSimulator({ sessions: 200 });
  desk = await openTestDesk({ keychain, providers: { answerLimitMs: 2_000 } });
  connections = await connect(desk, simulator);
});
afterAll(async () => {
  await desk.close();
  await simulator.stop();
});

const xendit = (changes: Partial<CheckedInput<'connections.add'>>): CheckedInput<'connections.add'> => ({
  name: 'Another',
  environment: 'sandbox',
  baseUrl: simulator.url,
  keepForThisRun: false,
  options: { provider: 'xendit', forUserId: null },
  secret: 'xnd_development_1234567890',
  ...changes,
});
const add = (changes: Partial<CheckedInput<'sessions.add'>>) =>
  desk.handlers['sessions.add']({
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
    ['a test key for production', { environment: 'production' }, 'key_refused', /test key.*production/],
    ['a live key for the sandbox', { secret: 'xnd_production_1234567890' }, 'key_refused', /live key.*sandbox/],
    ['a public key', { secret: 'xnd_public_development_1234' }, 'key_refused', /public key/],
  ] as const)('is refused with %s, and nothing of it is kept', async (_, changes, code, words) => {
    await expect(desk.handlers['connections.add'](xendit(changes))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(words),
    });
    expect(await desk.handlers['connections.list']({})).toHaveLength(2);
    expect([...keychain.entries.values()]).not.toContain(changes === undefined ? '' : 'xnd_production_1234567890');
  });

  it('with a wrong secret is told so by its test, and by a look-up', async () => {
    const wrong = await desk.handlers['connections.add'](xendit({ secret: 'xnd_development_wrong_key_000' }));
    onTestFinished(async () => void (await desk.handlers['connections.remove']({ connectionId: wrong.id })));
    expect(await desk.handlers['connections.test']({ connectionId: wrong.id })).toMatchObject({
      verdict: 'refused',
      cause: 'unauthorized',
      code: 'HTTP 401',
      providerWords: expect.stringContaining('INVALID_API_KEY'),
    });
    await expect(
      add({ connectionId: wrong.id, product: 'payment_session', id: 'ps-661f5e5c1ea3b6f1c2d3e4f5' }),
    ).rejects.toMatchObject({ code: 'provider_refused' });
  });

  it('to a host that nobody answers on is unreachable, and nothing was sent', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    await once(closed, 'close');
    const { id } = await desk.handlers['connections.add'](xendit({ baseUrl: `http://127.0.0.1:${port}` }));
    onTestFinished(async () => void (await desk.handlers['connections.remove']({ connectionId: id })));
    expect(await desk.handlers['connections.test']({ connectionId: id })).toMatchObject({
      verdict: 'unreachable',
      cause: 'connect_failed',
      code: 'ECONNREFUSED',
      providerWords: null,
    });
    await expect(
      add({ connectionId: id, product: 'payment_session', id: 'ps-661f5e5c1ea3b6f1c2d3e4f5' }),
    ).rejects.toMatchObject({ code: 'provider_unreachable', retryable: true });
  });

  it('to a host that speaks no JSON is unreadable', async () => {
    const portal = createServer((_, response) =>
      response.setHeader('content-type', 'text/html').end('<h1>Welcome to the hotel</h1>'),
    ).listen(0, '127.0.0.1');
    onTestFinished(() => void portal.close());
    await once(portal, 'listening');
    const { port } = portal.address() as AddressInfo;
    const { id } = await desk.handlers['connections.add'](xendit({ baseUrl: `http://127.0.0.1:${port}` }));
    onTestFinished(async () => void (await desk.handlers['connections.remove']({ connectionId: id })));
    expect(await desk.handlers['connections.test']({ connectionId: id })).toMatchObject({
      verdict: 'unreadable',
      cause: 'answer_unreadable',
      code: 'HTTP 200',
    });
    await expect(
      add({ connectionId: id, product: 'payment_session', id: 'ps-661f5e5c1ea3b6f1c2d3e4f5' }),
    ).rejects.toMatchObject({ code: 'provider_unreadable' });
  });

  it('is not removed while sessions are tracked on it', async () => {
    const session = await activeSession('flinks');
    await track(desk, connections.flinks, session);
    await expect(desk.handlers['connections.remove']({ connectionId: connections.flinks.id })).rejects.toMatchObject({
      code: 'connection_in_use',
    });
  });

  it('without a keychain is kept for this run only after that was agreed to, and asks for its secret after a start', async () => {
    const unavailable = () => Promise.reject(new DeskError('keychain_unavailable', 'There is no keychain.'));
    const none: Keychain = { get: unavailable, set: unavailable, remove: unavailable };
    const first = await openTestDesk({ keychain: none });
    expect((await first.handlers['desk.state']({})).keychain).toBe('unavailable');
    await expect(first.handlers['connections.add'](xendit({}))).rejects.toMatchObject({ code: 'keychain_unavailable' });
    expect(await first.handlers['connections.list']({})).toEqual([]);
    const kept = await first.handlers['connections.add'](xendit({ keepForThisRun: true }));
    expect(kept.credential.state).toBe('this_run');
    expect((await first.handlers['connections.test']({ connectionId: kept.id })).verdict).toBe('refused');
    const { dataFolder } = await first.handlers['desk.state']({});
    await first.close();
    const second = await openTestDesk({ keychain: none, dataFolder });
    onTestFinished(() => second.close());
    expect((await second.handlers['connections.list']({}))[0]?.credential.state).toBe('missing');
    await expect(second.handlers['connections.test']({ connectionId: kept.id })).rejects.toMatchObject({
      code: 'credential_missing',
    });
    await second.handlers['connections.replaceSecret']({
      connectionId: kept.id,
      secret: 'xnd_development_again_0001',
      keepForThisRun: true,
    });
    expect((await second.handlers['connections.list']({}))[0]?.credential).toMatchObject({
      state: 'this_run',
      lastFour: '0001',
    });
  });
});

async function activeSession(provider: 'flinks' | 'xendit') {
  const tracked = new Set<string>((await desk.handlers['sessions.page'](listed())).rows.map(({ id }) => id));
  const session = (await simulator.control('sessions')).find(
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
    await expect(add({})).rejects.toMatchObject({
      code: 'session_unknown_to_provider',
      message: expect.stringContaining('another account, product or environment'),
      details: { field: 'id' },
    });
  });

  it('of another account is not tracked', async () => {
    const foreign = (await simulator.control('sessions')).find(
      ({ account, connection }) => account === 'other' && connection === 'flinks',
    );
    if (!foreign) throw new Error('The simulator has no session of another account.');
    await expect(add({ id: foreign.id, product: foreign.product })).rejects.toMatchObject({
      code: 'session_unknown_to_provider',
    });
  });

  it.each(['not-a-uuid', '../../api/v1/authorize', 'a b c', '3f2b8c1e-5a4d-4e6f-9b7a', '%2e%2e', '💳'])(
    'with the malformed id «%s» is refused with what an id looks like',
    async (id) => {
      await expect(add({ id })).rejects.toMatchObject({
        code: 'session_unknown_to_provider',
        message: expect.stringContaining('is a UUID'),
      });
    },
  );

  it('cannot be of a product that the connection does not have', async () => {
    await expect(add({ product: 'payment_session' })).rejects.toMatchObject({ code: 'product_mismatch' });
  });

  it('is tracked once', async () => {
    const session = await activeSession('flinks');
    const { key } = await track(desk, connections.flinks, session);
    await expect(track(desk, connections.flinks, session)).rejects.toMatchObject({
      code: 'session_already_tracked',
      details: { sessionKey: key },
    });
  });

  it('that is final already is not asked about again, and the attempt is on record', async () => {
    const session = await activeSession('xendit');
    const { key } = await track(desk, connections.xendit, session);
    expect(await desk.handlers['cancellations.request']({ sessionKey: key, reason })).toMatchObject({
      state: 'cancelled',
    });
    await expect(desk.handlers['cancellations.request']({ sessionKey: key, reason })).rejects.toMatchObject({
      code: 'session_final',
    });
    expect(await simulator.control('cancelRequests', session.id)).toBe(1);
    const [declined] = (await desk.handlers['audit.page']({ before: null, limit: 1 })).rows;
    expect(declined).toMatchObject({
      action: 'cancel_declined',
      detail: 'session_final',
      sessionId: session.id,
      reasonNote: reason.note,
    });
  });

  it('that was paid meanwhile is too late, and nothing was cancelled', async () => {
    const session = await activeSession('flinks');
    const { key } = await track(desk, connections.flinks, session);
    await simulator.control('setState', session.id, 'completed');
    expect(await desk.handlers['cancellations.request']({ sessionKey: key, reason })).toMatchObject({
      state: 'already_final',
      foundStatus: 'completed',
    });
    expect((await desk.handlers['sessions.story']({ sessionKey: key })).session.status).toBe('completed');
  });

  it('is cancelled once, however often it is asked for at the same time', async () => {
    const session = await activeSession('flinks');
    const { key } = await track(desk, connections.flinks, session);
    const answers = await Promise.allSettled(
      Array.from({ length: 5 }, () => desk.handlers['cancellations.request']({ sessionKey: key, reason })),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(
      answers.flatMap((answer) => (answer.status === 'rejected' ? [(answer.reason as DeskError).code] : [])),
    ).toEqual(Array(4).fill('cancellation_running'));
    expect(await simulator.control('cancelRequests', session.id)).toBe(1);
  });

  it('is cancelled although the token expired on the way', async () => {
    const session = await activeSession('flinks');
    const { key } = await track(desk, connections.flinks, session);
    await simulator.control('setFaults', [
      { route: 'cancel', fault: 'expired_token', times: 1, sessionId: session.id },
    ]);
    onTestFinished(() => simulator.control('setFaults', []).then(() => undefined));
    expect(await desk.handlers['cancellations.request']({ sessionKey: key, reason })).toMatchObject({
      state: 'cancelled',
      confirmedBy: 'answer',
    });
  });
});
