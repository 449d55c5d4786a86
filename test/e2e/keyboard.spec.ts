/** Cancel a session, run a batch and verify the audit log by keyboard only. The first test counts the keys. */
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { addSession, batchStateLabel, cancelByKeyboard, createSession, parseNumber, pressTabUntil } from './steps.ts';

/** Keys besides the search text: `/`, Enter, Delete, the first letter of a reason, Enter. */
const maxKeyPresses = 5;

test('keyboard: a cancellation takes /, the reference, Enter, Delete, a reason and Enter, without Tab', async ({
  practiceApp: { page },
}) => {
  const row = page
    .getByRole('row')
    .filter({ hasText: 'Active' })
    .filter({ has: page.locator('.reference', { hasText: /^Order-\d+$/ }) })
    .first();
  const reference = (await row.locator('.reference').textContent()) ?? '';
  expect(reference).toMatch(/^Order-\d+$/);

  let pressed = 0;
  const press = async (key: string): Promise<void> => {
    pressed += 1;
    await page.keyboard.press(key);
  };
  await press('/');
  await page.keyboard.type(reference);
  await press('Enter');
  await expect(page.locator('[role="row"]:focus')).toContainText(reference);
  await press('Delete');
  await expect(page.getByRole('dialog')).toContainText(reference);
  await expect(page.getByLabel('Reason')).toBeFocused();
  await press('c');
  await expect(page.getByLabel('Reason')).toHaveValue('Customer asked');
  await press('Enter');
  await expect(page.getByRole('dialog').getByText('Cancelled', { exact: true })).toBeVisible();
  expect(pressed).toBeLessThanOrEqual(maxKeyPresses);

  // The focus returns to a position from which the next cancellation can start.
  await expect(page.getByRole('button', { name: 'Close' }).last()).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(page.locator('[role="row"]:focus')).toContainText('Cancelled');
  await page.keyboard.press('/');
  await expect(page.getByRole('textbox', { name: 'Search' })).toBeFocused();
});

test('keyboard: the command palette opens a session and its cancel dialog, and Escape closes it', async ({
  practiceApp: { page },
}) => {
  const row = page
    .getByRole('row')
    .filter({ hasText: 'Active' })
    .filter({ has: page.locator('.reference', { hasText: /^Order-\d+$/ }) })
    .first();
  const reference = (await row.locator('.reference').textContent()) ?? '';
  await page.keyboard.press('ControlOrMeta+k');
  await page.keyboard.type('go to audit');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Audit', level: 1 })).toBeVisible();
  await page.keyboard.press('ControlOrMeta+k');
  await page.keyboard.type(reference);
  await expect(page.locator('[role="option"][data-highlighted]')).toHaveText(new RegExp(`^\\s*${reference}`));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('complementary', { name: reference })).toBeVisible();
  await page.keyboard.press('Delete');
  await expect(page.getByRole('dialog')).toContainText(reference);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
});

const focusedElement = (page: Page) => page.locator(':focus');

/** Counts the mouse events from now on. */
async function countMouseEvents(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const count = () => {
      document.body.dataset['pointed'] = String(Number(document.body.dataset['pointed'] ?? 0) + 1);
    };
    for (const event of ['pointerdown', 'wheel']) window.addEventListener(event, count, true);
  });
  return () => page.evaluate(() => Number(document.body.dataset['pointed'] ?? 0));
}

