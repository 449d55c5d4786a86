/** What may be changed of a connection after it was made, and what is recorded of it. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { CheckedInput, Connection } from '../../../src-main/contract/index.ts';
import { DeskError } from '../../../src-main/contract/index.ts';
import type { Desk } from '../../../src-main/core/index.ts';
import { connect, memoryKeychain, openTestDesk, reason, track } from '../../support/app.ts';
import { spawnSimulator, type SpawnedSimulator } from '../../support/spawn-simulator.ts';

let simulator: SpawnedSimulator;
let desk: Desk;
let keychain: ReturnType<typeof memoryKeychain>;
let connections: Record<'flinks' | 'xendit', Connection>;

beforeAll(async () => {
  simulator = await spawnSimulator({ sessions: 50 });
});
afterAll(() => simulator.stop());
beforeEach(async () => {
  keychain = memoryKeychain();
  const opened = (desk = await openTestDesk({ keychain }));
  connections = await connect(desk, simulator);
  onTestFinished(() => opened.close());
});

type Change = CheckedInput<'connections.change'>;
const change = (changes: Partial<Change>, of = connections.flinks) =>
  desk.handlers['connections.change']({ connectionId: of.id, name: of.name, options: of.options, ...changes });
const flinks = (changes: Partial<Extract<Connection['options'], { provider: 'flinks' }>>): Change['options'] => {
  if (connections.flinks.options.provider !== 'flinks') throw new Error('It is not of Flinks.');
  return { ...connections.flinks.options, ...changes };
};
const records = async () => (await desk.handlers['audit.page']({ before: null, limit: 20 })).rows;

async function trackActive(provider: 'flinks' | 'xendit') {
  const session = (await simulator.control('sessions')).find(
    ({ account, connection, state, subAccount, product }) =>
      account === 'practice' &&
      connection === provider &&
      state === 'active' &&
      subAccount === null &&
      product !== 'e_transfer',
  );
  if (!session) throw new Error('The simulator has no active session.');
  return await track(desk, connections[provider], session);
}

describe('a change of a connection', () => {
  it('holds from the next call on, and its record names the old and the new', async () => {
    const changed = await change({
      name: 'Flinks Canada',
      options: flinks({ windowMinutes: 30, eTransferCancel: false }),
    });
    expect(changed).toMatchObject({
      id: connections.flinks.id,
      name: 'Flinks Canada',
      options: { windowMinutes: 30, eTransferCancel: false },
    });
    expect(await desk.handlers['connections.list']({})).toContainEqual(changed);
    expect((await records())[0]).toMatchObject({
      action: 'connection_changed',
      connectionName: 'Flinks Canada',
      environment: 'sandbox',
      detail: 'name: Flinks CA → Flinks Canada, eTransferCancel: true → false, windowMinutes: none → 30',
    });
    expect((await desk.handlers['connections.test']({ connectionId: changed.id })).verdict).toBe('accepted');
  });

  it('that changes nothing is not recorded', async () => {
    expect(await change({})).toEqual(connections.flinks);
    expect((await records()).map(({ action }) => action)).not.toContain('connection_changed');
  });

  it('of what proves the account is asked for anew, without the token of before', async () => {
    await change({ options: flinks({ reuseToken: true }) });
    expect((await desk.handlers['connections.test']({ connectionId: connections.flinks.id })).verdict).toBe('accepted');
    await change({ options: flinks({ reuseToken: true, clientId: 'somebody-else' }) });
    expect(await desk.handlers['connections.test']({ connectionId: connections.flinks.id })).toMatchObject({
      verdict: 'refused',
      cause: 'unauthorized',
    });
  });

  it.each([
    ['the client id', 'flinks', () => flinks({ clientId: 'another' }), 'clientId'],
    ['the sub-account', 'xendit', () => ({ provider: 'xendit', forUserId: 'another' }) as const, 'forUserId'],
  ] as const)(
    'of %s is refused once sessions are tracked: they would be asked for at another account',
    async (_, provider, options, field) => {
      await trackActive(provider);
      await expect(change({ options: options() }, connections[provider])).rejects.toMatchObject({
        code: 'connection_fixed',
        details: { field, count: 1 },
      });
      expect(await desk.handlers['connections.list']({})).toContainEqual(connections[provider]);
      // Its name is only a name.
      expect(await change({ name: 'Renamed' }, connections[provider])).toMatchObject({ name: 'Renamed' });
    },
  );

  it('to another provider is refused', async () => {
    await expect(change({ options: connections.xendit.options })).rejects.toMatchObject({
      code: 'connection_fixed',
      details: { field: 'provider' },
    });
  });
});

describe('a secret that is forgotten', () => {
  it('is gone from the keychain; the connection stays, cancels nothing, and takes a new one', async () => {
    const {
      flinks: { id, name },
    } = connections;
    const session = await trackActive('flinks');
    const forgotten = await desk.handlers['connections.forgetSecret']({ connectionId: id, purpose: 'account' });
    expect(forgotten.credential).toEqual({ state: 'missing', lastFour: null, storedAt: null });
    expect([...keychain.entries.keys()].filter((account) => account.includes(id))).toEqual([]);
    expect((await records())[0]).toMatchObject({ action: 'secret_forgotten', connectionName: name, detail: null });
    await expect(desk.handlers['cancellations.request']({ sessionKey: session.key, reason })).rejects.toMatchObject({
      code: 'credential_missing',
    });
    expect((await simulator.control('session', session.id))?.state).toBe('active');
    await desk.handlers['connections.replaceSecret']({
      connectionId: id,
      secret: simulator.credentials.flinks.clientSecret,
      keepForThisRun: false,
    });
    expect((await desk.handlers['connections.test']({ connectionId: id })).verdict).toBe('accepted');
  });

  it('is still missing after a start', async () => {
    await desk.handlers['connections.forgetSecret']({ connectionId: connections.xendit.id, purpose: 'account' });
    const { dataFolder } = await desk.handlers['desk.state']({});
    await desk.close();
    desk = await openTestDesk({ keychain, dataFolder });
    const again = desk;
    onTestFinished(() => again.close());
    const states = (await desk.handlers['connections.list']({})).map(({ credential }) => credential.state);
    expect(states.sort()).toEqual(['missing', 'stored']);
  });

  it('of events leaves the account its own', async () => {
    const { id } = connections.xendit;
    await desk.handlers['connections.setEventSecret']({
      connectionId: id,
      secret: 'callback-token',
      keepForThisRun: false,
    });
    const forgotten = await desk.handlers['connections.forgetSecret']({ connectionId: id, purpose: 'events' });
    expect(forgotten).toMatchObject({ hasEventSecret: false, credential: { state: 'stored' } });
    expect([...keychain.entries.values()]).not.toContain('callback-token');
    expect((await records())[0]).toMatchObject({ action: 'event_secret_forgotten' });
  });

  it('is not said to be forgotten while the keychain is locked', async () => {
    const { id } = connections.flinks;
    keychain.get = () => Promise.resolve(null);
    keychain.set = () => Promise.reject(new DeskError('keychain_locked', 'It is locked.'));
    await expect(
      desk.handlers['connections.forgetSecret']({ connectionId: id, purpose: 'account' }),
    ).rejects.toMatchObject({ code: 'keychain_locked' });
    expect((await desk.handlers['connections.list']({})).find((each) => each.id === id)?.credential.state).toBe(
      'stored',
    );
    expect((await records()).map(({ action }) => action)).not.toContain('secret_forgotten');
  });
});

describe('practice', () => {
  it('keeps its accounts as they are', async () => {
    await desk.handlers['workspace.open']({ workspace: 'practice' });
    const [account] = await desk.handlers['connections.list']({});
    if (!account) throw new Error('Practice has no account.');
    await expect(change({}, account)).rejects.toMatchObject({ code: 'base_url_refused' });
    await expect(
      desk.handlers['connections.forgetSecret']({ connectionId: account.id, purpose: 'account' }),
    ).rejects.toMatchObject({ code: 'base_url_refused' });
  });
});
