/** Hostile messages, a hundred thousand of them, to a real desk through the binding of the window. A round is a thousand. */
import { mkdtempSync, rmSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Envelope } from '../../src-main/contract/index.ts';
import { Speech } from '../../src-main/hosts/electron/locale.ts';
import { Turnstile } from '../../src-main/hosts/call-limiter.ts';
import { openTestDesk } from '../support/app.ts';
import * as electron from '../support/fake-electron.ts';
import { furnish, fuzz } from '../support/fuzz.ts';
import type { Soak } from './soak-test.ts';

const perRound = 1_000;

export const hostileMessages: Soak = {
  name: 'messages',
  rounds: 100,
  async *run(seed, rounds) {
    const stand = new URL('../support/fake-electron.ts', import.meta.url).href;
    const hooks = registerHooks({
      resolve: (specifier, context, next) =>
        specifier === 'electron' ? { url: stand, shortCircuit: true } : next(specifier, context),
    });
    const { ipcBehind } = await import('../../src-main/hosts/electron/ipc.ts');
    hooks.deregister();
    const folder = mkdtempSync(join(tmpdir(), 'session-desk-soak-'));
    const incidents: unknown[] = [];
    const log = {
      info: () => undefined,
      warn: () => undefined,
      error: (facts: unknown) => void (incidents.push(facts), console.error(JSON.stringify(facts))),
    };
    const desk = await openTestDesk({ dataFolder: folder, providers: { connectLimitMs: 500, answerLimitMs: 500 } });
    try {
      const known = await furnish(desk);
      const window = new electron.BrowserWindow({});
      const speech = new Speech(() => []);
      const unlimited = new Turnstile({ burst: Infinity, perSecond: 1, waiting: Infinity });
      ipcBehind(unlimited)({
        dataFolder: '',
        log,
        development: false,
        origin: 'app://desk',
        speech,
        sought: null,
        window: window as never,
        desk: Promise.resolve(desk),
      });
      const sender = { sender: window.webContents, senderFrame: { url: 'app://desk/', parent: null } };
      for (let round = 0; round < rounds; round += 1) {
        const tally = await fuzz(
          ({ name, input }) => electron.ipcMain.play('desk:call', sender, name, input) as Promise<Envelope<unknown>>,
          known,
          perRound,
          seed + round * perRound,
        );
        if (incidents.length > 0) throw new Error(`An incident was logged: ${JSON.stringify(incidents[0])}`);
        yield `${perRound} messages: ${Object.entries(tally)
          .sort(([, one], [, other]) => other - one)
          .map(([code, count]) => `${code} ${count}`)
          .join(', ')}`;
      }
    } finally {
      await desk.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
