/** Sends 100,000 hostile messages to a real app through the IPC handlers of the window, 1,000 per round. */
import { mkdtempSync, rmSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Envelope } from '../../src-main/contract/index.ts';
import { ClipboardExpiry } from '../../src-main/hosts/electron/clipboard-expiry.ts';
import { Locale } from '../../src-main/hosts/electron/locale.ts';
import { CallLimiter } from '../../src-main/contract/call-limiter.ts';
import { openTestApp } from '../support/app.ts';
import * as electron from '../support/fake-electron.ts';
import { seedFuzzData, fuzz } from '../support/fuzz.ts';
import type { SoakTest } from './soak-test.ts';

const messagesPerRound = 1_000;

export const messageFuzzSoak: SoakTest = {
  name: 'messages',
  defaultRounds: 100,
  async *run(seed, rounds) {
    const fakeElectronUrl = new URL('../support/fake-electron.ts', import.meta.url).href;
    const hooks = registerHooks({
      resolve: (specifier, context, next) =>
        specifier === 'electron' ? { url: fakeElectronUrl, shortCircuit: true } : next(specifier, context),
    });
    const { createIpcModule } = await import('../../src-main/hosts/electron/ipc.ts');
    hooks.deregister();
    const folder = mkdtempSync(join(tmpdir(), 'session-desk-soak-'));
    const loggedErrors: unknown[] = [];
    const log = {
      info: () => undefined,
      warn: () => undefined,
      error: (fields: unknown) => void (loggedErrors.push(fields), console.error(JSON.stringify(fields))),
    };
    const app = await openTestApp({
      dataFolder: folder,
      providers: { connectTimeoutMs: 500, responseTimeoutMs: 500 },
    });
    try {
      const known = await seedFuzzData(app);
      const window = new electron.BrowserWindow({});
      const locale = new Locale(() => []);
      const unlimited = new CallLimiter({ burst: Infinity, perSecond: 1, maxPending: Infinity });
      createIpcModule(unlimited)({
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
      for (let round = 0; round < rounds; round += 1) {
        const counts = await fuzz(
          ({ name, input }) =>
            electron.ipcMain.simulateInvoke('app:call', sender, name, input) as Promise<Envelope<unknown>>,
          known,
          messagesPerRound,
          seed + round * messagesPerRound,
        );
        if (loggedErrors.length > 0) throw new Error(`An error was logged: ${JSON.stringify(loggedErrors[0])}`);
        yield `${messagesPerRound} messages: ${Object.entries(counts)
          .sort(([, one], [, other]) => other - one)
          .map(([code, count]) => `${code} ${count}`)
          .join(', ')}`;
      }
    } finally {
      await app.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
