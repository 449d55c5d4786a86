/**
 * A keychain that is locked while Session Desk runs: the message at each use of a secret, and recovery after unlocking.
 */
import { lockKeyring, unlockKeyring } from '../support/keyring-lock.ts';
import { expect, test } from './fixtures.ts';
import { addConnection, addSession, cancelByKeyboard, createSession, navigateTo } from './steps.ts';
import { connectionItem, expectTestResult, rerunTest, testResultOf } from './connection-test.ts';

// All tests of a run share one keyring.
test.afterEach(unlockKeyring);

const lockedResult = {
  lines: ['The secret could not be read', 'The system keychain is locked. Unlock it, then try again.'],
  actions: ['Test again'],
};
const acceptedResult = { lines: [/^The credential works\. Response time: \d+ ms\.$/], actions: [] };

test('keychain: a locked keychain is reported where a secret is needed, until it is unlocked', async ({
  app,
  simulator,
}) => {
  const { page } = app;
  const dialog = page.getByRole('dialog');
  const notice = page.getByText('The keychain is locked', { exact: true });
  await addConnection(page, 'flinks', simulator);
  await expectTestResult(page, 'Flinks CA', acceptedResult);
  const session = await createSession(simulator, 'flinks');
  await addSession(page, 'Flinks CA', session);
  await navigateTo(page, 'Connections');
  await expect(notice).toBeHidden();

  await lockKeyring();
  await rerunTest(page, 'Flinks CA');
  await expectTestResult(page, 'Flinks CA', lockedResult);

  await addConnection(page, 'flinks', simulator, { name: 'Second' });
  await expect(dialog.getByText('The secret is not stored')).toBeVisible();
  await expect(dialog.getByText('The system keychain is locked. Unlock it, then try again.')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Keep until Session Desk closes' })).toBeVisible();
  await page.keyboard.press('Escape');

  await cancelByKeyboard(page, session.id);
  await expect(dialog.getByText('Nothing was sent', { exact: true })).toBeVisible();
  await expect(dialog.getByText('The system keychain is locked. Unlock it, then try again.')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Try again…' })).toBeVisible();
  await page.keyboard.press('Escape');
  expect((await simulator.control('getSession', session.id))?.state).toBe('active');

  await page.reload();
  await navigateTo(page, 'Connections');
  await expect(notice).toBeVisible();
  await page.getByRole('button', { name: 'Check again' }).click();
  await expect(notice).toBeVisible();
  await rerunTest(page, 'Flinks CA');
  await expectTestResult(page, 'Flinks CA', lockedResult);

  await unlockKeyring();
  await page.getByRole('button', { name: 'Check again' }).click();
  await expect(notice).toBeHidden();
  await testResultOf(page, 'Flinks CA').getByRole('button', { name: 'Test again' }).click();
  await expectTestResult(page, 'Flinks CA', acceptedResult);
  await expect(connectionItem(page, 'Flinks CA').getByText(/^Secret in the keychain/)).toBeVisible();
  await cancelByKeyboard(page, session.id);
  await expect.poll(async () => (await simulator.control('getSession', session.id))?.state).toBe('cancelled');
});
