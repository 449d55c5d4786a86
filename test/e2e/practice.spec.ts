import { expect, test } from './fixtures.ts';
import { cancelByKeyboard, navigateTo, openPractice } from './steps.ts';

test('practice: the first start explains Session Desk, and a practice session is cancelled by keyboard', async ({
  app,
}) => {
  const { page } = app;
  await expect(page.getByRole('heading', { name: 'Cancel payment sessions and prove what was done' })).toBeVisible();
  await openPractice(page);
  await expect(page.getByText('Nothing here reaches a customer')).toBeVisible();
  const reference = await page
    .getByRole('row')
    .filter({ hasText: 'Active' })
    .filter({ hasText: 'Flinks Canada' })
    .filter({ hasText: /Order-\d+/ })
    .first()
    .getByText(/^Order-\d+$/)
    .textContent();
  if (reference === null) throw new Error('No active session has a reference.');

  await cancelByKeyboard(page, reference);
  await expect(page.getByRole('dialog').getByText('Cancelled', { exact: true })).toBeVisible();
  await expect(
    page.getByRole('dialog').getByText('The customer now sees that the session has timed out.'),
  ).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(page.getByRole('row').nth(1)).toContainText('Cancelled');

  await navigateTo(page, 'Audit');
  for (const action of ['Cancellation requested', 'Cancellation sent', 'Cancellation completed'])
    await expect(page.getByText(action).first()).toBeVisible();
});

test('practice: its sessions are separate from real sessions and are stored', async ({ app }) => {
  await openPractice(app.page);
  await app.page.getByRole('button', { name: 'Leave practice' }).click();
  await expect(
    app.page.getByRole('heading', { name: 'Cancel payment sessions and prove what was done' }),
  ).toBeVisible();
  await expect(app.page.getByRole('row')).toHaveCount(0);
});

test('practice: Escape never cancels a session', async ({ app }) => {
  const { page } = app;
  await openPractice(page);
  await page.keyboard.press('/');
  await page.keyboard.type('Order-2');
  await expect(page.getByRole('row').nth(1)).toContainText('Order-2');
  await page.getByRole('row').filter({ hasText: 'Active' }).first().click();
  await page.getByRole('button', { name: 'Cancel session…' }).click();
  await page.keyboard.press('c');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await navigateTo(page, 'Audit');
  await expect(page.getByText('Workspace opened').first()).toBeVisible();
  await expect(page.getByText('Cancellation requested')).toHaveCount(0);
});
