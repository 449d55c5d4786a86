/** Changes of existing connections and their audit records. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { AppError, createMessage, type Connection, type ParsedInput } from '../../../src-main/contract/index.ts';
import type { App } from '../../../src-main/core/index.ts';
import { addConnections, memoryKeychain, openTestApp, reason, trackSession } from '../../support/app.ts';
import { spawnSimulator, type SpawnedSimulator } from '../../support/spawn-simulator.ts';
import { nonEmpty } from '../../support/non-empty.ts';

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
  const openedApp = (app = await openTestApp({ keychain }));
  connections = await addConnections(app, simulator);
  onTestFinished(() => openedApp.close());
});

type Change = ParsedInput<'connections.change'>;
const changeConnection = (changes: Partial<Change>, { id, name, options } = connections.flinks) =>
  app.handlers['connections.change']({ connectionId: id, name, options, ...changes });
const flinksOptions = (changes: Partial<Extract<Connection['options'], { provider: 'flinks' }>>): Change['options'] => {
  if (connections.flinks.options.provider !== 'flinks') throw new Error('The connection does not belong to Flinks.');
  return { ...connections.flinks.options, ...changes };
};
const latestAuditRecords = async () => (await app.handlers['audit.list']({ before: null, limit: 20 })).rows;

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

describe('connections.change', () => {
  it('change: applies to the next call, and its record has the old and new values', async () => {
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
      detail: {
        kind: 'changes',
        changes: [
          { field: 'name', from: 'Flinks CA', to: 'Flinks Canada' },
          { field: 'eTransferCancel', from: true, to: false },
          { field: 'windowMinutes', from: null, to: 30 },
        ],
      },
    });
    expect((await app.handlers['connections.test']({ connectionId: changed.id })).result).toBe('accepted');
  });

  it('change: a change without differences is not recorded', async () => {
    expect(await changeConnection({})).toEqual(connections.flinks);
    expect((await latestAuditRecords()).map(({ action }) => action)).not.toContain('connection_changed');
  });

  it('change: a new client ID is not tested with the token of the old one', async () => {
    await changeConnection({ options: flinksOptions({ reuseToken: true }) });
    expect((await app.handlers['connections.test']({ connectionId: connections.flinks.id })).result).toBe('accepted');
    await changeConnection({ options: flinksOptions({ reuseToken: true, clientId: 'another-client' }) });
    expect(await app.handlers['connections.test']({ connectionId: connections.flinks.id })).toMatchObject({
      result: 'refused',
      cause: 'unauthorized',
    });
  });

  it.each([
    ['the client ID', 'flinks', () => flinksOptions({ clientId: 'another' }), 'clientId'],
    ['the sub-account', 'xendit', () => ({ provider: 'xendit', forUserId: 'another' }) as const, 'forUserId'],
  ] as const)('change: %s cannot be changed while sessions are tracked', async (_, provider, options, field) => {
    await trackActive(provider);
    await expect(changeConnection({ options: options() }, connections[provider])).rejects.toMatchObject({
      code: 'connection_immutable',
      details: { field, count: 1 },
    });
    expect(await app.handlers['connections.list']({})).toContainEqual(connections[provider]);
    // The name can still be changed.
    expect(await changeConnection({ name: 'Renamed' }, connections[provider])).toMatchObject({ name: 'Renamed' });
  });

  it('change: the provider cannot be changed', async () => {
    await expect(changeConnection({ options: connections.xendit.options })).rejects.toMatchObject({
      code: 'connection_immutable',
      details: { field: 'provider' },
    });
  });
});

describe('connections.deleteSecret', () => {
  it('deleteSecret: the connection remains, cannot cancel, and accepts a new secret', async () => {
    const {
      flinks: { id, name },
    } = connections;
    const session = await trackActive('flinks');
    const connection = await app.handlers['connections.deleteSecret']({ connectionId: id, purpose: 'api' });
    expect(connection.credential).toEqual({ state: 'missing', lastFour: null, storedAt: null });
    expect(nonEmpty(keychain.entries.keys()).filter((account) => account.includes(id))).toEqual([]);
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

  it('deleteSecret: the secret is still missing after a restart', async () => {
    await app.handlers['connections.deleteSecret']({ connectionId: connections.xendit.id, purpose: 'api' });
    const { dataFolder } = await app.handlers['app.getState']({});
    await app.close();
    app = await openTestApp({ keychain, dataFolder });
    const restartedApp = app;
    onTestFinished(() => restartedApp.close());
    const states = (await app.handlers['connections.list']({})).map(({ credential }) => credential.state);
    expect(states.sort()).toEqual(['missing', 'stored']);
  });

  it('deleteSecret: deleting the webhook secret does not delete the account secret', async () => {
    const { id } = connections.xendit;
    await app.handlers['connections.setWebhookSecret']({
      connectionId: id,
      secret: 'callback-token',
      allowInMemory: false,
    });
    const connection = await app.handlers['connections.deleteSecret']({ connectionId: id, purpose: 'webhook' });
    expect(connection).toMatchObject({ hasWebhookSecret: false, credential: { state: 'stored' } });
    expect([...keychain.entries.values()]).not.toContain('callback-token');
    expect((await latestAuditRecords())[0]).toMatchObject({ action: 'event_secret_forgotten' });
  });

  it('deleteSecret: fails and records nothing while the keychain is locked', async () => {
    const { id } = connections.flinks;
    keychain.get = () => Promise.resolve(null);
    keychain.set = () => Promise.reject(new AppError('keychain_locked', createMessage('connection.keychainLocked')));
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
  it('practice: its connections cannot be changed and keep their secrets', async () => {
    await app.handlers['workspace.open']({ workspace: 'practice' });
    const [connection] = await app.handlers['connections.list']({});
    if (!connection) throw new Error('Practice has no connection.');
    await expect(changeConnection({}, connection)).rejects.toMatchObject({ code: 'base_url_refused' });
    await expect(
      app.handlers['connections.deleteSecret']({ connectionId: connection.id, purpose: 'api' }),
    ).rejects.toMatchObject({ code: 'base_url_refused' });
  });
});
