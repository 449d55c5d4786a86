import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { electronLaunchOptions, launchBrowserHost } from '../support/launch-hosts.ts';
import { callApi } from './api-calls.ts';
import { expect, test } from './fixtures.ts';
import { navigateTo } from './steps.ts';

test(
  'start: the app opens with its views, ends cleanly, and opens again also after a kill',
  { tag: '@smoke' },
  async ({ app }) => {
    for (const view of ['Sessions', 'Audit', 'Connections', 'Settings'])
      await expect(app.page.getByRole('navigation').getByText(view, { exact: true })).toBeVisible();
    await expect(app.page).toHaveTitle(/Session Desk/);
    expect(await app.stop()).toBe(0);
    await app.restart();
    await expect(app.page.getByRole('navigation').first()).toBeVisible();
    await app.kill();
    await app.restart();
    await expect(app.page.getByRole('navigation').first()).toBeVisible();
  },
);

test('start: a second start on the same folder does not affect the first', { tag: '@smoke' }, async ({ app }) => {
  await expect(app.page.getByRole('navigation').first()).toBeVisible();
  const env = { ...(process.env as Record<string, string>), SESSION_DESK_DATA: app.dataFolder };
  const browser = app.page.context().browser();
  if (browser === null) {
    const { executablePath, switches, appFolder } = electronLaunchOptions();
    const second = spawn(executablePath, [...switches, appFolder], { env, stdio: 'ignore' });
    expect(await once(second, 'exit')).toEqual([0, null]);
  } else {
    const second = await launchBrowserHost(env, browser);
    await expect(second.page.getByText(/already/i).first()).toBeVisible();
    await second.stop();
  }
  await expect(app.page.getByRole('navigation').first()).toBeVisible();
});

test(
  'events: the page shows changes of the main process, also after it has reconnected',
  { tag: '@smoke' },
  async ({ workApp: app }) => {
    const { page } = app;
    const practiceBanner = page.getByText('Nothing here reaches a customer');
    await callApi(page, 'workspace.open', { workspace: 'practice' });
    await expect(practiceBanner).toBeVisible();
    await page.reload();
    await expect(practiceBanner).toBeVisible();

    if (app.host === 'browser') {
      // A window without a host exists only in a browser.
      const notice = page.getByText('Session Desk is not responding');
      await page.context().setOffline(true);
      await navigateTo(page, 'Audit');
      await expect(notice).toBeVisible();
      await page.context().setOffline(false);
      await expect(notice).toBeHidden();
      app.pageErrors.splice(0);
    }
    await callApi(page, 'workspace.open', { workspace: 'work' });
    await expect(practiceBanner).toBeHidden();
  },
);
