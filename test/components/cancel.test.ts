import { beforeEach, describe, expect, it } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import type { Cancellation } from '../../src-main/contract/index.ts';
import { cause } from '../../src-main/contract/index.ts';
import { fakeConnection } from '../support/fake-api-client.ts';
import type { FakeApiClient, FakeApiOptions } from '../support/fake-api-client.ts';
import { mountApp } from './mount-app.ts';

const dialog = () => page.getByRole('dialog');
const cancelRequests = (client: FakeApiClient) => client.calls.filter(({ name }) => name === 'cancellations.request');

/** By keyboard alone: search, into the list, Delete. */
async function openDialog(options: FakeApiOptions = {}): Promise<FakeApiClient> {
  const { client } = await mountApp({ sessionCount: 200, ...options });
  await expect.poll(() => document.querySelectorAll('[role="row"] .reference').length).toBeGreaterThan(1);
  await userEvent.keyboard('/');
  await userEvent.keyboard('Order-20008{Enter}');
  await expect.poll(() => document.activeElement?.textContent).toContain('Order-20008');
  await userEvent.keyboard('{Delete}');
  await expect.element(dialog()).toBeVisible();
  return client;
}

beforeEach(() => page.viewport(1280, 800));

describe('the cancel dialog', () => {
  it('needs a reference, a reason and nothing but keys', async () => {
    const client = await openDialog();
    await expect.poll(() => document.activeElement?.tagName).toBe('SELECT');
    await userEvent.selectOptions(page.getByLabelText('Reason'), 'Customer asked');
    await userEvent.keyboard('{Enter}');
    await expect.element(dialog().getByText('The customer now sees that the session has timed out.')).toBeVisible();
    expect(cancelRequests(client).map(({ input }) => input)).toEqual([
      { sessionKey: 8, reason: { category: 'Customer asked', note: '' } },
    ]);
    await userEvent.keyboard('{Enter}');
    await expect.element(dialog()).not.toBeInTheDocument();
    await expect.poll(() => document.activeElement?.getAttribute('role')).toBe('row');
  });

  it('sends nothing without a reason, and says so at the field', async () => {
    const client = await openDialog();
    await userEvent.keyboard('{Enter}');
    await expect.element(dialog().getByText('Choose a reason. It is recorded in the audit log.')).toBeVisible();
    await page.getByLabelText(/^Note/).fill('ticket 1');
    await userEvent.keyboard('{Enter}');
    expect(cancelRequests(client)).toEqual([]);
  });

  it('keeps the session on Escape', async () => {
    const client = await openDialog();
    await userEvent.keyboard('{Escape}');
    await expect.element(dialog()).not.toBeInTheDocument();
    expect(cancelRequests(client)).toEqual([]);
  });

  it('cannot be closed while the provider is being asked, nor asked twice', async () => {
    const client = await openDialog({ cancelDelayMs: 60_000 });
    await userEvent.selectOptions(page.getByLabelText('Reason'), 'Test');
    await userEvent.keyboard('{Enter}');
    await expect
      .element(dialog().getByText('Requesting cancellation from Flinks Pay. Stay here until the response arrives.'))
      .toBeVisible();
    await userEvent.keyboard('{Escape}{Enter}{Enter}');
    await expect.element(dialog()).toBeVisible();
    expect(dialog().getByRole('button', { name: 'Close' }).elements()).toEqual([]);
    expect(cancelRequests(client).length).toBe(1);
  });

  it('wears the word and the edge of production', async () => {
    await openDialog({ connections: [fakeConnection(1)] });
    await expect.element(dialog().getByText('Production')).toBeVisible();
    expect(document.querySelector('.dialog.production')).not.toBeNull();
  });

  it('checks an unknown outcome with the provider, without a second cancel', async () => {
    const client = await openDialog({ outcome: { state: 'unknown', cause: 'timed_out' } });
    await userEvent.selectOptions(page.getByLabelText('Reason'), 'Test');
    await userEvent.keyboard('{Enter}');
    await expect.element(dialog().getByText('Unknown')).toBeVisible();
    await userEvent.keyboard('{Enter}');
    await expect.element(dialog().getByText(/^Confirmed by read-back/)).toBeVisible();
    expect(cancelRequests(client).length).toBe(1);
  });

  it('does not say that nothing happened when the host was lost meanwhile', async () => {
    const client = await openDialog();
    client.call = () => Promise.reject(new Error('gone'));
    await userEvent.selectOptions(page.getByLabelText('Reason'), 'Test');
    await userEvent.keyboard('{Enter}');
    await expect.element(dialog().getByText('Session Desk stopped responding')).toBeVisible();
    expect(dialog().getByText('Nothing was sent').elements()).toEqual([]);
  });

  const outcomes: [string, Partial<Cancellation>, RegExp][] = [
    ['paid', { state: 'already_final', foundStatus: 'completed' }, /Too late: already paid/],
    ['expired', { state: 'already_final', foundStatus: 'expired' }, /Already expired/],
    ['final, how was not found', { state: 'already_final', foundStatus: null }, /Nothing left eligible/],
    ['not found', { state: 'not_found' }, /knows no such session in this account/],
    ['still active', { state: 'still_active', foundStatus: 'active' }, /Not cancelled: still active/],
    ['in flight', { state: 'cancelled', paymentInFlight: true }, /Verify it with the provider, and refund if needed/],
    ...cause.options.map((name): [string, Partial<Cancellation>, RegExp] => [
      `refused: ${name}`,
      { state: 'refused', cause: name },
      /The session can still be paid/,
    ]),
  ];
  it.each(outcomes)('says in words when it is %s', async (_, outcome, words) => {
    await openDialog({ outcome });
    await userEvent.selectOptions(page.getByLabelText('Reason'), 'Test');
    await userEvent.keyboard('{Enter}');
    await expect.element(dialog().getByText(words)).toBeVisible();
    expect(dialog().element().textContent).not.toMatch(/outcome\.|cause\./);
  });
});
