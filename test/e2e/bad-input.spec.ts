/** Each thing that can be wrong is said in the window: what, and what to do. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from './fixtures.ts';
import { connect, goTo, submitSession } from './steps.ts';

test('a connection that cannot be right is refused at the field', async ({ desk, simulator }) => {
  const { page } = desk;
  const wrong = [
    [{ baseUrl: 'http://api.xendit.co' }, 'must begin with https://'],
    [{ secret: 'xnd_public_development_0123' }, 'This is a public key'],
    [{ environment: 'Production', secret: 'xnd_development_0123456789' }, 'This is a test key'],
  ] as const;
  for (const [changes, words] of wrong) {
    await connect(page, 'xendit', simulator, changes);
    await expect(page.getByRole('dialog').getByText(words)).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toBeHidden();
  }
  await expect(page.getByText('No provider connected')).toBeVisible();
});

test('a wrong secret and a host that does not answer are told apart by the test', async ({ desk, simulator }) => {
  const { page } = desk;
  await connect(page, 'xendit', simulator, { secret: 'xnd_development_wrong_key_000' });
  await expect(page.getByText('Xendit ID is connected.', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await expect(page.getByText('did not accept the credential')).toBeVisible();
  await simulator.stop();
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await expect(page.getByText('Nothing was sent.')).toBeVisible();
});

test('an id that the account does not know is not tracked, and what is wrong with it is said', async ({ desk, simulator }) => {
  const { page } = desk;
  await connect(page, 'flinks', simulator);
  await expect(page.getByText('Flinks CA is connected.', { exact: true })).toBeVisible();
  const foreign = (await simulator.control('sessions')).find(({ account, connection }) => account === 'other' && connection === 'flinks');
  for (const [id, words] of [['not-a-uuid', 'is a UUID'], [foreign?.id ?? '', 'may belong to another account']] as const) {
    await submitSession(page, 'Flinks CA', { id, product: 'geft' });
    await expect(page.getByRole('dialog').getByText(words)).toBeVisible();
  }
  await page.keyboard.press('Escape');
  await goTo(page, 'Sessions');
  await expect(page.getByText('No sessions yet')).toBeVisible();
});

test('a damaged database is said to be damaged, and the console goes on once it is moved away', async ({ desk }) => {
  await desk.stop();
  const path = join(desk.dataFolder, 'work', 'desk.sqlite');
  mkdirSync(join(desk.dataFolder, 'work'), { recursive: true });
  writeFileSync(path, 'damaged'.repeat(1_000));
  await desk.restart();
  await expect(desk.page.getByRole('heading', { name: 'The database is damaged' })).toBeVisible();
  renameSync(path, `${path}.broken`);
  await desk.page.getByRole('button', { name: 'Try again' }).click();
  await expect(desk.page.getByRole('heading', { name: 'Cancel payment sessions, and prove it' })).toBeVisible();
});
