import { createHmac } from 'node:crypto';
import { expect, test } from './fixtures.ts';
import { addSession, createSession, navigateTo } from './steps.ts';

test('webhook event: a signed event changes its session, and a wrong signature changes nothing', async ({
  workApp: { page },
  simulator,
}) => {
  await navigateTo(page, 'Connections');
  await page.getByRole('button', { name: 'More actions for Flinks CA' }).click();
  await page.getByRole('menuitem', { name: 'Webhook secret…' }).click();
  await page
    .getByRole('dialog')
    .getByLabel(/^Webhook secret/)
    .fill('whsec-end-to-end');
  await page.getByRole('dialog').getByRole('button', { name: 'Store' }).click();
  await expect(page.getByText('Event signatures are checked')).toBeVisible();

  const session = await createSession(simulator, 'flinks');
  await addSession(page, 'Flinks CA', session);
  const body = JSON.stringify({
    when: '2099-01-01T00:00:00.0000000Z',
    type: 'SessionSetupStatusChanged',
    payload: { sessionId: session.id, status: 'Completed', statusDetails: 'EFT0301' },
  });
  await navigateTo(page, 'Sessions');
  await page.getByRole('button', { name: 'Add session' }).first().click();
  await page.getByRole('button', { name: 'Apply a webhook event' }).click();
  const dialog = page.getByRole('dialog', { name: 'Apply a webhook event' });
  await dialog.getByLabel(/^Body/).fill(body);
  await dialog.getByLabel(/^X-Webhook-Signature/).fill('sha256=00');
  await dialog.getByRole('button', { name: 'Apply event' }).click();
  await expect(dialog.getByText('does not match the event')).toBeVisible();
  await dialog
    .getByLabel(/^X-Webhook-Signature/)
    .fill(`sha256=${createHmac('sha256', 'whsec-end-to-end').update(body).digest('hex')}`);
  await dialog.getByRole('button', { name: 'Apply event' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText('Signed event: Completed').first()).toBeVisible();
});
