/** Each error is shown in the window: what is wrong and what to do. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { createSession, submitSession } from './steps.ts';

const firstRunHeading = (page: Page): Locator =>
  page.getByRole('heading', { name: 'Cancel payment sessions and prove what was done' });

test('add session: an ID that the account does not know is not tracked and shows the reason', async ({
  workApp: { page },
  simulator,
}) => {
  const foreign = await createSession(simulator, 'flinks', { account: 'other' });
  for (const [id, text] of [
    ['not-a-uuid', 'is a UUID'],
    [foreign.id, 'may belong to another account'],
  ] as const) {
    await submitSession(page, 'Flinks CA', { id, product: 'geft' });
    await expect(page.getByRole('dialog').getByText(text)).toBeVisible();
  }
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(page.getByRole('row').filter({ hasText: foreign.id.slice(0, 8) })).toHaveCount(0);
});

test('add session: a response that is not from the provider is reported as such', async ({
  workApp: { page },
  simulator,
}) => {
  await simulator.control('setFaults', [{ route: 'read', fault: 'html_body' }]);
  await submitSession(page, 'Xendit ID', { id: 'ps-661f5e5c1ea3b6f1c2d3e4f5', product: 'payment_session' });
  await expect(page.getByRole('dialog').getByText('not in the format of this provider')).toBeVisible();
});

test('workspace error: a damaged database and an unusable folder are reported, and a retry opens them', async ({
  app,
}) => {
  const folder = join(app.dataFolder, 'work');
  const database = join(folder, 'desk.sqlite');
  await app.stop();
  writeFileSync(database, 'damaged'.repeat(1_000));
  await app.restart();
  await expect(app.page.getByRole('heading', { name: 'The database is damaged' })).toBeVisible();
  renameSync(database, `${database}.broken`);
  await app.page.getByRole('button', { name: 'Try again' }).click();
  await expect(firstRunHeading(app.page)).toBeVisible();

  await app.stop();
  rmSync(folder, { recursive: true });
  writeFileSync(folder, 'a file where a folder belongs');
  await app.restart();
  await expect(app.page.getByRole('heading', { name: 'The data folder cannot be written to' })).toBeVisible();
  rmSync(folder);
  await app.page.getByRole('button', { name: 'Try again' }).click();
  await expect(firstRunHeading(app.page)).toBeVisible();
});

// Only root can mount a file system that is small enough to fill. Other users skip this test.
if (process.getuid?.() === 0)
  test('workspace error: a full disk is reported, and Session Desk continues after space is freed', async ({ app }) => {
    await app.stop();
    const folder = join(app.dataFolder, 'work');
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]);
    try {
      await app.restart();
      await expect(app.page.getByRole('heading', { name: 'The disk is full' })).toBeVisible();
      execFileSync('mount', ['-o', 'remount,size=64m', folder]);
      await app.page.getByRole('button', { name: 'Try again' }).click();
      await expect(firstRunHeading(app.page)).toBeVisible();
    } finally {
      await app.stop();
      execFileSync('umount', [folder]);
    }
  });
