/** Sends arbitrary messages to a real application through both hosts. `npm run soak` sends 100,000. */
import { request } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { coreEvents, events } from '../../../src-main/contract/index.ts';
import type { CoreEventName, Envelope, EventName } from '../../../src-main/contract/index.ts';
import type { App } from '../../../src-main/core/index.ts';
import { tokenHeader } from '../../../src-main/hosts/browser/login-session.ts';
import { startBrowserServer } from '../../../src-main/hosts/browser/server.ts';
import type { BrowserServer } from '../../../src-main/hosts/browser/server.ts';
import { ClipboardExpiry } from '../../../src-main/hosts/electron/clipboard-expiry.ts';
import { Locale } from '../../../src-main/hosts/electron/locale.ts';
import { forwardEvents } from '../../../src-main/hosts/dispatch.ts';
import { CallLimiter } from '../../../src-main/contract/call-limiter.ts';
import { arbitraryFromSchema } from '../../support/arbitrary-messages.ts';
import { openTestApp } from '../../support/app.ts';
import * as electron from '../../support/fake-electron.ts';
import { seedFuzzData, fuzz } from '../../support/fuzz.ts';
import { createStubApp, createMemoryLog } from '../../support/stub-app.ts';
import { roundsOf, seed } from '../../support/suite.ts';
import { nonEmpty } from '../../support/non-empty.ts';

vi.mock('electron', () => import('../../support/fake-electron.ts'));

const unlimitedCalls = new CallLimiter({ burst: Infinity, perSecond: 1, maxPending: Infinity });
let app: App;
let knownIds: string[];
let server: BrowserServer;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'session-desk-fuzz-'));
  app = await openTestApp({ dataFolder: folder, providers: { connectTimeoutMs: 500, responseTimeoutMs: 500 } });
  knownIds = await seedFuzzData(app);
  server = await startBrowserServer(app, '/nowhere', createMemoryLog(), { callLimiter: unlimitedCalls });
});
afterAll(async () => {
  await server.close();
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

// Verifies I-01, I-05.
it('Electron host: every message returns an envelope', async () => {
  const { createIpcModule } = await import('../../../src-main/hosts/electron/ipc.ts');
  const window = new electron.BrowserWindow({});
  const log = createMemoryLog();
  const locale = new Locale(() => []);
  createIpcModule(unlimitedCalls)({
    dataFolder: '',
    log,
    isDevelopment: false,
    pageOrigin: 'app://desk',
    locale,
    clipboardExpiry: new ClipboardExpiry({ readText: () => '', clear: () => undefined }),
    pendingDeepLink: null,
    window: window as never,
    coreApp: Promise.resolve(app),
  });
  const sender = { sender: window.webContents, senderFrame: { url: 'app://desk/', parent: null } };
  const counts = await fuzz(
    ({ name, input }) => electron.ipcMain.simulateInvoke('app:call', sender, name, input) as Promise<Envelope<unknown>>,
    knownIds,
    roundsOf({ quick: 750, full: 4_000 }),
    seed,
  );
  expect(counts['ok']).toBeGreaterThan(50);
  expect(log.lines).toEqual([]);
}, 120_000);

// Verifies I-01, I-05.
it('browser host: every message returns an envelope', async () => {
  const { hostname, port, pathname, search } = new URL(server.createLoginUrl());
  const loginResponse = await fetch(`${server.origin}${pathname}${search}`);
  const cookie = loginResponse.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const token = /content="([\w-]{43})"/.exec(await loginResponse.text())?.[1] ?? '';
  const headers = {
    Cookie: cookie,
    [tokenHeader]: token,
    Origin: server.origin,
    'Content-Type': 'application/json',
  };
  const counts = await fuzz(
    ({ name, input }) =>
      new Promise((resolve, reject) => {
        const body = JSON.stringify(input, (_key, value: unknown) =>
          typeof value === 'bigint' ? String(value) : value,
        ) as string | undefined;
        const path = `/call/${encodeURIComponent(typeof name === 'string' ? Buffer.from(name).toString() : 'none')}`;
        const outgoing = request({ hostname, port, path, method: 'POST', headers }, (response) => {
          let text = '';
          response
            .setEncoding('utf8')
            .on('data', (chunk: string) => (text += chunk))
            .on('error', reject);
          response.on('end', () => resolve(JSON.parse(text) as Envelope<unknown>));
        });
        outgoing.on('error', reject).end(body ?? '');
      }),
    knownIds,
    roundsOf({ quick: 250, full: 1_000 }),
    seed + 1,
  );
  expect(counts['ok']).toBeGreaterThan(10);
}, 120_000);

// Verifies I-03, I-05.
it('forwardEvents: sends only events that match their schemas', () => {
  const stubApp = createStubApp();
  const sentEvents: [EventName, unknown][] = [];
  const stopForwarding = forwardEvents(stubApp, (name, payload) => sentEvents.push([name, payload]), createMemoryLog());
  for (const name of Object.keys(coreEvents) as CoreEventName[]) {
    for (const payload of fc.sample(arbitraryFromSchema(coreEvents[name], knownIds.length > 0 ? knownIds : ['x']), {
      numRuns: 200,
      seed,
    }))
      stubApp.emit(name, payload as never);
  }
  stopForwarding();
  expect(sentEvents.length).toBeGreaterThan(100);
  for (const [name, payload] of nonEmpty(sentEvents)) expect(events[name].parse(payload)).toEqual(payload);
});
