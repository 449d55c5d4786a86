/** Pasted lists, and files that are dropped on the session list. */
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { addConnection, navigateTo } from './steps.ts';

const sessionIdOf = (number: number): string => `86095db9-0a9b-4f63-9d0e-${String(number).padStart(12, '0')}`;
/** Twelve of 500 lines have a word beside the ID, like lines that are copied from a chat. */
const isBad = (number: number): boolean => number % 40 === 7 && number < 480;
const lines = Array.from({ length: 500 }, (_, at) => (isBad(at) ? `${sessionIdOf(at)} please!` : sessionIdOf(at)));

const importDialog = (page: Page) => page.getByRole('dialog', { name: 'Import sessions' });

/** Drags a file over the window and drops it. */
async function dropFile(page: Page, name: string, text: string): Promise<void> {
  const dataTransfer = await page.evaluateHandle(
    ([file, content]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([content], file, { type: 'text/csv' }));
      return transfer;
    },
    [name, text] as const,
  );
  await page.dispatchEvent('main', 'dragover', { dataTransfer });
  await expect(page.getByText('Drop the file to import its sessions')).toBeVisible();
  await page.dispatchEvent('main', 'drop', { dataTransfer });
  await expect(page.getByText('Drop the file to import its sessions')).toBeHidden();
}

test('paste: of 500 IDs with 12 invalid ones the valid are tracked and the invalid listed by line', async ({
  app,
  simulator,
}) => {
  const { page } = app;
  await addConnection(page, 'flinks', simulator);
  await expect(page.getByText('Flinks CA is connected.', { exact: true })).toBeVisible();
  await navigateTo(page, 'Sessions');
  await page.keyboard.press('ControlOrMeta+k');
  await page.keyboard.type('paste');
  await page.keyboard.press('Enter');
  const dialog = importDialog(page);
  await dialog.getByLabel('Or paste').fill(lines.join('\n'));
  await expect(dialog.getByRole('cell', { name: sessionIdOf(0) })).toBeVisible();
  await dialog.getByRole('button', { name: 'Check the entire list' }).click();
  await expect(dialog.getByText('488 valid lines · 12 rejected')).toBeVisible();
  await dialog.getByRole('button', { name: 'Import 488 sessions' }).click();
  await expect(dialog.getByText('488 new · 0 changed · 0 unchanged · 12 rejected')).toBeVisible();
  const named = dialog.getByRole('listitem');
  await expect(named).toHaveCount(12);
  await expect(named.first()).toContainText('Line 8');
  await expect(named.first()).toContainText(/The session ID (?:contains|has) spaces/);
  await expect(named.last()).toContainText('Line 448');
  await dialog.getByRole('button', { name: 'Show sessions' }).click();
  await expect(page.getByRole('grid', { name: 'Sessions' })).toHaveAttribute('aria-rowcount', '489');
});

test('drop: a file dropped anywhere on the session list is previewed and imported', async ({ app, simulator }) => {
  const { page } = app;
  await addConnection(page, 'flinks', simulator);
  await expect(page.getByText('Flinks CA is connected.', { exact: true })).toBeVisible();
  await navigateTo(page, 'Sessions');
  await dropFile(page, 'sessions.csv', `session_id,reference\n${sessionIdOf(1)},Order-1\n${sessionIdOf(2)},Order-2\n`);
  await expect(importDialog(page).getByText('sessions.csv')).toBeVisible();
  await importDialog(page).getByRole('button', { name: 'Import 2 sessions' }).click();
  await expect(importDialog(page).getByText('2 new', { exact: false })).toBeVisible();
  await importDialog(page).getByRole('button', { name: 'Show sessions' }).click();
  await expect(page.getByRole('row').filter({ hasText: 'Order-2' })).toBeVisible();
});
