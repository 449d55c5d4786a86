/** Filter, saved views, selection, status check and export of the session list. */
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { expect, openWorkspace, test } from './fixtures.ts';
import { nonEmpty } from '../support/non-empty.ts';

const grid = (page: Page) => page.getByRole('grid', { name: 'Sessions' });
const selectionBar = (page: Page) => page.getByRole('region', { name: 'Selection' });

async function readRowCount(page: Page): Promise<number> {
  return Number(await grid(page).getAttribute('aria-rowcount')) - 1;
}

async function addFilter(page: Page, kind: string, choice: RegExp): Promise<void> {
  await page.getByRole('button', { name: 'Filter' }).click();
  await page.getByRole('menuitem', { name: kind }).press('ArrowRight');
  await page.getByRole('menuitemcheckbox', { name: choice }).press('Enter');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('menu')).toHaveCount(0);
}

test('session filter: each chip is a history entry for browser back and forward', async ({ practiceApp: { page } }) => {
  const all = await readRowCount(page);
  await addFilter(page, 'Provider', /^Xendit/);
  await expect(page.getByRole('button', { name: 'Remove: Provider: Xendit' })).toBeVisible();
  await expect.poll(() => readRowCount(page)).toBeLessThan(all);
  const xendit = await readRowCount(page);
  await page.getByRole('tab', { name: /^Active/ }).click();
  await expect.poll(() => readRowCount(page)).toBeLessThan(xendit);
  await page.goBack();
  await expect.poll(() => readRowCount(page)).toBe(xendit);
  await page.goBack();
  await expect.poll(() => readRowCount(page)).toBe(all);
  await page.goForward();
  await expect(page.getByRole('button', { name: 'Remove: Provider: Xendit' })).toBeVisible();
  await expect.poll(() => readRowCount(page)).toBe(xendit);
  await page.getByRole('button', { name: 'Remove: Provider: Xendit' }).click();
  await expect.poll(() => readRowCount(page)).toBe(all);
});

test('saved view: it is saved, present after a restart and restored by undo', async ({ practiceApp: app }) => {
  await addFilter(app.page, 'Older than', /^1 hour$/);
  await app.page.getByRole('button', { name: 'Age' }).click();
  await app.page.getByRole('button', { name: 'Views' }).click();
  await app.page.getByRole('menuitem', { name: 'Save this view…' }).click();
  await app.page.getByRole('dialog').getByLabel('Name').fill('Old ones');
  await app.page.keyboard.press('Enter');
  await expect(app.page.getByText('View “Old ones” is saved.', { exact: true })).toBeVisible();
  await app.restart();
  const { page } = app;
  await openWorkspace(page, 'practice');
  await page.getByRole('button', { name: 'Views' }).click();
  await page.getByRole('menuitem', { name: 'Old ones' }).click();
  await expect(page.getByRole('button', { name: 'Remove: Older than 1 hour' })).toBeVisible();
  await expect(page.getByRole('columnheader', { name: 'Age' })).toHaveAttribute('aria-sort', 'ascending');
  await page.getByRole('button', { name: 'Views' }).click();
  await page.getByRole('menuitem', { name: 'Remove a view' }).press('ArrowRight');
  await page.getByRole('menuitem', { name: 'Old ones', exact: true }).press('Enter');
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('button', { name: 'Views' }).click();
  await expect(page.getByRole('menuitem', { name: 'Old ones' })).toBeVisible();
});

test('status check: all matches except three are checked, and the check is stopped', async ({
  practiceApp: { page },
}) => {
  await page.getByRole('tab', { name: /^Unknown/ }).click();
  await expect(page.getByRole('row').nth(1)).toContainText('Unknown');
  const matching = await readRowCount(page);
  await page.getByRole('row').nth(1).focus();
  await page.keyboard.press('ControlOrMeta+a');
  for (const index of [1, 2, 4])
    await page
      .getByRole('row')
      .nth(index)
      .click({ modifiers: ['ControlOrMeta'] });
  await expect(selectionBar(page).getByText(`${matching - 3} selected`)).toBeVisible();
  await selectionBar(page).getByRole('button', { name: 'Check status' }).click();
  await expect(page.getByText(new RegExp(`Checking with providers: [1-9]\\d* of ${matching - 3}`))).toBeVisible();
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(page.getByText(/^Stopped\. Checked \d+ of/)).toContainText('skipped');
});

test('session export: all matches are exported and the file name is shown', async ({ practiceApp: { page } }) => {
  await addFilter(page, 'Environment', /^Sandbox/);
  await page.getByRole('tab', { name: /^Failed/ }).click();
  await expect(page.getByRole('row').nth(1)).toContainText('Failed');
  const failed = await readRowCount(page);
  await selectionBar(page)
    .getByRole('button', { name: /^Select all/ })
    .click();
  await selectionBar(page).getByRole('button', { name: 'Export…' }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: `Export ${failed} sessions` })
    .click();
  const line = page.getByRole('list', { name: 'Status checks and exports' }).getByRole('listitem');
  await expect(line).toContainText(`Exported ${failed} sessions to`);
  const file = await line.locator('.code').textContent();
  const lines = readFileSync(file ?? '', 'utf8')
    .trim()
    .split('\r\n');
  expect(lines).toHaveLength(failed + 1);
  expect(nonEmpty(lines.slice(1)).every((text) => text.includes(',"failed",'))).toBe(true);
});
