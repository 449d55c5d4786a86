/** Connections against a real server that answers as it is told to: every verdict, what is refused before, and what may be changed. */
import type { Locator, Page } from '@playwright/test';
import type { FaultRule } from '../../src-main/core/practice/index.ts';
import { expectNoFinding } from './axe.ts';
import { expect, test } from './fixtures.ts';
import { activeSessions, addSession, connect, goTo } from './steps.ts';

const item = (page: Page, name: string): Locator => page.getByRole('listitem').filter({ has: page.getByRole('heading', { name, exact: true }) });
const testAgain = (page: Page, name: string): Promise<void> => item(page, name).getByRole('button', { name: 'Test', exact: true }).click();

async function choose(page: Page, name: string, act: string): Promise<Locator> {
  await page.getByRole('button', { name: `More for ${name}` }).click();
  await page.getByRole('menuitem', { name: act, exact: true }).click();
  return page.getByRole('dialog');
}

test('each verdict of a test is said in words, with what helps', async ({ desk, simulator }) => {
  test.setTimeout(180_000);
  const { page } = desk;
  await connect(page, 'flinks', simulator);
  const flinks = item(page, 'Flinks CA');
  await expect(flinks.getByText(/^The credential works\. Answered in \d+ ms\.$/)).toBeVisible();
  await expectNoFinding(page, 'accepted');

  const faults: readonly [Pick<FaultRule, 'fault' | 'waitSeconds'>, title: string, text: RegExp][] = [
    [{ fault: 'throttled', waitSeconds: 41.2 }, 'Too many requests for now', /asks to wait 42 s/],
    [{ fault: 'server_error' }, 'Flinks Pay has trouble of its own', /The credential was not judged/],
    [{ fault: 'html_body' }, 'That is not how Flinks Pay answers', /a sign-in page of the network/],
    [{ fault: 'broken_json' }, 'That is not how Flinks Pay answers', /Check the network and the address/],
    [{ fault: 'cut_body' }, 'The connection broke', /so it does not count/],
    [{ fault: 'reset' }, 'The connection broke', /A test changes nothing there/],
    [{ fault: 'redirect' }, 'The address leads elsewhere', /The console never follows/],
  ];
  for (const [fault, title, text] of faults) {
    await simulator.control('setFaults', [{ route: 'authorize', provider: 'flinks', ...fault }]);
    await testAgain(page, 'Flinks CA');
    await expect(flinks.getByText(title), fault.fault).toBeVisible();
    await expect(flinks.getByText(text), fault.fault).toBeVisible();
    await expectNoFinding(page, fault.fault);
  }
  await simulator.control('setFaults', []);
  await flinks.getByRole('button', { name: 'Test again' }).click();
  await expect(flinks.getByText(/^The credential works\./)).toBeVisible();

  await connect(page, 'xendit', simulator, { secret: 'xnd_development_somebody_elses_key' });
  const xendit = item(page, 'Xendit ID');
  await expect(xendit.getByText('The credential was refused')).toBeVisible();
  await expect(xendit.getByText(/INVALID_API_KEY/)).toBeVisible();
  await expectNoFinding(page, 'refused');
  await xendit.getByRole('button', { name: 'Replace secret…' }).click();
  await page.getByRole('dialog').getByLabel(/^Secret key/).fill(simulator.credentials.xendit.secretKey);
  await page.keyboard.press('Enter');
  await expect(xendit.getByText(/^The credential works\./)).toBeVisible();
  await simulator.control('setSwitches', { xendit: { refuses: 'address' } });
  await testAgain(page, 'Xendit ID');
  await expect(xendit.getByText('This machine’s address is not allowed')).toBeVisible();
  await expectNoFinding(page, 'an address that is not allowed');

  await simulator.stop();
  await testAgain(page, 'Xendit ID');
  await expect(xendit.getByText(/^127\.0\.0\.1:\d+ could not be reached$/)).toBeVisible();
  await expect(xendit.getByText('ECONNREFUSED')).toBeVisible();
  await expectNoFinding(page, 'unreachable');
  await goTo(page, 'Audit');
  await expect(page.getByText('Tested a connection').first()).toBeVisible();
});

