/** Actions that a page alone cannot start: the host asks the operator in a dialog outside the page. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import {
  baseUrlPresets,
  emptySessionFilter,
  newConnection,
  newFeed,
  type CallInput,
  type ErrorCode,
} from '../../../src-main/contract/index.ts';
import type { App, HostConfirmation } from '../../../src-main/core/index.ts';
import { createTempFolder, openTestApp, reason } from '../../support/app.ts';
import { createPlan, flinksId, importSessions } from '../batches/plan-fixtures.ts';

let app: App;
let requests: HostConfirmation[];
let answer: boolean;
let folder: string;

beforeEach(async () => {
  requests = [];
  answer = false;
  folder = createTempFolder();
  app = await openTestApp({
    dataFolder: folder,
    startDelayMs: 600_000,
    confirmInHost: (request) => {
      requests.push(request);
      return Promise.resolve(answer);
    },
  });
  onTestFinished(() => app.close());
});

const declined = { code: 'confirmation_declined' satisfies ErrorCode, messageKey: 'app.confirmationDeclined' };
const addConnection = (changes: Partial<CallInput<'connections.add'>> = {}) =>
  app.handlers['connections.add'](
    newConnection.parse({
      name: 'Xendit ID',
      environment: 'production',
      baseUrl: 'https://api.xendit.co',
      secret: 'xnd_production_secret',
      options: { provider: 'xendit' },
      ...changes,
    }),
  );
const addFeed = (connectionId: string, source: CallInput<'feeds.add'>['source']) =>
  app.handlers['feeds.add'](newFeed.parse({ name: 'Shop', connectionId, product: 'payment_session', source }));

// Verifies S-13.
it('connection: another host than the preset of the provider is confirmed once', async () => {
  await addConnection();
  expect(requests).toEqual([]);
  const proxied = { name: 'Proxy', baseUrl: 'https://proxy.example' };
  await expect(addConnection(proxied)).rejects.toMatchObject(declined);
  expect(requests).toEqual([
    { kind: 'new_destination', subject: 'connection', name: 'Proxy', origin: 'https://proxy.example' },
  ]);
  expect(await app.handlers['connections.list']({})).toHaveLength(1);
  answer = true;
  await addConnection(proxied);
  await addConnection({ ...proxied, name: 'Proxy 2' });
  expect(requests).toHaveLength(2);
});

// Verifies S-13.
it('feed: a new origin and a new folder are confirmed', async () => {
  const { id } = await addConnection();
  const url = { kind: 'url', url: 'https://back-office.example/feed', format: 'json' } as const;
  await expect(addFeed(id, url)).rejects.toMatchObject(declined);
  const watched = join(folder, 'exports');
  mkdirSync(watched);
  await expect(addFeed(id, { kind: 'folder', path: watched })).rejects.toMatchObject(declined);
  expect(requests).toEqual([
    { kind: 'new_destination', subject: 'feed', name: 'Shop', origin: 'https://back-office.example' },
    { kind: 'new_folder', name: 'Shop', path: watched },
  ]);
  expect(await app.handlers['feeds.list']({})).toEqual([]);
  answer = true;
  await addFeed(id, { kind: 'folder', path: watched });
  await addFeed(id, { kind: 'folder', path: watched });
  expect(requests).toHaveLength(3);
});

// Verifies S-13.
it('secret: a missing secret for another host than the preset is confirmed', async () => {
  answer = true;
  const { id: connectionId } = await addConnection({ baseUrl: 'https://proxy.example' });
  await app.handlers['connections.deleteSecret']({ connectionId, purpose: 'api' });
  answer = false;
  const secret = { connectionId, secret: 'xnd_production_entered_again', allowInMemory: false };
  await expect(app.handlers['connections.replaceSecret'](secret)).rejects.toMatchObject(declined);
  expect(requests.at(-1)).toEqual({
    kind: 'secret_destination',
    name: 'Xendit ID',
    storedFor: null,
    destination: 'https://proxy.example (xendit, production)',
  });
  expect(await app.handlers['connections.list']({})).toMatchObject([{ credential: { state: 'missing' } }]);
});

// Verifies S-13.
it.each([
  ['production', 150, 1],
  ['production', 2, 0],
  ['sandbox', 150, 0],
] as const)('batch: in %s with %i sessions, the host asks %i times', async (environment, sessions, count) => {
  const connection = await addConnection({
    name: 'Flinks CA',
    environment,
    baseUrl: baseUrlPresets.flinks[environment],
    secret: 'client-secret',
    options: { provider: 'flinks', clientId: 'client' },
  });
  await importSessions(
    app,
    connection,
    Array.from({ length: sessions }, (_, index) => ({ id: flinksId(index) })),
  );
  const plan = await createPlan(app, { filter: emptySessionFilter, excludedKeys: [] });
  // A page that was taken over can type the count itself.
  const confirm = () =>
    app.handlers['batches.confirm']({ batchId: plan.id, digest: plan.digest ?? '', reason, typedCount: sessions });
  if (count === 1) {
    await expect(confirm()).rejects.toMatchObject(declined);
    expect(requests).toEqual([{ kind: 'production_batch', sessions, connections: ['Flinks CA'] }]);
    expect((await app.handlers['batches.get']({ batchId: plan.id })).state).toBe('planned');
    answer = true;
  }
  expect((await confirm()).state).toBe('armed');
  expect(requests).toHaveLength(count * 2);
});
