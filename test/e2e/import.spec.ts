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

    const isBad = (number: number): boolean => number % 40 === 7 && number < 480;
    const lines = Array.from({ length: 500 }, (_, at) =>
      isBad(at) ? `,Order-${at},12.50` : `${sessionIdOf(at)},Order-${at},12.50`,
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
    const named = dialog.getByRole('listitem');
    await expect(named).toHaveCount(12);
    await expect(named.first()).toContainText('Line 9, column 1 “session_id” · rejected');
    await expect(named.first()).toContainText('The session ID is missing.');
    await expect(named.last()).toContainText('Line 449, ');

    await dialog.getByRole('button', { name: 'Show sessions' }).click();
    await expect(dialog).toBeHidden();
    await expect(page.getByRole('grid', { name: 'Sessions' })).toHaveAttribute('aria-rowcount', '489');
  },
);
