/** Native confirmations in the window: the page requests an action, and only the dialog outside the page allows it. */
import { connectionItem } from './connection-test.ts';
import { expect, test } from './fixtures.ts';
import { addConnection } from './steps.ts';

// Verifies E-26, S-13.
test('confirmations: a connection to a new host is stored only after the native dialog allows it', async ({
  app,
  simulator,
}) => {
  const { page } = app;
  await app.answerDialogs('decline');
  await addConnection(page, 'flinks', simulator);
  const dialog = page.getByRole('dialog');
  await expect(
    dialog.getByText('Nothing was changed, because it was not confirmed in the dialog of Session Desk.'),
  ).toBeVisible();
  const [shown] = await app.readDialogs();
  expect(shown?.message).toBe('Allow a connection to use a new address?');
  expect(shown?.detail).toContain(`Address: ${simulator.url}`);

  await app.answerDialogs('confirm');
  await dialog.getByRole('button', { name: 'Connect and test' }).click();
  await expect(dialog).toBeHidden();
  await expect(connectionItem(page, 'Flinks CA')).toHaveCount(1);
  expect(await app.readDialogs()).toHaveLength(2);
});
