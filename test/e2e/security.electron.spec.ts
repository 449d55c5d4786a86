import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { callLimits } from '../../src-main/contract/call-limiter.ts';
import { expect, test } from './fixtures.ts';
import { nonEmpty } from '../support/non-empty.ts';

// Verifies E-20.
test('preload: a listener receives the payload and not the Electron event', async ({ workApp: app }) => {
  const calls = await app.page.evaluate(
    () =>
      new Promise<unknown[][]>((resolve) => {
        const calls: unknown[][] = [];
        window.sessionDesk?.on('app.changed', (...all) => {
          calls.push(all);
          if (all[0].workspace === 'practice') resolve(calls);
        });
        void window.sessionDesk?.call('workspace.open', { workspace: 'practice' });
      }),
  );
  for (const call of nonEmpty(calls)) expect(call).toEqual([expect.objectContaining({ dataFolder: app.dataFolder })]);
});

// Verifies E-05, E-13, E-14.
test('window: it opens no other page, no other window and grants no permission', async ({ workApp: app }) => {
  await expect(app.page.getByRole('navigation').first()).toBeVisible();
  const outcome = await app.page.evaluate(async () => {
    const opened = window.open('https://example.invalid/');
    location.href = 'https://example.invalid/';
    const permissionStates = await Promise.all(
      (['geolocation', 'notifications', 'camera'] as PermissionName[]).map(
        async (name) => (await navigator.permissions.query({ name })).state,
      ),
    );
    return { opened: opened === null, permissionStates };
  });
  expect(outcome).toEqual({ opened: true, permissionStates: ['denied', 'denied', 'denied'] });
  expect(app.page.url()).toMatch(/^app:\/\/desk\//);
  expect(app.electron.windows()).toHaveLength(1);
});

// Verifies E-17.
test('preload: a frame inside the page has no API client', async ({ workApp: app }) => {
  const reached = await app.page.evaluate(() => {
    const frame = document.createElement('iframe');
    document.body.append(frame);
    return 'sessionDesk' in (frame.contentWindow ?? {});
  });
  expect(reached).toBe(false);
});

for (const address of ['app://desk/', 'about:blank']) {
  // Verifies E-17.
  test(`sender check: a call from another window with the preload at ${address} is refused`, async ({
    workApp: appUnderTest,
  }) => {
    const opening = appUnderTest.electron.waitForEvent('window');
    await appUnderTest.electron.evaluate(async ({ app, BrowserWindow }, shown) => {
      const preload = `${app.getAppPath()}/out/preload/preload.cjs`;
      await new BrowserWindow({ show: false, webPreferences: { preload, sandbox: true } }).loadURL(shown);
    }, address);
    const other = await opening;
    const result = await other.evaluate(() => window.sessionDesk?.call('app.getState', {}));
    expect(result).toMatchObject({ ok: false, error: { code: 'untrusted_sender' } });
    const own = await appUnderTest.page.evaluate(() => window.sessionDesk?.call('app.getState', {}));
    expect(own).toMatchObject({ ok: true });
    await other.close();
  });
}

test('window: a crash of the renderer is reported and the page is reloaded', async ({ app }) => {
  await expect(app.page.getByRole('navigation').first()).toBeVisible();
  const shownMessages = await app.electron.evaluate(
    ({ dialog, BrowserWindow }) =>
      new Promise((resolve) => {
        const messages: string[] = [];
        // The real message box would wait for a click.
        Object.assign(dialog, {
          showMessageBox: (_window: unknown, box: { message: string }) => Promise.resolve(messages.push(box.message)),
        });
        const contents = BrowserWindow.getAllWindows()[0]?.webContents;
        contents?.once('did-finish-load', () => resolve(messages));
        contents?.forcefullyCrashRenderer();
      }),
  );
  expect(shownMessages).toEqual(['The window stopped working and was reloaded.']);
  await expect
    .poll(() =>
      app.electron.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript("document.querySelector('nav') !== null"),
      ),
    )
    .toBe(true);
});

// Verifies E-01.
test('window: a page without our Content-Security-Policy has no network access', async ({
  workApp: app,
  simulator,
}) => {
  const recordCount = (await simulator.readLog()).length;
  const outcome = await app.electron.evaluate(async ({ BrowserWindow }, url) => {
    const other = new BrowserWindow({ show: false, webPreferences: { sandbox: true } });
    const loadError = await other.loadURL(url).then(
      () => 'loaded',
      (error: unknown) => String(error),
    );
    other.destroy();
    return loadError;
  }, simulator.url);
  expect(outcome).toContain('ERR_BLOCKED_BY_CLIENT');
  expect(await simulator.readLog()).toHaveLength(recordCount);
});

// Verifies I-04.
test('preload: a page that sends calls in a loop does not keep the main process busy', async ({ app }) => {
  // A handler of the web contents comes before the handler of the application.
  await app.electron.evaluate(({ BrowserWindow }) => {
    const shared = globalThis as { callCount?: number };
    shared.callCount = 0;
    BrowserWindow.getAllWindows()[0]?.webContents.ipc.handle('app:call', () => {
      shared.callCount = (shared.callCount ?? 0) + 1;
      return { ok: true, value: {} };
    });
  });
  const flood = await app.page.evaluate(async () => {
    const startedAt = performance.now();
    const sent: unknown[] = [];
    for (let round = 0; round < 40; round += 1) {
      for (let count = 0; count < 500; count += 1) sent.push(window.sessionDesk?.call('app.getState', {}));
      await sent.at(-1);
    }
    await Promise.all(sent);
    return { sentCount: sent.length, seconds: (performance.now() - startedAt) / 1_000 };
  });
  const callCount = await app.electron.evaluate(({ BrowserWindow }) => {
    BrowserWindow.getAllWindows()[0]?.webContents.ipc.removeHandler('app:call');
    return (globalThis as { callCount?: number }).callCount ?? 0;
  });
  expect(flood.sentCount).toBe(20_000);
  expect(callCount).toBeGreaterThan(0);
  expect(callCount).toBeLessThanOrEqual(callLimits.burst + callLimits.perSecond * flood.seconds);
});

// Verifies E-30.
test('window: a link in the page starts no name resolution and no connection', async ({ app }) => {
  const file = join(app.dataFolder, 'net-log.json');
  await app.electron.evaluate(({ session }, path) => session.defaultSession.netLog.startLogging(path), file);
  await app.page.evaluate(() => {
    for (const rel of ['dns-prefetch', 'preconnect', 'prefetch', 'modulepreload']) {
      const link = document.createElement('link');
      link.rel = rel;
      link.href = `https://${rel}.leak.invalid/file.js`;
      document.head.append(link);
    }
  });
  // The log is complete when requests of the test, which were sent later, are in it.
  await app.electron.evaluate(({ session }) =>
    session.defaultSession.resolveHost('control.invalid').catch(() => undefined),
  );
  await app.electron.evaluate(({ session }) => session.defaultSession.netLog.stopLogging());
  const log = readFileSync(file, 'utf8');
  expect(log).toContain('control.invalid');
  expect(log.match(/[\w-]+\.leak\.invalid/g) ?? []).toEqual([]);
  // The policy of the page refuses two of the links and reports them.
  app.pageErrors.length = 0;
});
