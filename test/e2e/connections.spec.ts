/**
 * Connections against the simulator: validation before storage, and changes. Test results: `connection-test.*.spec.ts`.
 */
import type { Locator, Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { addConnection, addSession, createSession, navigateTo } from './steps.ts';
import { connectionItem as item } from './connection-test.ts';

async function chooseMenuItem(page: Page, name: string, label: string): Promise<Locator> {
  await page.getByRole('button', { name: `More actions for ${name}` }).click();
  await page.getByRole('menuitem', { name: label, exact: true }).click();
  return page.getByRole('dialog');
}

test('connections: a secret of the other environment is refused, and production needs consent first', async ({
  workApp: { page },
  simulator,
}) => {
  const dialog = page.getByRole('dialog');
  await addConnection(page, 'xendit', simulator, { secret: 'xnd_production_a_live_key' });
  await expect(dialog.getByText(/This is a live key, and the connection is for the sandbox/)).toBeVisible();
  await expect(dialog.getByLabel(/^Secret key/)).toBeFocused();
  await dialog.getByRole('radio', { name: 'Flinks Pay' }).check();
  await dialog.getByRole('radio', { name: 'Custom address' }).check();
  await dialog.getByLabel(/^Base URL/).fill('https://payments.flinksapp.com');
  await dialog.getByLabel(/^Client ID/).fill('a-client');
  await dialog.getByLabel(/^Client secret/).fill('a-secret');
  await dialog.getByRole('button', { name: 'Connect and test' }).click();
  await expect(
    dialog.getByText(/is the production host of the provider, but this connection is for the sandbox/),
  ).toBeVisible();
  await dialog.getByRole('radio', { name: 'Production' }).check();
  await dialog.getByLabel(/^Base URL/).fill('http://payments.flinksapp.com');
  await dialog.getByRole('button', { name: 'Connect production and test' }).click();
  await expect(dialog.getByText('Confirm that you want to connect a production account.')).toBeVisible();
  await dialog.getByLabel(/^This is a production account/).check();
  await dialog.getByRole('button', { name: 'Connect production and test' }).click();
  await expect(dialog.getByText(/must begin with https:\/\//)).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(item(page, 'Xendit ID')).toHaveCount(1);
});

test('connections: a connection is locked and changed, and its secret is deleted and entered again', async ({
  app,
  simulator,
}) => {
  test.setTimeout(120_000);
  const { page } = app;
  await addConnection(page, 'flinks', simulator);
  const session = await createSession(simulator, 'flinks');
  await expect(item(page, 'Flinks CA').getByText(/^The credential works\./)).toBeVisible();
  await addSession(page, 'Flinks CA', session);

  await navigateTo(page, 'Connections');
  await page.getByRole('button', { name: 'More actions for Flinks CA' }).click();
  await page.getByRole('menuitem', { name: 'Lock', exact: true }).click();
  await expect(item(page, 'Flinks CA').getByText('Locked', { exact: true })).toBeVisible();
  await navigateTo(page, 'Sessions');
  await page.getByRole('row').nth(1).focus();
  await page.keyboard.press('Delete');
  await page.keyboard.press('c');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog').getByText(/is locked/)).toBeVisible();
  expect((await simulator.control('getSession', session.id))?.state).toBe('active');
  await page.keyboard.press('Escape');
  await navigateTo(page, 'Connections');
  await item(page, 'Flinks CA').getByRole('button', { name: 'Unlock' }).click();

  const changing = await chooseMenuItem(page, 'Flinks CA', 'Change…');
  await changing.getByLabel(/^Client ID/).fill('another-account');
  await changing.getByRole('button', { name: 'Save' }).click();
  await expect(changing.getByText(/has 1 tracked session of this account/)).toBeVisible();
  await changing.getByLabel(/^Client ID/).fill(simulator.credentials.flinks.clientId);
  await changing.getByLabel('Name', { exact: true }).fill('Flinks East');
  await changing.getByLabel(/^Session window/).fill('30');
  await changing.getByRole('button', { name: 'Save' }).click();
  const changed = item(page, 'Flinks East');
  await expect(changed.getByText('Sessions expire after 30 minutes')).toBeVisible();
  await expect(changed.getByText(/^The credential works\./)).toBeVisible();

  const forgetting = await chooseMenuItem(page, 'Flinks East', 'Delete secret…');
  await expect(forgetting.getByRole('button', { name: 'Keep secret' })).toBeFocused();
  await forgetting.getByRole('button', { name: 'Delete secret' }).click();
  await expect(changed.getByText('Secret missing: enter it again')).toBeVisible();
  await app.restart();
  await navigateTo(app.page, 'Connections');
  const after = item(app.page, 'Flinks East');
  await expect(after.getByText('Secret missing: enter it again')).toBeVisible();
  await expect(after.getByRole('button', { name: 'Test', exact: true })).toBeDisabled();
  await after.getByRole('button', { name: 'Enter secret…' }).click();
  await app.page
    .getByRole('dialog')
    .getByLabel(/^Client secret/)
    .fill(simulator.credentials.flinks.clientSecret);
  await app.page.keyboard.press('Enter');
  await expect(after.getByText(/^The credential works\./)).toBeVisible();
});

test('connections: a provider is connected by keyboard only', async ({ workApp: { page }, simulator }) => {
  const { keyboard } = page;
  await page.keyboard.press('Control+k');
  await keyboard.type('connect a provider');
  await keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('radio', { name: 'Flinks Pay' })).toBeFocused();
  await keyboard.press('ArrowDown');
  await expect(dialog.getByRole('radio', { name: 'Xendit', exact: true })).toBeChecked();
  await keyboard.press('Tab');
  await expect(dialog.getByRole('radio', { name: 'Sandbox' })).toBeFocused();
  await keyboard.press('Tab');
  await keyboard.press('ArrowDown');
  await expect(dialog.getByRole('radio', { name: 'Custom address' })).toBeChecked();
  await keyboard.press('Tab');
  await keyboard.type(simulator.url);
  await keyboard.press('Tab');
  await expect(dialog.getByLabel(/^Secret key/)).toBeFocused();
  await keyboard.type(simulator.credentials.xendit.secretKey);
  await keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  await expect(item(page, 'Xendit sandbox').getByText(/^The credential works\./)).toBeVisible();
});
