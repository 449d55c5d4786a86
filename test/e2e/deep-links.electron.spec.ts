/** Deep links that the operating system passes to the app. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { electronLaunchOptions, launchElectronHost } from '../support/launch-hosts.ts';
import { expect, test } from './fixtures.ts';
import type { AppUnderTest } from './fixtures.ts';
import { addConnection, addSession, createSession } from './steps.ts';

const deepLinkTo = (name: string) => `session-desk://session/${encodeURIComponent(name)}`;
const envOf = ({ dataFolder }: AppUnderTest) => ({
  ...(process.env as Record<string, string>),
  SESSION_DESK_DATA: dataFolder,
});

/**
 * Starts a second process with the link, as the operating system does. It passes the link to the first one and ends.
 */
async function openDeepLink(appUnderTest: AppUnderTest, link: string): Promise<void> {
  const { executablePath, switches, appFolder } = electronLaunchOptions();
  const second = spawn(executablePath, [...switches, appFolder, link], { env: envOf(appUnderTest), stdio: 'ignore' });
  expect(await once(second, 'exit')).toEqual([0, null]);
}

// Verifies E-24.
test('deep links: a link opens its session, keeps an open dialog, and works at the start', async ({
  app,
  simulator,
}) => {
  const { page } = app;
  const first = await createSession(simulator, 'flinks');
  const second = await createSession(simulator, 'flinks');
  await addConnection(page, 'flinks', simulator);
  await addSession(page, 'Flinks CA', first);
  await addSession(page, 'Flinks CA', second);
  const panel = (of: { reference: string | null }) => page.getByRole('complementary', { name: of.reference ?? '' });
  await page.keyboard.press('Escape');

  await openDeepLink(app, deepLinkTo(first.id));
  await expect(panel(first)).toBeVisible();
  await openDeepLink(app, deepLinkTo(second.reference ?? ''));
  await expect(panel(second)).toBeVisible();

  await page.getByRole('row').nth(1).focus();
  await page.keyboard.press('Delete');
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText(second.reference ?? '');
  await openDeepLink(app, deepLinkTo(first.id));
  await expect(page.getByText('Close this dialog, then open the link again.').first()).toBeAttached();
  await expect(dialog).toContainText(second.reference ?? '');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(panel(second)).toBeVisible();

  await openDeepLink(app, 'session-desk://cancel/Order-1');
  await openDeepLink(app, deepLinkTo('Order-that-is-nowhere'));
  await expect(page.getByText('No session matches “Order-that-is-nowhere”')).toBeVisible();

  await app.stop();
  const again = await launchElectronHost(envOf(app), [deepLinkTo(first.reference ?? '')]);
  await expect(again.page.getByRole('complementary', { name: first.reference ?? '' })).toBeVisible();
  expect(await again.stop()).toBe(0);
});