test('keyboard: a batch is planned, confirmed, paused, finished and retried without a mouse', async ({ app }) => {
  test.setTimeout(120_000);
  const { page } = app;
  const pointed = await countMouseEvents(page);
  await pressTabUntil(page, /^Open practice$/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('row').nth(1)).toBeVisible({ timeout: 30_000 });
  await page.keyboard.press('/');
  await page.keyboard.type('Training');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await expect(batchStateLabel(page, 'Not confirmed')).toBeVisible();
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused();

  await pressTabUntil(page, /^Cancel \d+ sessions…$/);
  const eligibleCount = parseNumber(await focusedElement(page).textContent());
  expect(eligibleCount).toBeGreaterThan(10);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Keep sessions' })).toBeFocused();
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Shift+Tab');
  await expect(page.getByLabel('Reason')).toBeFocused();
  await page.keyboard.press('a');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Abort batch' })).toBeFocused();

  await expect(batchStateLabel(page, 'Running')).toBeVisible();
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
  await pressTabUntil(page, /^Pause$/);
  await page.keyboard.press('Enter');
  await expect(batchStateLabel(page, 'Paused')).toBeVisible();
  // The same button resumes the batch.
  await expect(focusedElement(page)).toHaveText('Resume');
  await pressTabUntil(page, /^Rate limit of Flinks/);
  await page.keyboard.press('End');
  await expect(focusedElement(page)).toHaveAttribute('aria-valuetext', '1,000 requests per second');
  await pressTabUntil(page, /^Resume$/, 'Shift+Tab');
  await page.keyboard.press('Enter');
  await expect(batchStateLabel(page, 'Finished')).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused();

  await pressTabUntil(page, /^Not found/);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/outcome=not_found/);
  await pressTabUntil(page, /Training-another-account/);
  await page.keyboard.press('Enter');
  const session = page.getByRole('complementary', { name: /^Training-another-account/ });
  await expect(session.getByText('Timeline')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(session).toBeHidden();
  await expect(focusedElement(page)).toContainText('Training-another-account');

  await pressTabUntil(page, /^Retry \d+ failed…$/, 'Shift+Tab');
  const failed = parseNumber(await focusedElement(page).textContent());
  await page.keyboard.press('Enter');
  await expect(batchStateLabel(page, 'Not confirmed')).toBeVisible();
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
  await expect(page.getByRole('button', { name: `Cancel ${failed} sessions…` })).toBeVisible();
  await pressTabUntil(page, /^Discard plan$/);
  await page.keyboard.press('Enter');
  // The list has the focus on the row that was open.
  await expect(focusedElement(page)).toHaveRole('row');
  await expect(focusedElement(page)).toContainText('Discarded');
  expect(await pointed()).toBe(0);
});

test('keyboard: the audit log is filtered, opened, verified and exported', async ({ workApp: { page }, simulator }) => {
  const session = await createSession(simulator, 'flinks');
  await addSession(page, 'Flinks CA', session);
  const pointed = await countMouseEvents(page);
  await cancelByKeyboard(page, session.id);
  await expect(page.getByRole('dialog').getByText('Cancelled', { exact: true })).toBeVisible();
  await page.keyboard.press('Enter');
  await page.keyboard.press('ControlOrMeta+k');
  await page.keyboard.type('go to audit');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Audit', level: 1 })).toBeVisible();

  await pressTabUntil(page, /^Filter$/);
  await page.keyboard.press('Enter');
  await page.keyboard.press('o');
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('menuitemcheckbox', { name: 'Cancelled', exact: true })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByText(/^\d+ records? match(?:es)?$/)).toBeVisible();
  await expect(focusedElement(page)).toHaveText('Filter');
  await pressTabUntil(page, /^\d\d:\d\d.*Cancellation completed/);
  await page.keyboard.press('Enter');
  const record = page.getByRole('complementary', { name: 'Cancellation completed' });
  await expect(record.getByText('Its MAC is valid: the record was not changed.')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(record).toBeHidden();
  await expect(focusedElement(page)).toHaveRole('row');

  await pressTabUntil(page, /^Verify$/, 'Shift+Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByText('Intact: every record is as it was written')).toBeVisible();
  await expect(focusedElement(page)).toHaveText('Verify');
  await pressTabUntil(page, /^Export…$/);
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await expect(focusedElement(page)).toHaveText(/^Export \d+ records?$/);
  await page.keyboard.press('Enter');
  await expect(dialog.getByText(/^\d+ records? exported$/)).toBeVisible();
  await expect(focusedElement(page)).toHaveText('Close');
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  await expect(focusedElement(page)).toHaveText('Export…');
  expect(await pointed()).toBe(0);
});
