/**
 * Audit log in both hosts: verification of an intact log and of logs that were changed while Session Desk was closed.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import type { Locator, Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import type { AppUnderTest } from './fixtures.ts';
import { activeSessions, addSession, cancelByKeyboard, addConnection, navigateTo, openPractice } from './steps.ts';

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
  const database = new DatabaseSync(join(appUnderTest.dataFolder, 'work', 'desk.sqlite'));
  database.exec(`DROP TRIGGER audit_never_changes; DROP TRIGGER audit_never_shrinks; ${sql}`);
  database.close();
  await appUnderTest.restart();
}

test('audit: a practice log is intact, and the separate verifier accepts its exports', async ({ app }) => {
  const { page } = app;
  await openPractice(page);
  const check = await verifyAuditLog(page);
  await expect(check.getByText('Intact: every record is as it was written')).toBeVisible();
  await expect(check.getByText(/^Records checked: (\d+)\. Verified with the key: \1\.$/)).toBeVisible();
  await expect(page.getByRole('row').nth(1)).toContainText('Audit log verified');
  for (const format of ['JSON Lines', 'CSV'] as const) {
    const file = await exportAuditLog(page, format, /^Export \d+ records$/);
    expect(file.startsWith(join(app.dataFolder, 'practice', 'exports'))).toBe(true);
    const { code, text } = verifyFile(file);
    expect(text).toContain('No problems found in what could be checked.');
    expect(code).toBe(0);
  }
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await expect(page.getByRole('button', { name: 'Verify' })).toBeFocused();
});

const damageCases = [
  [
    'a field that was changed',
    "UPDATE audit SET operator = 'nobody' WHERE sequence = 2",
    'A record was altered.',
    'First damaged record: 2',
  ],
  [
    'a record that was taken out of the middle',
    'DELETE FROM audit WHERE sequence = 2',
    'Records are missing.',
    'First missing record: 2',
  ],
] as const;

for (const [what, sql, kind, place] of damageCases) {
  test(`audit: ${what} is reported with its position and a link to the record`, async ({ app, simulator }) => {
    await addConnection(app.page, 'flinks', simulator);
    await expect(app.page.getByText('Flinks CA is connected.', { exact: true })).toBeVisible();
    await tamperWithAuditLog(app, sql);
    const check = await verifyAuditLog(app.page);
    await expect(check.getByText('The audit log is damaged')).toBeVisible();
    await expect(check.getByText(kind)).toBeVisible();
    await check.getByRole('link', { name: place }).click();
    await expect(app.page.getByRole('row', { selected: true })).toContainText(
      sql.startsWith('UPDATE') ? 'nobody' : 'Record 2 is not in the log.',
    );
    // The separate verifier reports the same damage on an export.
    const file = await exportAuditLog(app.page, 'JSON Lines', /^Export \d+ records$/);
    expect(verifyFile(file)).toMatchObject(
      sql.startsWith('UPDATE')
        ? { code: 0 }
        : { code: 1, text: expect.stringContaining('found record 3, expected record 2: records are missing') },
    );
  });
}

test('audit: a removed end of the log is detected, and the first missing record is reported', async ({
  app,
  simulator,
}) => {
  await addConnection(app.page, 'flinks', simulator);
  await expect(app.page.getByText('Flinks CA is connected.', { exact: true })).toBeVisible();
  await navigateTo(app.page, 'Audit');
  await expect(
    app.page
      .getByRole('row')
      .filter({ hasText: 'Connection tested' })
      .or(app.page.getByRole('row').filter({ hasText: 'Connection added' }))
      .first(),
  ).toBeVisible();
  await tamperWithAuditLog(app, 'DELETE FROM audit WHERE sequence > 2');
  const check = await verifyAuditLog(app.page);
  await expect(check.getByText('The audit log is damaged')).toBeVisible();
  await expect(check.getByText('The end of the log was removed.')).toBeVisible();
  await expect(check.getByText('First missing record: 3')).toBeVisible();
  await expect(check.getByText(/^Already found earlier, see record \d+\.$/)).toBeVisible();
});

test('audit: records of a session, a day and an operator open with one click, and a record shows its chain', async ({
  app,
  simulator,
}) => {
  const { page } = app;
  const [session] = await activeSessions(simulator, 'flinks');
  if (!session) throw new Error('The simulator has no active session.');
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
  expect(text).toContain('1 records (a selection, gaps are not checked)');
  expect(code).toBe(0);
});

test('audit: the records of a batch open with one click from the batch', async ({ app }) => {
  const { page } = app;
  await openPractice(page);
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
