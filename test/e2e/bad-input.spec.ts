/** Each error is shown in the window: what is wrong and what to do. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from './fixtures.ts';
import { addConnection, navigateTo, submitSession } from './steps.ts';

test('connection form: invalid values are marked at their fields', async ({ app, simulator }) => {
  const { page } = app;
  const wrong = [
    [{ baseUrl: 'http://api.xendit.co' }, 'must begin with https://'],
    [{ secret: 'xnd_public_development_0123' }, 'This is a public key'],
    [{ environment: 'Production', secret: 'xnd_development_0123456789' }, 'This is a test key'],
  ] as const;
  for (const [changes, words] of wrong) {
    await addConnection(page, 'xendit', simulator, changes);
    await expect(page.getByRole('dialog').getByText(words)).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toBeHidden();
  }
  await expect(page.getByText('No provider connected')).toBeVisible();
});

test('connection test: a wrong secret and an unreachable host have different results', async ({ app, simulator }) => {
  const { page } = app;
  await addConnection(page, 'xendit', simulator, { secret: 'xnd_development_wrong_key_000' });
  await expect(page.getByText('Xendit ID is connected.', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await expect(page.getByText('did not accept the credential')).toBeVisible();
  await simulator.stop();
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await expect(page.getByText('Nothing was sent.')).toBeVisible();
});

test('add session: an ID that the account does not know is not tracked and shows the reason', async ({
  app,
  simulator,
}) => {
  const { page } = app;
  await addConnection(page, 'flinks', simulator);
  await expect(page.getByText('Flinks CA is connected.', { exact: true })).toBeVisible();
  const foreign = (await simulator.control('listSessions')).find(
    ({ account, connection }) => account === 'other' && connection === 'flinks',
  );
  for (const [id, words] of [
    ['not-a-uuid', 'is a UUID'],
    [foreign?.id ?? '', 'may belong to another account'],
  ] as const) {
    await submitSession(page, 'Flinks CA', { id, product: 'geft' });
    await expect(page.getByRole('dialog').getByText(words)).toBeVisible();
  }
  await page.keyboard.press('Escape');
  await navigateTo(page, 'Sessions');
  await expect(page.getByText('No sessions yet')).toBeVisible();
});

test('workspace error: a damaged database is reported, and Session Desk starts after it is moved', async ({ app }) => {
  await app.stop();
  const path = join(app.dataFolder, 'work', 'desk.sqlite');
  mkdirSync(join(app.dataFolder, 'work'), { recursive: true });
  writeFileSync(path, 'damaged'.repeat(1_000));
  await app.restart();
  await expect(app.page.getByRole('heading', { name: 'The database is damaged' })).toBeVisible();
  renameSync(path, `${path}.broken`);
  await app.page.getByRole('button', { name: 'Try again' }).click();
  await expect(
    app.page.getByRole('heading', { name: 'Cancel payment sessions and prove what was done' }),
  ).toBeVisible();
});

test('add session: a response that is not from the provider is reported as such', async ({ app, simulator }) => {
  const { page } = app;
  await addConnection(page, 'xendit', simulator);
  await expect(page.getByText('Xendit ID is connected.', { exact: true })).toBeVisible();
  await simulator.control('setFaults', [{ route: 'read', fault: 'html_body' }]);
  await submitSession(page, 'Xendit ID', { id: 'ps-661f5e5c1ea3b6f1c2d3e4f5', product: 'payment_session' });
  await expect(page.getByRole('dialog').getByText('not in the format of this provider')).toBeVisible();
});

test('workspace error: a data folder without write permission is reported', async ({ app }) => {
  await app.stop();
  const folder = join(app.dataFolder, 'work');
  rmSync(folder, { recursive: true });
  writeFileSync(folder, 'a file where a folder belongs');
  await app.restart();
  await expect(app.page.getByRole('heading', { name: 'The data folder cannot be written to' })).toBeVisible();
  rmSync(folder);
  await app.page.getByRole('button', { name: 'Try again' }).click();
  await expect(
    app.page.getByRole('heading', { name: 'Cancel payment sessions and prove what was done' }),
  ).toBeVisible();
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
      await expect(
        app.page.getByRole('heading', { name: 'Cancel payment sessions and prove what was done' }),
      ).toBeVisible();
      await app.stop();
    } finally {
      execFileSync('umount', [folder]);
    }
  });
