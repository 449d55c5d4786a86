/**
 * Audit log in both hosts: verification of an intact log and of logs that were changed while Session Desk was closed.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Locator, Page } from '@playwright/test';
import { tamperWithFile } from '../support/tamper-with-file.ts';
import { expect, test } from './fixtures.ts';
import type { AppUnderTest } from './fixtures.ts';
import { addConnection, addSession, cancelByKeyboard, createSession, navigateTo } from './steps.ts';

const verifyAuditProgram = fileURLToPath(new URL('../../src-main/verify-audit.ts', import.meta.url));

async function verifyAuditLog(page: Page): Promise<Locator> {
  await navigateTo(page, 'Audit');
  await page.getByRole('button', { name: 'Verify' }).click();
  return page.getByRole('region', { name: 'Verification of the audit log' });
}

/** Runs the program of `npm run verify-audit` on an export, without the key. */
function verifyFile(file: string): { code: number | null; text: string } {
  const { status, stdout } = spawnSync(process.execPath, [verifyAuditProgram, file], { input: '', encoding: 'utf8' });
  return { code: status, text: stdout };
}

async function exportAuditLog(page: Page, format: 'JSON Lines' | 'CSV', count: RegExp): Promise<string> {
  await page.getByRole('button', { name: 'Export…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(format, { exact: true }).click();
  await dialog.getByRole('button', { name: count }).click();
  await expect(dialog.getByText(/^\d+ records? exported$/)).toBeVisible();
  const file = await dialog.getByText(/^\S+\.(jsonl|csv)$/).textContent();
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  if (file === null) throw new Error('The dialog names no file.');
  return file;
}

/** Changes the database file while Session Desk is closed. */
async function tamperWithAuditLog(appUnderTest: AppUnderTest, sql: string): Promise<void> {
  await appUnderTest.stop();
  tamperWithFile(join(appUnderTest.dataFolder, 'work', 'desk.sqlite'), sql);
  await appUnderTest.restart();
  const review = appUnderTest.page.getByRole('dialog', { name: 'Review the restored data' });
  await review.getByRole('button', { name: 'Later' }).click();
}

test(
  'audit: an untouched log is intact, and the separate verifier accepts its exports',
  { tag: '@smoke' },
  async ({ workApp: app }) => {
    const { page } = app;
    const check = await verifyAuditLog(page);
    await expect(check.getByText('Intact: every record is as it was written')).toBeVisible();
    await expect(check.getByText(/^Records checked: (\d+)\. Verified with the key: \1\.$/)).toBeVisible();
    await expect(page.getByRole('row').nth(1)).toContainText('Audit log verified');
    for (const format of ['JSON Lines', 'CSV'] as const) {
      const file = await exportAuditLog(page, format, /^Export \d+ records$/);
      expect(file.startsWith(join(app.dataFolder, 'work', 'exports'))).toBe(true);
      const { code, text } = verifyFile(file);
      expect(text).toContain('No problems found in what could be checked.');
      expect(code).toBe(3);
    }
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await expect(page.getByRole('button', { name: 'Verify' })).toBeFocused();
  },
);

test('audit: a removed end and a removed record are reported, and a damage links to its record', async ({
  app,
  simulator,
}) => {
  await addConnection(app.page, 'flinks', simulator);
  await expect(app.page.getByText(/^The credential works\./)).toBeVisible();
  await navigateTo(app.page, 'Audit');
  await expect(app.page.getByRole('row').filter({ hasText: 'Connection tested' })).toBeVisible();
  await tamperWithAuditLog(app, 'DELETE FROM audit WHERE sequence > 3');
  const cut = await verifyAuditLog(app.page);
  await expect(cut.getByText('The audit log is damaged')).toBeVisible();
  await expect(cut.getByText('The end of the log was removed.')).toBeVisible();
  await expect(cut.getByText('First missing record: 4')).toBeVisible();
  // The start of Session Desk found it.
  await expect(cut.getByText(/^Already found earlier, see record \d+\.$/)).toBeVisible();

  await tamperWithAuditLog(app, 'DELETE FROM audit WHERE sequence = 2');
  const check = await verifyAuditLog(app.page);
  await expect(check.getByText('Records are missing.')).toBeVisible();
  await check.getByRole('link', { name: 'First missing record: 2' }).click();
  await expect(app.page.getByRole('row', { selected: true })).toContainText('Record 2 is not in the log.');
  // The separate verifier finds the gap in an export.
  const file = await exportAuditLog(app.page, 'JSON Lines', /^Export \d+ records$/);
  expect(verifyFile(file)).toMatchObject({
    code: 1,
    text: expect.stringContaining('found record 3, expected record 2: records are missing'),
  });
});

test('audit: records of a session, a day and an operator open with one click, and a record shows its chain', async ({
  app,
  simulator,
}) => {
  const { page } = app;
  const session = await createSession(simulator, 'flinks');
  await addConnection(page, 'flinks', simulator);
  await expect(page.getByText('Flinks CA is connected.', { exact: true })).toBeVisible();
  await addSession(page, 'Flinks CA', session);
  await cancelByKeyboard(page, session.id);
  await expect(page.getByRole('dialog').getByText('Cancelled', { exact: true })).toBeVisible();
  await page.keyboard.press('Enter');

  await navigateTo(page, 'Audit');
  const settled = page.getByRole('row').filter({ hasText: 'Cancellation completed' });
  await settled.click();
  const panel = page.getByRole('complementary');
  await expect(panel.getByText(/^Correctly follows record \d+\.$/)).toBeVisible();
  await expect(panel.getByText('Its MAC is valid: the record was not changed.')).toBeVisible();
  await expect(panel).toContainText('Confirmed by the response');
  await panel.getByRole('link', { name: 'This session' }).click();
  const rows = () => page.getByRole('row').allTextContents();
  await expect
    .poll(async () =>
      (await rows())
        .slice(1)
        .map(
          (row) =>
            /Cancellation completed|Cancellation sent|Cancellation requested|Session added|Status checked/.exec(
              row,
            )?.[0] ?? row,
        ),
    )
    .toEqual(
      expect.arrayContaining([
        'Cancellation completed',
        'Cancellation sent',
        'Cancellation requested',
        'Session added',
      ]),
    );
  await expect(page.getByRole('row').filter({ hasText: 'Connection added' })).toHaveCount(0);

  // The bar of today: one completed cancellation.
  const today = page.locator('.bars a').last();
  await expect(today).toHaveAttribute('title', /1/);
  await today.click();
  await expect(page.getByText('1 record matches', { exact: true })).toBeVisible();
  await expect(settled).toHaveCount(1);
  await expect(page).toHaveURL(/from=([\d-]{10})&to=\1&action=cancel_settled/);
  await settled.click();
  await panel.getByRole('listitem').getByRole('link').nth(1).click();
  await expect(page).toHaveURL(/operator=/);
  await expect.poll(async () => (await rows()).join()).toContain('Connection added');

  await page.getByRole('button', { name: 'Filter' }).click();
  await page.getByRole('menuitem', { name: 'Outcome' }).press('ArrowRight');
  await page.getByRole('menuitemcheckbox', { name: 'Cancelled', exact: true }).press('Enter');
  await page.keyboard.press('Escape');
  await expect(page.getByText('1 record matches', { exact: true })).toBeVisible();
  const file = await exportAuditLog(page, 'JSON Lines', /^Export 1 record$/);
  const { code, text } = verifyFile(file);
  expect(text).toContain('1 record (a selection, gaps are not checked)');
  expect(code).toBe(3);
});

test('audit: the records of a batch open with one click from the batch', async ({ practiceApp: { page } }) => {
  const active = page.getByRole('row').filter({ hasText: 'Active' });
  await active.nth(0).click({ modifiers: ['ControlOrMeta'] });
  await active.nth(1).click({ modifiers: ['ControlOrMeta'] });
  await page.getByRole('button', { name: 'Cancel 2…' }).click();
  await page.getByRole('button', { name: /^Cancel \d sessions?…$/ }).click();
  await page.getByRole('dialog').getByLabel('Reason').selectOption('Test');
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Cancel \d sessions?$/ })
    .click();
  await page.getByRole('button', { name: 'Abort batch' }).click();
  await page.getByRole('link', { name: 'In the audit log' }).click();
  await expect(page.getByRole('row').nth(1)).toContainText('Batch aborted');
  await expect
    .poll(async () =>
      (await page.getByRole('row').allTextContents())
        .slice(1)
        .every((row) => /Plan created|Batch confirmed|Batch aborted/.test(row)),
    )
    .toBe(true);
});
