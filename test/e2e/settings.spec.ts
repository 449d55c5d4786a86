/** Settings in both hosts: each change takes effect, is recorded and can be undone. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Locator, Page } from '@playwright/test';
import type { SpawnedSimulator } from '../support/spawn-simulator.ts';
import { expect, test, type AppUnderTest } from './fixtures.ts';
import { addConnection, addSession, createSession, navigateTo } from './steps.ts';

const settingsSection = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true });
const dialog = (page: Page): Locator => page.getByRole('dialog');
const undoButton = (page: Page): Locator => page.getByRole('button', { name: 'Undo' }).last();
async function connectFlinks(page: Page, simulator: SpawnedSimulator): Promise<void> {
  await addConnection(page, 'flinks', simulator);
  await expect(page.getByText('Flinks CA is connected.', { exact: true })).toBeVisible();
}

/** Creates a plan for two selected sessions and opens its confirmation. */
async function planTwoSessions(page: Page): Promise<void> {
  await navigateTo(page, 'Sessions');
  await page.getByRole('tab', { name: /^Active/ }).click();
  for (const at of [1, 2])
    await page
      .getByRole('row')
      .nth(at)
      .click({ modifiers: ['ControlOrMeta'] });
  await page.getByRole('button', { name: 'Cancel 2…' }).click();
  await page.getByRole('button', { name: /^Cancel \d sessions?…$/ }).click();
  await expect(dialog(page).getByLabel('Reason')).toBeVisible();
}

test('settings: operator name, row height and theme apply at once and are stored', async ({
  practiceApp: { page },
}) => {
  await navigateTo(page, 'Settings');
  await page.getByLabel('Your name').fill('Maria Lee');
  await page.keyboard.press('Enter');
  await expect(page.getByText(/^Records now show Maria Lee \(.+\)\.$/).first()).toBeVisible();
  await undoButton(page).click();
  await expect(page.getByLabel('Your name')).toHaveValue('');
  await page.getByLabel('Your name').fill('Maria Lee');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('navigation').getByText(/^Maria Lee \(/)).toBeAttached();

  await page.getByRole('group', { name: 'Theme' }).getByText('Dark').click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe('dark');
  await page.getByRole('group', { name: 'Row height' }).getByText('Compact').click();
  await navigateTo(page, 'Audit');
  await expect(page.getByRole('row').nth(1)).toContainText('Setting changed');
  expect((await page.getByRole('row').nth(1).boundingBox())?.height).toBe(28);
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await navigateTo(page, 'Settings');
  await expect(page.getByLabel('Your name')).toHaveValue('Maria Lee');
  await page.getByLabel('Your name').fill('');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('navigation').getByText(/^Maria Lee/)).toHaveCount(0);
});

test('settings: a stricter count threshold applies to the confirmation until it is undone', async ({
  practiceApp: { page },
}) => {
  await planTwoSessions(page);
  await expect(dialog(page).getByLabel(/^Type \d+ to confirm$/)).toBeHidden();
  await page.keyboard.press('Escape');

  await navigateTo(page, 'Settings');
  await page.getByLabel('Require typing the number for').selectOption({ label: 'Batches of more than 1 session' });
  await expect(page.getByText('Saved.', { exact: true })).toBeVisible();
  await planTwoSessions(page);
  await expect(dialog(page).getByLabel(/^Type \d+ to confirm$/)).toBeVisible();
  await page.keyboard.press('Escape');

  await navigateTo(page, 'Settings');
  await page.getByLabel('Require typing the number for').selectOption('25');
  await planTwoSessions(page);
  await expect(dialog(page).getByLabel(/^Type \d+ to confirm$/)).toBeHidden();
});

