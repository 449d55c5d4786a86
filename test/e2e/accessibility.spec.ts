/** axe on every view and the main states, in the light and the dark theme. */
import { expectNoAxeViolations } from './accessibility-checks.ts';
import { expect, test } from './fixtures.ts';
import { navigateTo, openPractice } from './steps.ts';

test('accessibility: axe reports no violation in any view', async ({ app }) => {
  test.setTimeout(180_000);
  const { page } = app;
  await expect(page.getByRole('heading', { name: 'Cancel payment sessions and prove what was done' })).toBeVisible();
  await expectNoAxeViolations(page, 'first run');
  await navigateTo(page, 'Connections');
  await page.getByRole('button', { name: 'Connect a provider' }).first().click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await expectNoAxeViolations(page, 'a new connection');
  await page.keyboard.press('Escape');
  await navigateTo(page, 'Sessions');
  await openPractice(page);
  await expectNoAxeViolations(page, 'sessions');
  await page.getByRole('button', { name: 'Filter' }).click();
  await page.getByRole('menuitem', { name: 'Status' }).press('ArrowRight');
  await page.getByRole('menuitemcheckbox', { name: /^Active/ }).press('Enter');
  await page.getByRole('menuitemcheckbox', { name: /^Unknown/ }).press('Enter');
  await expectNoAxeViolations(page, 'the filter menu');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await page
    .getByRole('row')
    .nth(2)
    .click({ modifiers: ['ControlOrMeta'] });
  await expect(page.getByText('1 selected', { exact: true })).toBeVisible();
  await expectNoAxeViolations(page, 'a selection under a filter');
  await page.getByRole('button', { name: 'Display' }).click();
  await expect(page.getByRole('checkbox', { name: 'Product' })).toBeVisible();
  await expectNoAxeViolations(page, 'the columns');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Clear all' }).click();
  await page.getByRole('row').filter({ hasText: 'Active' }).first().click();
  await page.getByRole('button', { name: 'Cancel session…' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await expectNoAxeViolations(page, 'the cancel dialog');
  await page.keyboard.press('c');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Close' }).last()).toBeFocused();
  await expectNoAxeViolations(page, 'an outcome');
  await page.keyboard.press('Enter');
  await expectNoAxeViolations(page, 'the panel with its story');
  await page.getByRole('button', { name: 'Add session' }).first().click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await expectNoAxeViolations(page, 'a new session');
  await page.keyboard.press('Escape');
  for (const place of ['Audit', 'Connections', 'Settings'] as const) {
    await navigateTo(page, place);
    await expect(page.getByRole('heading', { name: place, level: 1 })).toBeVisible();
    await expectNoAxeViolations(page, place);
  }
});

test('accessibility: axe reports no violation in the states of a batch', async ({ app }) => {
  test.setTimeout(180_000);
  const { page } = app;
  const state = (word: string) => page.locator('header .state').getByText(word, { exact: true });
  await openPractice(page);
  await navigateTo(page, 'Batches');
  await expect(page.getByRole('heading', { name: 'No batches yet' })).toBeVisible();
  await expectNoAxeViolations(page, 'no batches');
  await page.getByRole('button', { name: 'Go to sessions' }).click();
  await page.getByRole('tab', { name: /^Active/ }).click();
  await page.getByRole('row').nth(1).focus();
  await page.keyboard.press('Control+a');
  await page.getByRole('button', { name: /^Cancel [\d,]+…$/ }).click();
  await expect(state('Not confirmed')).toBeVisible();
  await expectNoAxeViolations(page, 'a plan');
  await page.getByRole('link', { name: /^Sessions \d/ }).click();
  await expect(page.getByRole('row').nth(1)).toBeVisible();
  await expectNoAxeViolations(page, 'the sessions of a plan');
  await page.getByRole('button', { name: /^Cancel [\d,]+ sessions…$/ }).click();
  const dialog = page.getByRole('dialog');
  await expectNoAxeViolations(page, 'the confirmation');
  await dialog.getByLabel('Reason').selectOption('Test');
  const field = dialog.getByLabel(/^Type [\d,]+ to confirm$/);
  await field.fill('1');
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('alert')).toBeVisible();
  await expectNoAxeViolations(page, 'a wrong count');
  await field.fill(/[\d,]+/.exec((await dialog.getByRole('heading').textContent()) ?? '')?.[0] ?? '');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Abort batch' })).toBeFocused();
  await expect(state('Running')).toBeVisible();
  await page
    .getByRole('link', { name: 'Plan', exact: true })
    .or(page.getByRole('link', { name: 'Progress', exact: true }))
    .click();
  await expect(page.getByRole('slider').first()).toBeVisible();
  await expectNoAxeViolations(page, 'a running batch');
  await page.getByRole('button', { name: 'Stop…' }).click();
  await expect(dialog).toBeVisible();
  await expectNoAxeViolations(page, 'the stop confirmation');
  await dialog.getByRole('button', { name: 'Stop batch' }).click();
  await expect(state('Stopped')).toBeVisible();
  await expectNoAxeViolations(page, 'results');
  await page.getByRole('button', { name: 'Export…' }).click();
  await expectNoAxeViolations(page, 'the export of results');
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: 'All batches' }).click();
  await expectNoAxeViolations(page, 'the batch list');
  await navigateTo(page, 'Connections');
  await page
    .getByRole('button', { name: /^More actions for/ })
    .first()
    .click();
  await page.getByRole('menuitem', { name: 'Rate limit…' }).click();
  await expectNoAxeViolations(page, 'the rate limit dialog');
});
