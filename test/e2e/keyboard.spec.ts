/** The first of the three jobs by keyboard alone, with its keys counted. */
import { expect, test } from './fixtures.ts';
import { openPractice } from './steps.ts';

/** Keys beside the letters of what is searched for: `/`, Enter, Delete, a reason by its letter, Enter. */
const most = 5;

test('from the start to cancelled it takes /, the reference, Enter, Delete, a reason and Enter, and Tab is not needed', async ({ desk }) => {
  const { page } = desk;
  await openPractice(page);
  const row = page.getByRole('row').filter({ hasText: 'Active' }).filter({ hasText: /Order-\d+/ }).first();
  const [reference = ''] = /Order-\d+/.exec((await row.textContent()) ?? '') ?? [];
  expect(reference).not.toBe('');

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
  expect(pressed).toBeLessThanOrEqual(most);

  // And back where the next one can begin.
  await expect(page.getByRole('button', { name: 'Close' }).last()).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(page.locator('[role="row"]:focus')).toContainText('Cancelled');
  await page.keyboard.press('/');
  await expect(page.getByRole('textbox', { name: 'Search' })).toBeFocused();
});

test('a reason is there by its first letter, its neighbours by the arrows, and Escape keeps the session', async ({ desk }) => {
  const { page } = desk;
  await openPractice(page);
  await page.getByRole('row').filter({ hasText: 'Active' }).first().focus();
  await page.keyboard.press('Delete');
  const reason = page.getByLabel('Reason');
  await expect(reason).toBeFocused();
  await page.keyboard.press('d');
  await expect(reason).toHaveValue('Duplicate payment');
  await page.keyboard.press('ArrowDown');
  await expect(reason).toHaveValue('Wrong amount');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
});

test('the palette reaches a session and its cancel dialog from any place, and Escape leads back', async ({ desk }) => {
  const { page } = desk;
  await openPractice(page);
  const row = page.getByRole('row').filter({ hasText: 'Active' }).filter({ hasText: /Order-\d+/ }).first();
  const [reference = ''] = /Order-\d+/.exec((await row.textContent()) ?? '') ?? [];
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