test('backups: a restore removes later changes, keeps the current database file and every audit record', async ({
  app,
  simulator,
}) => {
  const { page } = app;
  const first = await createSession(simulator, 'flinks');
  const second = await createSession(simulator, 'flinks');
  await connectFlinks(page, simulator);
  await addSession(page, 'Flinks CA', first);
  await navigateTo(page, 'Settings');
  await settingsSection(page, 'Backups').getByRole('button', { name: 'Back up now' }).click();
  await expect(page.getByText(/^Backed up as \S+\.$/).first()).toBeVisible();
  await addSession(page, 'Flinks CA', second);
  await expect(page.getByRole('row')).toHaveCount(3);

  await navigateTo(page, 'Settings');
  await settingsSection(page, 'Backups')
    .getByRole('button', { name: /^Restore the backup/ })
    .first()
    .click();
  await expect(page.getByRole('button', { name: 'Keep current data' })).toBeFocused();
  await dialog(page).getByRole('button', { name: 'Restore backup' }).click();
  const review = page.getByRole('dialog', { name: 'Review the restored data' });
  await expect(review.getByRole('listitem')).toHaveText(/Flinks CA.*The secret was stored for this address\./);
  await page.keyboard.press('Escape');
  await navigateTo(page, 'Sessions');
  await expect(page.getByRole('row')).toHaveCount(2);
  await page.getByRole('button', { name: 'Review…' }).click();
  await review.getByRole('button', { name: 'Allow requests' }).click();
  await expect(page.getByText('Reviewed. Requests are allowed again.').first()).toBeVisible();
  await expect(page.getByRole('row')).toHaveCount(2);
  await expect(page.getByRole('row').nth(1)).toContainText(first.id.slice(0, 8));

  await navigateTo(page, 'Audit');
  await expect(page.getByRole('row').filter({ hasText: 'Database restored from a backup' })).toHaveCount(1);
  await expect(page.getByRole('row').filter({ hasText: 'Session added' })).toHaveCount(2);
  await page.getByRole('button', { name: 'Verify' }).click();
  await expect(page.getByText('Intact: every record is as it was written')).toBeVisible();
});

/** Adds two sessions, sets the first to a status of years ago and restarts the app. */
async function restartWithOldSession(
  appUnderTest: AppUnderTest,
  simulator: SpawnedSimulator,
): Promise<{ readonly first: { readonly id: string } }> {
  const first = await createSession(simulator, 'flinks');
  const second = await createSession(simulator, 'flinks');
  await connectFlinks(appUnderTest.page, simulator);
  await addSession(appUnderTest.page, 'Flinks CA', first);
  await addSession(appUnderTest.page, 'Flinks CA', second);
  await appUnderTest.stop();
  const database = new DatabaseSync(join(appUnderTest.dataFolder, 'work', 'desk.sqlite'));
  const long = "'2020-01-01T00:00:00.000Z'";
  database.exec(
    `UPDATE sessions SET status = 'expired', first_seen_at = ${long}, last_checked_at = ${long}
    WHERE id = '${first.id}'`,
  );
  database.close();
  await appUnderTest.restart();
  return { first };
}

async function removeOldSessions(page: Page): Promise<void> {
  await navigateTo(page, 'Settings');
  const old = settingsSection(page, 'Old sessions');
  await old.getByRole('button', { name: 'Count sessions' }).click();
  await old.getByRole('button', { name: 'Remove 1 session…' }).click();
  await expect(page.getByRole('button', { name: 'Keep sessions' })).toBeFocused();
  await dialog(page).getByRole('button', { name: 'Remove 1 session' }).click();
  await expect(page.getByText('1 session was removed.').first()).toBeVisible();
}

