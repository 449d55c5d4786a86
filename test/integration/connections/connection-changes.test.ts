/** What may be changed of a connection after it was made, and what is recorded of it. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { ParsedInput, Connection } from '../../../src-main/contract/index.ts';
import { AppError } from '../../../src-main/contract/index.ts';
import type { App } from '../../../src-main/core/index.ts';
import { addConnections, memoryKeychain, openTestApp, reason, trackSession } from '../../support/app.ts';
import { spawnSimulator, type SpawnedSimulator } from '../../support/spawn-simulator.ts';

let simulator: SpawnedSimulator;
let app: App;
let keychain: ReturnType<typeof memoryKeychain>;
let connections: Record<'flinks' | 'xendit', Connection>;

beforeAll(async () => {
  simulator = await spawnSimulator({ sessionCount: 50 });
});
afterAll(() => simulator.stop());
beforeEach(async () => {
  keychain = memoryKeychain();
  const opened = (app = await openTestApp({ keychain }));
  connections = await addConnections(app, simulator);
  onTestFinished(() => opened.close());
});

type Change = ParsedInput<'connections.change'>;
const changeConnection = (changes: Partial<Change>, of = connections.flinks) =>
  app.handlers['connections.change']({ connectionId: of.id, name: of.name, options: of.options, ...changes });
const flinksOptions = (changes: Partial<Extract<Connection['options'], { provider: 'flinks' }>>): Change['options'] => {
  if (connections.flinks.options.provider !== 'flinks') throw new Error('It is not of Flinks.');
  return { ...connections.flinks.options, ...changes };
};
const latestAuditRecords = async () => (await app.handlers['audit.page']({ before: null, limit: 20 })).rows;

async function trackActive(provider: 'flinks' | 'xendit') {
  const session = (await simulator.control('listSessions')).find(
    ({ account, connection, state, subAccount, product }) =>
      account === 'practice' &&
      connection === provider &&
      state === 'active' &&
      subAccount === null &&
      product !== 'e_transfer',
  );
  if (!session) throw new Error('The simulator has no active session.');
  return await trackSession(app, connections[provider], session);
}

describe('a change of a connection', () => {
  it('holds from the next call on, and its record names the old and the new', async () => {
    const changed = await changeConnection({
      name: 'Flinks Canada',
      options: flinksOptions({ windowMinutes: 30, eTransferCancel: false }),
    });
    expect(changed).toMatchObject({
      id: connections.flinks.id,
      name: 'Flinks Canada',
      options: { windowMinutes: 30, eTransferCancel: false },
    });
    expect(await app.handlers['connections.list']({})).toContainEqual(changed);
    expect((await latestAuditRecords())[0]).toMatchObject({
      action: 'connection_changed',
      connectionName: 'Flinks Canada',
      environment: 'sandbox',
      detail: 'name: Flinks CA → Flinks Canada, eTransferCancel: true → false, windowMinutes: none → 30',
    });
    expect((await app.handlers['connections.test']({ connectionId: changed.id })).result).toBe('accepted');
  });

  it('that changes nothing is not recorded', async () => {
    expect(await changeConnection({})).toEqual(connections.flinks);
    expect((await latestAuditRecords()).map(({ action }) => action)).not.toContain('connection_changed');
  });

  it('of what proves the account is asked for anew, without the token of before', async () => {
    await changeConnection({ options: flinksOptions({ reuseToken: true }) });
    expect((await app.handlers['connections.test']({ connectionId: connections.flinks.id })).result).toBe('accepted');
    await changeConnection({ options: flinksOptions({ reuseToken: true, clientId: 'somebody-else' }) });
    expect(await app.handlers['connections.test']({ connectionId: connections.flinks.id })).toMatchObject({
      result: 'refused',
      cause: 'unauthorized',
    });
  });

  it.each([
    ['the client id', 'flinks', () => flinksOptions({ clientId: 'another' }), 'clientId'],
    ['the sub-account', 'xendit', () => ({ provider: 'xendit', forUserId: 'another' }) as const, 'forUserId'],
  ] as const)(
    'of %s is refused once sessions are tracked: they would be asked for at another account',
    async (_, provider, options, field) => {
      await trackActive(provider);
      await expect(changeConnection({ options: options() }, connections[provider])).rejects.toMatchObject({
        code: 'connection_immutable',
        details: { field, count: 1 },
      });
      expect(await app.handlers['connections.list']({})).toContainEqual(connections[provider]);
      // Its name is only a name.
      expect(await changeConnection({ name: 'Renamed' }, connections[provider])).toMatchObject({ name: 'Renamed' });
    },
  );

  it('to another provider is refused', async () => {
    await expect(changeConnection({ options: connections.xendit.options })).rejects.toMatchObject({
      code: 'connection_immutable',
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
    const forgotten = await app.handlers['connections.deleteSecret']({ connectionId: id, purpose: 'api' });
    expect(forgotten.credential).toEqual({ state: 'missing', lastFour: null, storedAt: null });
    expect([...keychain.entries.keys()].filter((account) => account.includes(id))).toEqual([]);
    expect((await latestAuditRecords())[0]).toMatchObject({
      action: 'secret_forgotten',
      connectionName: name,
      detail: null,
    });
    await expect(app.handlers['cancellations.request']({ sessionKey: session.key, reason })).rejects.toMatchObject({
      code: 'credential_missing',
    });
    expect((await simulator.control('getSession', session.id))?.state).toBe('active');
    await app.handlers['connections.replaceSecret']({
      connectionId: id,
      secret: simulator.credentials.flinks.clientSecret,
      allowInMemory: false,
    });
    expect((await app.handlers['connections.test']({ connectionId: id })).result).toBe('accepted');
  });

  it('is still missing after a start', async () => {
    await app.handlers['connections.deleteSecret']({ connectionId: connections.xendit.id, purpose: 'api' });
    const { dataFolder } = await app.handlers['app.state']({});
    await app.close();
    app = await openTestApp({ keychain, dataFolder });
    const again = app;
    onTestFinished(() => again.close());
    const states = (await app.handlers['connections.list']({})).map(({ credential }) => credential.state);
    expect(states.sort()).toEqual(['missing', 'stored']);
  });

  it('of events leaves the account its own', async () => {
    const { id } = connections.xendit;
    await app.handlers['connections.setWebhookSecret']({
      connectionId: id,
      secret: 'callback-token',
      allowInMemory: false,
    });
    const forgotten = await app.handlers['connections.deleteSecret']({ connectionId: id, purpose: 'webhook' });
    expect(forgotten).toMatchObject({ hasWebhookSecret: false, credential: { state: 'stored' } });
    expect([...keychain.entries.values()]).not.toContain('callback-token');
    expect((await latestAuditRecords())[0]).toMatchObject({ action: 'event_secret_forgotten' });
  });

  it('is not said to be forgotten while the keychain is locked', async () => {
    const { id } = connections.flinks;
    keychain.get = () => Promise.resolve(null);
    keychain.set = () => Promise.reject(new AppError('keychain_locked', 'It is locked.'));
    await expect(app.handlers['connections.deleteSecret']({ connectionId: id, purpose: 'api' })).rejects.toMatchObject({
      code: 'keychain_locked',
    });
    expect((await app.handlers['connections.list']({})).find((each) => each.id === id)?.credential.state).toBe(
      'stored',
    );
    expect((await latestAuditRecords()).map(({ action }) => action)).not.toContain('secret_forgotten');
  });
});

describe('practice', () => {
  it('keeps its accounts as they are', async () => {
    await app.handlers['workspace.open']({ workspace: 'practice' });
    const [account] = await app.handlers['connections.list']({});
    if (!account) throw new Error('Practice has no account.');
    await expect(changeConnection({}, account)).rejects.toMatchObject({ code: 'base_url_refused' });
    await expect(
      app.handlers['connections.deleteSecret']({ connectionId: account.id, purpose: 'api' }),
    ).rejects.toMatchObject({ code: 'base_url_refused' });
  });
});
