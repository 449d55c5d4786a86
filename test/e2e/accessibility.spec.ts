/** axe on every place and state of the walking skeleton, light and dark. */
import { expectNoFinding } from './accessibility-checks.ts';
import { expect, test } from './fixtures.ts';
import { goTo, openPractice } from './steps.ts';

test('axe finds nothing in any place', async ({ desk }) => {
  test.setTimeout(180_000);
  const { page } = desk;
  await expect(page.getByRole('heading', { name: 'Cancel payment sessions, and prove it' })).toBeVisible();
  await expectNoFinding(page, 'first run');
  await goTo(page, 'Connections');
  await page.getByRole('button', { name: 'Connect a provider' }).first().click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await expectNoFinding(page, 'a new connection');
  await page.keyboard.press('Escape');
  await goTo(page, 'Sessions');
  await openPractice(page);
  await expectNoFinding(page, 'sessions');
  await page.getByRole('button', { name: 'Filter' }).click();
  await page.getByRole('menuitem', { name: 'Status' }).press('ArrowRight');
  await page.getByRole('menuitemcheckbox', { name: /^Active/ }).press('Enter');
  await page.getByRole('menuitemcheckbox', { name: /^Unknown/ }).press('Enter');
  await expectNoFinding(page, 'the filter menu');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await page
    .getByRole('row')
    .nth(2)
    .click({ modifiers: ['ControlOrMeta'] });
  await expect(page.getByText('1 selected', { exact: true })).toBeVisible();
  await expectNoFinding(page, 'a selection under a filter');
  await page.getByRole('button', { name: 'Display' }).click();
  await expect(page.getByRole('checkbox', { name: 'Product' })).toBeVisible();
  await expectNoFinding(page, 'the columns');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Clear all' }).click();
  await page.getByRole('row').filter({ hasText: 'Active' }).first().click();
  await page.getByRole('button', { name: 'Cancel session…' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await expectNoFinding(page, 'the cancel dialog');
  await page.keyboard.press('c');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Close' }).last()).toBeFocused();
  await expectNoFinding(page, 'an outcome');
  await page.keyboard.press('Enter');
  await expectNoFinding(page, 'the panel with its story');
  await page.getByRole('button', { name: 'Add session' }).first().click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await expectNoFinding(page, 'a new session');
  await page.keyboard.press('Escape');
  for (const place of ['Audit', 'Connections', 'Settings'] as const) {
    await goTo(page, place);
    await expect(page.getByRole('heading', { name: place, level: 1 })).toBeVisible();
    await expectNoFinding(page, place);
  }
});

test('axe finds nothing in the states of a batch', async ({ desk }) => {
  test.setTimeout(180_000);
  const { page } = desk;
  const state = (word: string) => page.locator('header .state').getByText(word, { exact: true });
  await openPractice(page);
  await goTo(page, 'Batches');
  await expect(page.getByRole('heading', { name: 'No batches yet' })).toBeVisible();
  await expectNoFinding(page, 'no batches');
  await page.getByRole('button', { name: 'Go to sessions' }).click();
  await page.getByRole('tab', { name: /^Active/ }).click();
  await page.getByRole('row').nth(1).focus();
  await page.keyboard.press('Control+a');
  await page.getByRole('button', { name: /^Cancel [\d,]+…$/ }).click();
  await expect(state('Not confirmed')).toBeVisible();
  await expectNoFinding(page, 'a plan');
  await page.getByRole('link', { name: /^Sessions \d/ }).click();
  await expect(page.getByRole('row').nth(1)).toBeVisible();
  await expectNoFinding(page, 'the sessions of a plan');
  await page.getByRole('button', { name: /^Cancel [\d,]+ sessions…$/ }).click();
  const dialog = page.getByRole('dialog');
  await expectNoFinding(page, 'the confirmation');
  await dialog.getByLabel('Reason').selectOption('Test');
  const field = dialog.getByLabel(/^Type [\d,]+ to confirm$/);
  await field.fill('1');
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('alert')).toBeVisible();
  await expectNoFinding(page, 'a wrong count');
  await field.fill(/[\d,]+/.exec((await dialog.getByRole('heading').textContent()) ?? '')?.[0] ?? '');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Call it off' })).toBeFocused();
  await expect(state('Running')).toBeVisible();
  await page
    .getByRole('link', { name: 'Plan', exact: true })
    .or(page.getByRole('link', { name: 'Progress', exact: true }))
    .click();
  await expect(page.getByRole('slider').first()).toBeVisible();
  await expectNoFinding(page, 'a run');
  await page.getByRole('button', { name: 'Stop…' }).click();
  await expect(dialog).toBeVisible();
  await expectNoFinding(page, 'the question before a stop');
  await dialog.getByRole('button', { name: 'Stop batch' }).click();
  await expect(state('Stopped')).toBeVisible();
  await expectNoFinding(page, 'results');
  await page.getByRole('button', { name: 'Export…' }).click();
  await expectNoFinding(page, 'the export of results');
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: 'All batches' }).click();
  await expectNoFinding(page, 'the history');
  await goTo(page, 'Connections');
  await page
    .getByRole('button', { name: /^More for/ })
    .first()
    .click();
  await page.getByRole('menuitem', { name: 'Pace…' }).click();
  await expectNoFinding(page, 'the pace of a connection');
});