test('what belongs to the other environment is refused before it is stored, and production is agreed to first', async ({ desk, simulator }) => {
  const { page } = desk;
  const dialog = page.getByRole('dialog');
  await connect(page, 'xendit', simulator, { secret: 'xnd_production_a_live_key' });
  await expect(dialog.getByText(/This is a live key, and the connection is for the sandbox/)).toBeVisible();
  await expect(dialog.getByLabel(/^Secret key/)).toBeFocused();
  await dialog.getByRole('radio', { name: 'Flinks Pay' }).check();
  await dialog.getByRole('radio', { name: 'Another address' }).check();
  await dialog.getByLabel(/^Base URL/).fill('https://payments.flinksapp.com');
  await dialog.getByLabel(/^Client id/).fill('a-client');
  await dialog.getByLabel(/^Client secret/).fill('a-secret');
  await dialog.getByRole('button', { name: 'Connect and test' }).click();
  await expect(dialog.getByText(/is the provider's production host, but this connection is for sandbox/)).toBeVisible();
  await dialog.getByRole('radio', { name: 'Production' }).check();
  await dialog.getByLabel(/^Base URL/).fill('http://payments.flinksapp.com');
  await dialog.getByRole('button', { name: 'Connect production and test' }).click();
  await expect(dialog.getByText('Confirm that production is meant.')).toBeVisible();
  await expectNoFinding(page, 'production, not agreed to');
  await dialog.getByLabel(/^This is a production account/).check();
  await dialog.getByRole('button', { name: 'Connect production and test' }).click();
  await expect(dialog.getByText(/must begin with https:\/\//)).toBeVisible();
  await expectNoFinding(page, 'an address that is refused');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('heading', { name: 'No provider connected' })).toBeVisible();
});

test('a connection is locked, changed, and its secret forgotten and entered again', async ({ desk, simulator }) => {
  test.setTimeout(120_000);
  const { page } = desk;
  await connect(page, 'flinks', simulator);
  const [session] = await activeSessions(simulator, 'flinks');
  if (!session) throw new Error('The simulator has no active session.');
  await expect(item(page, 'Flinks CA').getByText(/^The credential works\./)).toBeVisible();
  await addSession(page, 'Flinks CA', session);

  await goTo(page, 'Connections');
  await page.getByRole('button', { name: 'More for Flinks CA' }).click();
  await page.getByRole('menuitem', { name: 'Lock', exact: true }).click();
  await expect(item(page, 'Flinks CA').getByText('Locked', { exact: true })).toBeVisible();
  await expectNoFinding(page, 'locked');
  await goTo(page, 'Sessions');
  await page.getByRole('row').nth(1).focus();
  await page.keyboard.press('Delete');
  await page.keyboard.press('c');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog').getByText(/is locked/)).toBeVisible();
  expect((await simulator.control('session', session.id))?.state).toBe('active');
  await page.keyboard.press('Escape');
  await goTo(page, 'Connections');
  await item(page, 'Flinks CA').getByRole('button', { name: 'Unlock' }).click();

  const changing = await choose(page, 'Flinks CA', 'Change…');
  await expectNoFinding(page, 'a change');
  await changing.getByLabel(/^Client id/).fill('another-account');
  await changing.getByRole('button', { name: 'Save' }).click();
  await expect(changing.getByText(/has 1 tracked sessions of this account/)).toBeVisible();
  await changing.getByLabel(/^Client id/).fill(simulator.credentials.flinks.clientId);
  await changing.getByLabel('Name', { exact: true }).fill('Flinks East');
  await changing.getByLabel(/^Session window/).fill('30');
  await changing.getByRole('button', { name: 'Save' }).click();
  const changed = item(page, 'Flinks East');
  await expect(changed.getByText('Sessions run out after 30 minutes')).toBeVisible();
  await expect(changed.getByText(/^The credential works\./)).toBeVisible();

  const forgetting = await choose(page, 'Flinks East', 'Forget secret…');
  await expect(forgetting.getByRole('button', { name: 'Keep secret' })).toBeFocused();
  await expectNoFinding(page, 'a secret about to be forgotten');
  await forgetting.getByRole('button', { name: 'Forget secret' }).click();
  await expect(changed.getByText('Secret missing: enter it again')).toBeVisible();
  await expectNoFinding(page, 'a secret that is missing');
  await desk.restart();
  await goTo(desk.page, 'Connections');
  const after = item(desk.page, 'Flinks East');
  await expect(after.getByText('Secret missing: enter it again')).toBeVisible();
  await expect(after.getByRole('button', { name: 'Test', exact: true })).toBeDisabled();
  await after.getByRole('button', { name: 'Enter secret…' }).click();
  await desk.page.getByRole('dialog').getByLabel(/^Client secret/).fill(simulator.credentials.flinks.clientSecret);
  await desk.page.keyboard.press('Enter');
  await expect(after.getByText(/^The credential works\./)).toBeVisible();
});

test('a provider is connected by keyboard alone', async ({ desk, simulator }) => {
  const { page } = desk;
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
  await expect(dialog.getByRole('radio', { name: 'Another address' })).toBeChecked();
  await keyboard.press('Tab');
  await keyboard.type(simulator.url);
  await keyboard.press('Tab');
  await expect(dialog.getByLabel(/^Secret key/)).toBeFocused();
  await keyboard.type(simulator.credentials.xendit.secretKey);
  await keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  await expect(item(page, 'Xendit sandbox').getByText(/^The credential works\./)).toBeVisible();
});
