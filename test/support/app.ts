/** The application without a renderer, for integration tests: real database, real HTTP, a selectable keychain. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openApp, type App, type AppOptions, type Keychain } from '../../src-main/core/index.ts';
import {
  emptySessionFilter,
  newestFirst,
  type CallInput,
  type ParsedInput,
  type Connection,
  type Product,
  type Session,
  type SessionFilter,
} from '../../src-main/contract/index.ts';
import { practiceAccounts } from '../../src-main/core/simulator/index.ts';
import type { SpawnedSimulator } from './spawn-simulator.ts';

/** The worker that build-store-worker.ts has built for the integration tests; in other tests, the source file. */
export const storeWorkerUrl = new URL(
  process.env['STORE_WORKER'] ?? '../../src-main/core/store/worker.ts',
  import.meta.url,
);

export function createTempFolder(): string {
  return mkdtempSync(join(tmpdir(), 'session-desk-test-'));
}

/** A keychain in memory. Tests can read and change `entries`. */
export function memoryKeychain(
  entries = new Map<string, string>(),
): Keychain & { readonly entries: Map<string, string> } {
  return {
    entries,
    get: (account) => Promise.resolve(entries.get(account) ?? null),
    set: (account, secret) => Promise.resolve(void entries.set(account, secret)),
    remove: (account) => Promise.resolve(void entries.delete(account)),
  };
}

export function openTestApp(options: Partial<AppOptions> = {}): Promise<App> {
  const silent = () => undefined;
  return openApp({
    dataFolder: createTempFolder(),
    workspace: 'work',
    operator: 'olivia',
    hostName: 'desk-7',
    version: '0.0.0-test',
    keychain: memoryKeychain(),
    storeWorkerUrl,
    confirmInHost: null,
    logger: { info: silent, warn: silent, error: silent },
    ...options,
  });
}

/** Accounts at an address without a server, for tests that send no request. */
export const unreachableProvider = { url: 'http://127.0.0.1:9', credentials: practiceAccounts };

/** Adds connections to both simulated accounts. */
export async function addConnections(
  app: App,
  simulator: Pick<SpawnedSimulator, 'url' | 'credentials'>,
): Promise<Record<'flinks' | 'xendit', Connection>> {
  const { flinks, xendit } = simulator.credentials;
  const common = { environment: 'sandbox', baseUrl: simulator.url, allowInMemory: false } as const;
  return {
    flinks: await app.handlers['connections.add']({
      ...common,
      name: 'Flinks CA',
      secret: flinks.clientSecret,
      options: {
        provider: 'flinks',
        clientId: flinks.clientId,
        authMode: 'oauth',
        credentialsIn: 'header',
        sendClientId: false,
        reuseToken: false,
        eTransferCancel: true,
        windowMinutes: null,
      },
    }),
    xendit: await app.handlers['connections.add']({
      ...common,
      name: 'Xendit ID',
      secret: xendit.secretKey,
      options: { provider: 'xendit', forUserId: null },
    }),
  };
}

/** Tracks a session of the simulator. */
export function trackSession(
  app: App,
  connection: Connection,
  session: { product: Product; id: string },
): Promise<Session> {
  return app.handlers['sessions.add']({
    connectionId: connection.id,
    product: session.product,
    id: session.id,
    reference: null,
    subAccount: null,
  });
}

/** Input for the first page of a filter, newest first. */
export function sessionPageInput(
  filter: Partial<SessionFilter> = {},
  limit = 500,
): ParsedInput<'sessions.list'> & { after: null } {
  return {
    filter: { ...emptySessionFilter, ...filter },
    sort: newestFirst,
    after: null,
    skip: 0,
    limit,
    viewId: '',
    generation: 0,
  };
}

export const reason = {
  category: 'Customer asked',
  note: 'ticket 8812',
} satisfies CallInput<'cancellations.request'>['reason'];

/** The detail of an audit record as versions up to 0.1 wrote it. */
export const textDetail = (text: string) => ({ kind: 'text' as const, text });
