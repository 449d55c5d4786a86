/** Cancellations in the real workspace, with the simulated providers in another process. */
import { trainingReferences } from '../../src-main/core/simulator/index.ts';
import { expect, test } from './fixtures.ts';
import { addConnection, addSession, cancelByKeyboard, createSession, navigateTo } from './steps.ts';

test(
  'cancel: a session of a new connection is cancelled once and recorded',
  { tag: '@smoke' },
  async ({ app: { page }, simulator }) => {
    await addConnection(page, 'flinks', simulator);
    await expect(page.getByText('Flinks CA is connected.', { exact: true })).toBeVisible();
    await page.getByRole('button', { name: 'Test', exact: true }).click();
    await expect(page.getByText('The credential works.')).toBeVisible();
    const session = await createSession(simulator, 'flinks');
    await addSession(page, 'Flinks CA', session);
    await cancelByKeyboard(page, session.id);
    await expect(page.getByRole('dialog').getByText('Cancelled', { exact: true })).toBeVisible();
    expect(await simulator.control('countCancelEffects', session.id)).toBe(1);
    await page.keyboard.press('Enter');
    await navigateTo(page, 'Audit');
    await expect(page.getByText('Cancellation completed').first()).toBeVisible();
  },
);

test('cancel: ended sessions, sessions of another account and a payment in progress have their own outcome', async ({
  practiceApp: { page },
}) => {
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

test('cancel: an unknown outcome is resolved by one status check', async ({ workApp: { page }, simulator }) => {
  const session = await createSession(simulator, 'xendit');
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

test(
  'cancel: a kill between request and response ends with the true outcome and one request',
  { tag: '@smoke' },
  async ({ app, simulator }) => {
    await addConnection(app.page, 'xendit', simulator);
    await expect(app.page.getByText('Xendit ID is connected.', { exact: true })).toBeVisible();
    const session = await createSession(simulator, 'xendit');
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
  },
);
