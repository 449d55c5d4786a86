import { expect, test } from './fixtures.ts';
import { cancelByKeyboard, navigateTo, openPractice } from './steps.ts';

test(
  'practice: the first start explains it, and a session is cancelled and stays in practice',
  { tag: '@smoke' },
  async ({ app: { page } }) => {
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

    await page.getByRole('button', { name: 'Leave practice' }).click();
    await navigateTo(page, 'Sessions');
    await expect(page.getByRole('heading', { name: 'Cancel payment sessions and prove what was done' })).toBeVisible();
    await expect(page.getByRole('row')).toHaveCount(0);
  },
);
