import { expect, test } from './fixtures.ts';

// Keeps E-20.
test('a listener in the page gets the payload and not the event of Electron', async ({ desk }) => {
  const given = await desk.page.evaluate(
    () =>
      new Promise<unknown[][]>((resolve) => {
        const calls: unknown[][] = [];
        window.sessionDesk?.on('desk.changed', (...all) => {
          calls.push(all);
          if (all[0].workspace === 'practice') resolve(calls);
        });
        void window.sessionDesk?.call('workspace.open', { workspace: 'practice' });
      }),
  );
  for (const call of given) expect(call).toEqual([expect.objectContaining({ dataFolder: desk.dataFolder })]);
});

// Keeps E-05, E-13, E-14.
test('the window stays at home: no other page, no other window, no permission', async ({ desk }) => {
  await expect(desk.page.getByRole('navigation').first()).toBeVisible();
  const outcome = await desk.page.evaluate(async () => {
    const opened = window.open('https://example.invalid/');
    location.href = 'https://example.invalid/';
    const answers = await Promise.all(
      (['geolocation', 'notifications', 'camera'] as PermissionName[]).map(
        async (name) => (await navigator.permissions.query({ name })).state,
      ),
    );
    return { opened: opened === null, answers };
  });
  expect(outcome).toEqual({ opened: true, answers: ['denied', 'denied', 'denied'] });
  expect(desk.page.url()).toMatch(/^app:\/\/desk\//);
  expect(desk.electron.windows()).toHaveLength(1);
});

// Keeps E-17.
test('a frame inside the page has no client', async ({ desk }) => {
  const reached = await desk.page.evaluate(() => {
    const frame = document.createElement('iframe');
    document.body.append(frame);
    return 'sessionDesk' in (frame.contentWindow ?? {});
  });
  expect(reached).toBe(false);
});

for (const address of ['app://desk/', 'about:blank']) {
  // Keeps E-17.
  test(`a call from another window is refused, though it has the preload and shows ${address}`, async ({ desk }) => {
    const opening = desk.electron.waitForEvent('window');
    await desk.electron.evaluate(async ({ app, BrowserWindow }, shown) => {
      const preload = `${app.getAppPath()}/out/preload/preload.cjs`;
      await new BrowserWindow({ show: false, webPreferences: { preload, sandbox: true } }).loadURL(shown);
    }, address);
    const other = await opening;
    const answer = await other.evaluate(() => window.sessionDesk?.call('desk.state', {}));
    expect(answer).toMatchObject({ ok: false, error: { code: 'sender_refused' } });
    const own = await desk.page.evaluate(() => window.sessionDesk?.call('desk.state', {}));
    expect(own).toMatchObject({ ok: true });
    await other.close();
  });
}

test('a crash of the page is told, and the page is loaded again', async ({ desk }) => {
  await expect(desk.page.getByRole('navigation').first()).toBeVisible();
  const told = await desk.electron.evaluate(
    ({ dialog, BrowserWindow }) =>
      new Promise((resolve) => {
        const messages: string[] = [];
        // The box itself would wait for a click.
        Object.assign(dialog, {
          showMessageBox: (_window: unknown, box: { message: string }) => Promise.resolve(messages.push(box.message)),
        });
        const contents = BrowserWindow.getAllWindows()[0]?.webContents;
        contents?.once('did-finish-load', () => resolve(messages));
        contents?.forcefullyCrashRenderer();
      }),
  );
  expect(told).toEqual(['The window stopped working and is loaded again.']);
  await expect
    .poll(() =>
      desk.electron.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript("document.querySelector('nav') !== null"),
      ),
    )
    .toBe(true);
});

// Keeps E-01.
test('a window without our policy has no network all the same', async ({ desk, simulator }) => {
  const outcome = await desk.electron.evaluate(async ({ BrowserWindow }, url) => {
    const other = new BrowserWindow({ show: false, webPreferences: { sandbox: true } });
    const said = await other.loadURL(url).then(
      () => 'loaded',
      (error: unknown) => String(error),
    );
    other.destroy();
    return said;
  }, simulator.url);
  expect(outcome).toContain('ERR_BLOCKED_BY_CLIENT');
  expect((await simulator.log()).map((record) => record.kind)).toEqual(['started']);
});
