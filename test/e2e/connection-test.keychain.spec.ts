/** A keyring that is locked while the console runs: what is said where the secret is needed, and that unlocking mends it. */
import { lockKeyring, unlockKeyring } from '../support/keyring-lock.ts';
import { expectNoFinding } from './accessibility-checks.ts';
import { expect, test } from './fixtures.ts';
import { activeSessions, addSession, cancelByKeyboard, connect, goTo } from './steps.ts';
import { connectionItem, expectVerdict, testAgain, verdictOf } from './connection-test.ts';

// The run has one keyring for all tests.
test.afterEach(unlockKeyring);

const locked = {
  lines: ['The secret could not be read', 'The system keychain is locked. Unlock it, then try again.'],
  acts: ['Test again'],
};
const works = { lines: [/^The credential works\. Answered in \d+ ms\.$/], acts: [] };

test('a keychain that is locked is said where the secret is needed, and forgotten once it is unlocked', async ({
  desk,
  simulator,
}) => {
  const { page } = desk;
  const dialog = page.getByRole('dialog');
  const notice = page.getByText('The keychain is locked', { exact: true });
  await connect(page, 'flinks', simulator);
  await expectVerdict(page, 'Flinks CA', works);
  const [session] = await activeSessions(simulator, 'flinks');
  if (!session) throw new Error('The simulator has no active session.');
  await addSession(page, 'Flinks CA', session);
  await goTo(page, 'Connections');
  await expect(notice).toBeHidden();

  await lockKeyring();
  await testAgain(page, 'Flinks CA');
  await expectVerdict(page, 'Flinks CA', locked);
  await expectNoFinding(page, 'a locked keychain');

  await connect(page, 'flinks', simulator, { name: 'Second' });
  await expect(dialog.getByText('The secret is not stored')).toBeVisible();
  await expect(dialog.getByText('The system keychain is locked. Unlock it, then try again.')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Keep it for this run only' })).toBeVisible();
  await page.keyboard.press('Escape');

  await cancelByKeyboard(page, session.id);
  await expect(dialog.getByText('Nothing was sent', { exact: true })).toBeVisible();
  await expect(dialog.getByText('The system keychain is locked. Unlock it, then try again.')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Try again…' })).toBeVisible();
  await page.keyboard.press('Escape');
  expect((await simulator.control('session', session.id))?.state).toBe('active');

  await page.reload();
  await goTo(page, 'Connections');
  await expect(notice).toBeVisible();
  await page.getByRole('button', { name: 'Look again' }).click();
  await expect(notice).toBeVisible();
  await testAgain(page, 'Flinks CA');
  await expectVerdict(page, 'Flinks CA', locked);

  await unlockKeyring();
  await page.getByRole('button', { name: 'Look again' }).click();
  await expect(notice).toBeHidden();
  await verdictOf(page, 'Flinks CA').getByRole('button', { name: 'Test again' }).click();
  await expectVerdict(page, 'Flinks CA', works);
  await expect(connectionItem(page, 'Flinks CA').getByText(/^Secret in the keychain/)).toBeVisible();
  await cancelByKeyboard(page, session.id);
  await expect.poll(async () => (await simulator.control('session', session.id))?.state).toBe('cancelled');
});
