import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { electronStart, startInBrowser } from '../support/launch-hosts.ts';
import { expect, test } from './fixtures.ts';

test('opens with the places of the console', async ({ desk }) => {
  for (const place of ['Sessions', 'Audit', 'Connections', 'Settings']) {
    await expect(desk.page.getByRole('navigation').getByText(place, { exact: true })).toBeVisible();
  }
  await expect(desk.page).toHaveTitle(/Session Desk/);
});

test('ends cleanly and opens again on the same folder', async ({ desk }) => {
  await expect(desk.page.getByRole('navigation').first()).toBeVisible();
  expect(await desk.stop()).toBe(0);
  await desk.restart();
  await expect(desk.page.getByRole('navigation').first()).toBeVisible();
});

test('opens again after the process was killed', async ({ desk }) => {
  await expect(desk.page.getByRole('navigation').first()).toBeVisible();
  await desk.kill();
  await desk.restart();
  await expect(desk.page.getByRole('navigation').first()).toBeVisible();
});

test('a second start on the same folder leaves the first alone', async ({ desk }) => {
  await expect(desk.page.getByRole('navigation').first()).toBeVisible();
  const env = { ...(process.env as Record<string, string>), SESSION_DESK_DATA: desk.dataFolder };
  const browser = desk.page.context().browser();
  if (browser === null) {
    const { executablePath, switches, folder } = electronStart();
    const second = spawn(executablePath, [...switches, folder], { env, stdio: 'ignore' });
    expect(await once(second, 'exit')).toEqual([0, null]);
  } else {
    const second = await startInBrowser(env, browser);
    await expect(second.page.getByText(/already/i).first()).toBeVisible();
    await second.stop();
  }
  await expect(desk.page.getByRole('navigation').first()).toBeVisible();
});
