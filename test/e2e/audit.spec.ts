import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { connect, goTo, openPractice } from './steps.ts';

async function verify(page: Page) {
  await goTo(page, 'Audit');
  await page.getByRole('button', { name: 'Verify' }).click();
  return page.getByRole('region', { name: 'Verification of the audit log' });
}

test('a practice log is untouched, and its export is written for others to check', async ({ desk }) => {
  const { page } = desk;
  await openPractice(page);
  await expect((await verify(page)).getByText('Untouched: every record is as it was written')).toBeVisible();
  await expect(page.getByRole('row').nth(1)).toContainText('Verified the audit log');

  await page.getByRole('button', { name: 'Export…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: /^Export \d+ records$/ }).click();
  await expect(dialog.getByText(/^\d+ records written$/)).toBeVisible();
  const file = await dialog.getByText(/^\S+\.jsonl$/).textContent();
  if (file === null) throw new Error('The dialog names no file.');
  expect(file.startsWith(join(desk.dataFolder, 'practice', 'exports'))).toBe(true);
  const [opening] = readFileSync(file, 'utf8').split('\n');
  expect(JSON.parse(opening ?? '')).toMatchObject({ format: 'session-desk audit export v1', complete: true });
});

test('a record that was altered in the file is named, and a click leads to it', async ({ desk, simulator }) => {
  await connect(desk.page, 'flinks', simulator);
  await expect(desk.page.getByText('Flinks CA is connected.', { exact: true })).toBeVisible();
  await desk.stop();
  const database = new DatabaseSync(join(desk.dataFolder, 'work', 'desk.sqlite'));
  database.exec("DROP TRIGGER audit_never_changes; UPDATE audit SET operator = 'nobody' WHERE sequence = 2");
  database.close();
  await desk.restart();

  const check = await verify(desk.page);
  await expect(check.getByText('The audit log is damaged')).toBeVisible();
  await expect(check.getByText('A record was altered.')).toBeVisible();
  await check.getByRole('link', { name: 'First bad record: 2' }).click();
  await expect(desk.page.getByRole('row', { selected: true })).toContainText('nobody');
});
