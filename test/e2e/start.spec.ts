import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { electronLaunchOptions, launchBrowserHost } from '../support/launch-hosts.ts';
import { expect, test } from './fixtures.ts';

test('start: the app opens with its views', async ({ app }) => {
  for (const place of ['Sessions', 'Audit', 'Connections', 'Settings']) {
    await expect(app.page.getByRole('navigation').getByText(place, { exact: true })).toBeVisible();
  }
  await expect(app.page).toHaveTitle(/Session Desk/);
});

test('start: the app ends cleanly and opens again on the same folder', async ({ app }) => {
  await expect(app.page.getByRole('navigation').first()).toBeVisible();
  expect(await app.stop()).toBe(0);
  await app.restart();
  await expect(app.page.getByRole('navigation').first()).toBeVisible();
});

test('start: the app opens again after a kill', async ({ app }) => {
  await expect(app.page.getByRole('navigation').first()).toBeVisible();
  await app.kill();
  await app.restart();
  await expect(app.page.getByRole('navigation').first()).toBeVisible();
});

test('start: a second start on the same folder does not affect the first', async ({ app }) => {
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
