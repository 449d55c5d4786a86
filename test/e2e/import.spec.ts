/** Imports of a file, of a file that is dropped on the session list, and of a pasted list. */
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { addConnection, navigateTo } from './steps.ts';

const sessionIdOf = (number: number): string => `86095db9-0a9b-4f63-9d0e-${String(number).padStart(12, '0')}`;

test(
  'import: of 500 lines with 12 invalid ones the valid are tracked and the invalid listed',
  { tag: '@smoke' },
  async ({ app: { page }, simulator }) => {
    await addConnection(page, 'flinks', simulator);
    await expect(page.getByText('Flinks CA is connected.', { exact: true })).toBeVisible();
    await navigateTo(page, 'Sessions');
    await page.getByRole('button', { name: 'Add session' }).first().click();
    await page.getByRole('button', { name: 'Import sessions' }).click();
    const dialog = page.getByRole('dialog', { name: 'Import sessions' });

    await dialog.locator('input[type=file]').setInputFiles({
      name: 'no-ids.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from('reference,amount\nOrder-1,12.50\n'),
    });
    await expect(dialog.getByRole('alert')).toContainText(
      'No column is selected for the session ID. Select the column that holds it: reference, amount.',
    );
    await expect(dialog.getByRole('button', { name: 'Import sessions' })).toBeDisabled();

    const isInvalid = (number: number): boolean => number % 40 === 7 && number < 480;
    const lines = Array.from({ length: 500 }, (_, at) =>
      isInvalid(at) ? `,Order-${at},12.50` : `${sessionIdOf(at)},Order-${at},12.50`,
    );
    await dialog.locator('input[type=file]').setInputFiles({
      name: 'sessions.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(['session_id,reference,amount', ...lines, ''].join('\n')),
    });
    await expect(dialog.getByRole('cell', { name: sessionIdOf(0) })).toBeVisible();
    await expect(dialog.getByText('detected from their names')).toBeVisible();

    await dialog.getByRole('button', { name: 'Check the entire list' }).click();
    await expect(dialog.getByText('488 valid lines · 12 rejected')).toBeVisible();
    await dialog.getByRole('button', { name: 'Import 488 sessions' }).click();
    await expect(dialog.getByText('488 new · 0 changed · 0 unchanged · 12 rejected')).toBeVisible();
    const problemItems = dialog.getByRole('listitem');
    await expect(problemItems).toHaveCount(12);
    await expect(problemItems.first()).toContainText('Line 9, column 1 “session_id” · rejected');
    await expect(problemItems.first()).toContainText('The session ID is missing.');
    await expect(problemItems.last()).toContainText('Line 449, ');

    await dialog.getByRole('button', { name: 'Show sessions' }).click();
    await expect(dialog).toBeHidden();
    await expect(page.getByRole('grid', { name: 'Sessions' })).toHaveAttribute('aria-rowcount', '489');
  },
);

/** Drags a file over the window and drops it. */
async function dropFile(page: Page, name: string, text: string): Promise<void> {
  const hint = page.getByText('Drop the file to import its sessions');
  const dataTransfer = await page.evaluateHandle(
    ([file, content]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([content], file, { type: 'text/csv' }));
      return transfer;
    },
    [name, text] as const,
  );
  await page.dispatchEvent('main', 'dragover', { dataTransfer });
  await expect(hint).toBeVisible();
  await page.dispatchEvent('main', 'drop', { dataTransfer });
  await expect(hint).toBeHidden();
}

test('import: a file dropped on the session list and a pasted list are previewed and imported', async ({
  workApp: { page },
}) => {
  const dialog = page.getByRole('dialog', { name: 'Import sessions' });
  await dropFile(
    page,
    'sessions.csv',
    `session_id,reference\n${sessionIdOf(901)},Drop-1\n${sessionIdOf(902)},Drop-2\n`,
  );
  await expect(dialog.getByText('sessions.csv')).toBeVisible();
  await dialog.getByLabel(/^Connection/).selectOption({ label: 'Flinks CA · Sandbox' });
  await dialog.getByRole('button', { name: 'Import 2 sessions' }).click();
  await expect(dialog.getByText('2 new', { exact: false })).toBeVisible();
  await dialog.getByRole('button', { name: 'Show sessions' }).click();
  await expect(page.getByRole('row').filter({ hasText: 'Drop-2' })).toBeVisible();

  await page.keyboard.press('ControlOrMeta+k');
  await page.keyboard.type('paste');
  await page.keyboard.press('Enter');
  // The second line has a word beside the ID, like a line that is copied from a chat.
  await dialog.getByLabel('Or paste').fill(`${sessionIdOf(903)}\n${sessionIdOf(904)} please!\n${sessionIdOf(905)}`);
  await expect(dialog.getByRole('cell', { name: sessionIdOf(903) })).toBeVisible();
  await dialog.getByRole('button', { name: 'Import 2 sessions' }).click();
  await expect(dialog.getByText('2 new · 0 changed · 0 unchanged · 1 rejected')).toBeVisible();
  await expect(dialog.getByRole('listitem')).toHaveCount(1);
  await expect(dialog.getByRole('listitem')).toContainText('Line 2');
  await expect(dialog.getByRole('listitem')).toContainText(/The session ID (?:contains|has) spaces/);
});