test('old sessions: they are counted and removed, and a removal is undone at once and after a restart', async ({
  app,
  simulator,
}) => {
  const { first } = await restartWithOldSession(app, simulator);
  const old = (): Locator => settingsSection(app.page, 'Old sessions');
  const back = (): Locator => app.page.getByText('1 session was restored with its timeline.').first();
  await removeOldSessions(app.page);
  await expect(old().getByText(/^1 session was removed today at \d\d:\d\d by /)).toBeVisible();
  await app.page.getByRole('button', { name: 'Undo', exact: true }).click();
  await expect(back()).toBeVisible();
  await expect(old().getByText('1 session was removed today')).toBeHidden();

  await removeOldSessions(app.page);
  await navigateTo(app.page, 'Sessions');
  await expect(app.page.getByRole('row')).toHaveCount(2);
  await app.restart();
  const { page } = app;
  await navigateTo(page, 'Settings');
  await expect(old().getByText(/^They stay in this workspace’s file until \d\d:\d\d tomorrow\./)).toBeVisible();
  await old().getByRole('button', { name: 'Undo the removal of 1 session' }).press('Enter');
  await expect(back()).toBeVisible();
  await expect(old().getByRole('button', { name: 'Count sessions' })).toBeFocused();
  await navigateTo(page, 'Sessions');
  await expect(page.getByRole('row')).toHaveCount(3);
  await page
    .getByRole('row')
    .filter({ hasText: first.id.slice(0, 8) })
    .click();
  await expect(page.getByRole('complementary').getByText(/^Added by /)).toBeVisible();
  await navigateTo(page, 'Audit');
  await expect(page.getByRole('row').filter({ hasText: 'Session added' })).toHaveCount(2);
  await expect(page.getByRole('row').filter({ hasText: 'Old sessions removed' })).toHaveCount(2);
  await expect(page.getByRole('row').filter({ hasText: 'Removed sessions restored' })).toHaveCount(2);
  await page.getByRole('button', { name: 'Verify' }).click();
  await expect(page.getByText('Intact: every record is as it was written')).toBeVisible();
});

/** The files of a ZIP archive without compression. */
function unzip(file: string): Map<string, string> {
  const bytes = readFileSync(file);
  const files = new Map<string, string>();
  for (let at = 0; bytes.readUInt32LE(at) === 0x04034b50;) {
    const [size, name, extra] = [bytes.readUInt32LE(at + 18), bytes.readUInt16LE(at + 26), bytes.readUInt16LE(at + 28)];
    const begin = at + 30 + name + extra;
    files.set(bytes.toString('utf8', at + 30, at + 30 + name), bytes.toString('utf8', begin, begin + size));
    at = begin + size;
  }
  return files;
}

test('diagnostics: the bundle has exactly the reviewed content, without secrets and sessions', async ({
  workApp: { page },
  simulator,
}) => {
  const session = await createSession(simulator, 'flinks');
  await addSession(page, 'Flinks CA', session);
  await navigateTo(page, 'Settings');
  await page.getByRole('button', { name: 'Review bundle…' }).click();
  const shown = new Map<string, string>();
  for (const name of ['about.json', 'workspace.json', 'desk.log']) {
    await dialog(page).locator('summary').filter({ hasText: name }).click();
    const text = await dialog(page).getByLabel(name, { exact: true }).textContent();
    shown.set(name, text === 'Empty' ? '' : (text ?? ''));
  }
  await dialog(page).getByRole('button', { name: 'Save as ZIP' }).click();
  await expect(dialog(page).getByText('Saved exactly as shown')).toBeVisible();
  const file = await dialog(page)
    .getByText(/^\S+\.zip$/)
    .textContent();
  if (file === null) throw new Error('The dialog names no file.');
  const written = unzip(file);
  expect(written).toEqual(shown);
  expect(JSON.parse(written.get('workspace.json') ?? '')).toMatchObject({
    workspace: 'work',
    connections: expect.arrayContaining([expect.objectContaining({ provider: 'flinks', credential: 'stored' })]),
  });
  const all = [...written.values()].join('\n');
  for (const secret of [
    simulator.credentials.flinks.clientSecret,
    simulator.credentials.flinks.clientId,
    session.id,
    'Flinks CA',
  ])
    expect(all).not.toContain(secret);
});

test('settings: all shortcuts are listed, and about shows the version and the licence of every component', async ({
  workApp: app,
}) => {
  const { page } = app;
  await navigateTo(page, 'Settings');
  await page.getByRole('button', { name: 'Show all shortcuts' }).click();
  await expect(dialog(page).getByText('Search sessions', { exact: true })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Show all shortcuts' })).toBeFocused();
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const about = settingsSection(page, 'About');
  await expect(about.getByText(version, { exact: true })).toBeVisible();
  await expect(about.getByText(app.dataFolder)).toBeVisible();
  await about.getByText(/^\d+ third-party components$/).click();
  for (const name of ['vue', 'zod', 'kysely', 'keytar']) {
    await expect(about.getByRole('row').filter({ has: page.getByText(name, { exact: true }) })).toContainText('MIT');
  }
});
