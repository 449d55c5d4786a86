/** Cancellations in the real workspace, with the simulated providers in another process. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { trainingReferences } from '../../src-main/core/simulator/index.ts';
import { expect, test } from './fixtures.ts';
import { activeSessions, addSession, cancelByKeyboard, addConnection, navigateTo, openPractice } from './steps.ts';

test('cancel: a session of a new connection is cancelled, and no secret returns to the page', async ({
  app,
  simulator,
}) => {
  const { page } = app;
  const answers: string[] = [];
  page.on(
    'response',
    (response) =>
      void response.text().then(
        (text) => answers.push(text),
        () => undefined,
      ),
  );
  await addConnection(page, 'flinks', simulator);
  await expect(page.getByText('Flinks CA is connected.', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await expect(page.getByText('The credential works.')).toBeVisible();
  const [session] = await activeSessions(simulator, 'flinks');
  if (!session) throw new Error('The simulator has no active session.');
  await addSession(page, 'Flinks CA', session);
  await cancelByKeyboard(page, session.id);
  await expect(page.getByRole('dialog').getByText('Cancelled', { exact: true })).toBeVisible();
  expect(await simulator.control('countCancelEffects', session.id)).toBe(1);
  await page.keyboard.press('Enter');
  await navigateTo(page, 'Audit');
  await expect(page.getByText('Cancellation completed').first()).toBeVisible();

  const { clientSecret } = simulator.credentials.flinks;
  const shown = await page.evaluate(
    () => document.documentElement.outerHTML + JSON.stringify({ ...localStorage, ...sessionStorage }),
  );
  const files = readdirSync(app.dataFolder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const kept = files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1'));
  for (const text of [...answers, ...kept, shown]) {
    expect(text.includes(clientSecret) || text.includes(Buffer.from(clientSecret).toString('base64'))).toBe(false);
  }
  expect(kept.some((text) => text.includes(session.id))).toBe(true);
});

test('cancel: a session that was paid in the meantime is reported as paid', async ({ app, simulator }) => {
  const { page } = app;
  await addConnection(page, 'xendit', simulator);
  await expect(page.getByText('Xendit ID is connected.', { exact: true })).toBeVisible();
  const [session] = await activeSessions(simulator, 'xendit');
  if (!session) throw new Error('The simulator has no active session.');
  await addSession(page, 'Xendit ID', session);
  await simulator.control('setState', session.id, 'completed');
  await cancelByKeyboard(page, session.id);
  await expect(page.getByRole('dialog').getByText('Too late: already paid')).toBeVisible();
  await expect(page.getByRole('dialog').getByText('Nothing was cancelled')).toBeVisible();
});

test('cancel: ended sessions, sessions of another account and a payment in progress have their own outcome', async ({
  app,
}) => {
  const { page } = app;
  await openPractice(page);
  const {
    paidMeanwhileFlinks,
    expiredMeanwhileFlinks,
    expiredMeanwhileXendit,
    cancelledElsewhereXendit,
    anotherAccountFlinks,
    anotherAccountXendit,
  } = trainingReferences;
  for (const [reference, title, sentence] of [
    [paidMeanwhileFlinks, 'Too late: already paid', 'Nothing was cancelled'],
    [expiredMeanwhileFlinks, 'Already expired', 'There was nothing to cancel'],
    [expiredMeanwhileXendit, 'Already expired', 'There was nothing to cancel'],
    [cancelledElsewhereXendit, 'Already cancelled', 'before this request'],
    [anotherAccountFlinks, 'Not found', 'Check that the session belongs to this connection'],
    [anotherAccountXendit, 'Not found', 'Check that the session belongs to this connection'],
    [
      trainingReferences.paymentInFlight,
      'Payment already started',
      'Check the payment with the provider, and refund it if needed',
    ],
  ] as const) {
    await test.step(reference, async () => {
      await cancelByKeyboard(page, reference);
      const dialog = page.getByRole('dialog');
      await expect(dialog.getByText(title, { exact: true })).toBeVisible();
      await expect(dialog).toContainText(sentence);
      if (title !== 'Payment already started')
        await expect(dialog.getByText('Cancelled', { exact: true })).toHaveCount(0);
      await page.keyboard.press('Enter');
      await expect(dialog).toBeHidden();
    });
  }
});

test('cancel: a refused cancellation states that the session can still be paid', async ({ app, simulator }) => {
  const { page } = app;
  await addConnection(page, 'xendit', simulator);
  await expect(page.getByText('Xendit ID is connected.', { exact: true })).toBeVisible();
  const [session] = await activeSessions(simulator, 'xendit');
  if (!session) throw new Error('The simulator has no active session.');
  await addSession(page, 'Xendit ID', session);
  await simulator.control('setFaults', [{ route: 'cancel', fault: 'expired_token', sessionId: session.id }]);
  await cancelByKeyboard(page, session.id);
  await expect(page.getByRole('dialog').getByText('Refused', { exact: true })).toBeVisible();
  await expect(page.getByRole('dialog')).toContainText('The session can still be paid');
  expect(await simulator.control('countCancelEffects', session.id)).toBe(0);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('row').nth(1)).toContainText('Active');
});

test('cancel: an unknown outcome is resolved by one status check', async ({ app, simulator }) => {
  const { page } = app;
  await addConnection(page, 'xendit', simulator);
  await expect(page.getByText('Xendit ID is connected.', { exact: true })).toBeVisible();
  const [session] = await activeSessions(simulator, 'xendit');
  if (!session) throw new Error('The simulator has no active session.');
  await addSession(page, 'Xendit ID', session);
  await simulator.control('setFaults', [
    { route: 'cancel', fault: 'reset', processed: true, sessionId: session.id },
    { route: 'read', fault: 'broken_json', sessionId: session.id },
  ]);
  await cancelByKeyboard(page, session.id);
  await expect(page.getByRole('dialog').getByText('Outcome unknown', { exact: true })).toBeVisible();
  await simulator.control('setFaults', []);
  await page.getByRole('button', { name: 'Check status' }).click();
  await expect(page.getByRole('dialog').getByText('Cancelled', { exact: true })).toBeVisible();
  await expect(page.getByRole('dialog').getByText('Confirmed by a status check')).toBeVisible();
  expect(await simulator.control('countCancelRequests', session.id)).toBe(1);
});

test('cancel: a kill between request and response ends with the true outcome without a second request', async ({
  app,
  simulator,
}) => {
  await addConnection(app.page, 'xendit', simulator);
  await expect(app.page.getByText('Xendit ID is connected.', { exact: true })).toBeVisible();
  const [session] = await activeSessions(simulator, 'xendit');
  if (!session) throw new Error('The simulator has no active session.');
  await addSession(app.page, 'Xendit ID', session);
  await simulator.control('setFaults', [{ route: 'cancel', fault: 'hang', processed: true, sessionId: session.id }]);
  await cancelByKeyboard(app.page, session.id);
  await simulator.waitForRecord((record) => record.kind === 'effect' && record.id === session.id);
  await app.kill();
  await simulator.control('setFaults', []);
  await app.restart();
  await navigateTo(app.page, 'Sessions');
  await app.page
    .getByRole('row')
    .filter({ hasText: session.reference ?? session.id.slice(0, 8) })
    .click();
  await expect(app.page.getByText('Confirmed by a status check').first()).toBeVisible();
  expect(await simulator.control('countCancelRequests', session.id)).toBe(1);
  expect(await simulator.control('countCancelEffects', session.id)).toBe(1);
});
