import { beforeEach, describe, expect, it } from 'vitest';
import { h } from 'vue';
import { page, userEvent } from 'vitest/browser';
import type { Cancellation } from '../../src-main/contract/index.ts';
import { cause } from '../../src-main/contract/index.ts';
import CancelOutcome from '../../src-renderer/views/sessions/CancelOutcome.vue';
import { fakeCancellation, fakeConnection, fakeSession } from '../support/fake-api-client.ts';
import type { FakeApiClient, FakeApiOptions } from '../support/fake-api-client.ts';
import { mountApp, mountComponent } from './mount-app.ts';

const dialog = () => page.getByRole('dialog');
const cancelRequests = (client: FakeApiClient) => client.calls.filter(({ name }) => name === 'cancellations.request');

const rowOf = (reference: string) =>
  [...document.querySelectorAll<HTMLElement>('.body-row')].find((row) => row.textContent.includes(reference));

/** Focuses the row of a session and presses Delete. */
async function openDialogOf(reference: string): Promise<void> {
  await expect.poll(() => rowOf(reference)).toBeDefined();
  rowOf(reference)?.focus();
  await userEvent.keyboard('{Delete}');
  await expect.element(dialog()).toBeVisible();
}

async function openDialog(options: FakeApiOptions = {}): Promise<FakeApiClient> {
  const { client } = await mountApp({ sessionCount: 8, ...options });
  await openDialogOf('Order-20008');
  return client;
}

async function submit(): Promise<void> {
  await userEvent.selectOptions(page.getByLabelText('Reason'), 'Test');
  await userEvent.keyboard('{Enter}');
}

beforeEach(() => page.viewport(1280, 800));

describe('cancel dialog', () => {
  it('cancel dialog: a session is cancelled by keyboard from its reference and a reason', async () => {
    const { client } = await mountApp({ sessionCount: 200 });
    await expect.poll(() => document.querySelectorAll('[role="row"] .reference').length).toBeGreaterThan(1);
    await userEvent.keyboard('/');
    await userEvent.keyboard('Order-20008{Enter}');
    await expect.poll(() => document.activeElement?.textContent).toContain('Order-20008');
    await userEvent.keyboard('{Delete}');
    await expect.element(dialog()).toBeVisible();
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

  it('cancel dialog: without a reason nothing is sent and the field is marked', async () => {
    const client = await openDialog();
    await userEvent.keyboard('{Enter}');
    await expect.element(dialog().getByText('Choose a reason. It is recorded in the audit log.')).toBeVisible();
    await page.getByLabelText(/^Note/).fill('ticket 1');
    await userEvent.keyboard('{Enter}');
    expect(cancelRequests(client)).toEqual([]);
  });

  it('cancel dialog: Escape keeps the session', async () => {
    const client = await openDialog();
    await userEvent.keyboard('{Escape}');
    await expect.element(dialog()).not.toBeInTheDocument();
    expect(cancelRequests(client)).toEqual([]);
  });

  it('cancel dialog: while the request runs it cannot be closed or submitted again', async () => {
    const client = await openDialog({ cancelDelayMs: 60_000 });
    await submit();
    await expect
      .element(dialog().getByText('Requesting cancellation from Flinks Pay. Stay here until the response arrives.'))
      .toBeVisible();
    await userEvent.keyboard('{Escape}{Enter}{Enter}');
    await expect.element(dialog()).toBeVisible();
    expect(dialog().getByRole('button', { name: 'Close' }).elements()).toEqual([]);
    expect(cancelRequests(client).length).toBe(1);
  });

  it('cancel dialog: production is marked by text and border', async () => {
    await openDialog({ connections: [fakeConnection(1)] });
    await expect.element(dialog().getByText('Production')).toBeVisible();
    expect(document.querySelector('.dialog.production')).not.toBeNull();
  });

  it('cancel dialog: an unknown outcome is checked at the provider without a second cancel request', async () => {
    const client = await openDialog({ outcome: { state: 'unknown', cause: 'timed_out' } });
    await submit();
    await expect.element(dialog().getByText('Outcome unknown')).toBeVisible();
    await userEvent.keyboard('{Enter}');
    await expect.element(dialog().getByText(/^Confirmed by a status check/)).toBeVisible();
    expect(cancelRequests(client).length).toBe(1);
  });

  it('cancel dialog: a disconnected host does not count as "not sent"', async () => {
    const client = await openDialog();
    client.call = () => Promise.reject(new Error('gone'));
    await submit();
    await expect.element(dialog().getByText('Session Desk stopped responding')).toBeVisible();
    expect(dialog().getByText('Nothing was sent').elements()).toEqual([]);
  });

  it('cancel dialog: the status that the provider returned is shown as the outcome', async () => {
    await openDialog({ outcome: { state: 'already_final', foundStatus: 'completed' } });
    await submit();
    await expect.element(dialog().getByText(/Too late: already paid/)).toBeVisible();
  });
});

describe('cancel outcome', () => {
  const outcomes: [string, Partial<Cancellation>, RegExp][] = [
    ['paid', { state: 'already_final', foundStatus: 'completed' }, /Too late: already paid/],
    ['expired', { state: 'already_final', foundStatus: 'expired' }, /Already expired/],
    ['final, status unknown', { state: 'already_final', foundStatus: null }, /Nothing left to cancel/],
    ['not found', { state: 'not_found' }, /cannot find this session in this account/],
    ['still active', { state: 'still_active', foundStatus: 'active' }, /Not cancelled: still active/],
    [
      'in flight',
      { state: 'cancelled', paymentInFlight: true },
      /Check the payment with the provider, and refund it if needed/,
    ],
    ...cause.options.map((name): [string, Partial<Cancellation>, RegExp] => [
      `refused: ${name}`,
      { state: 'refused', cause: name },
      /The session can still be paid/,
    ]),
  ];
  it.each(outcomes)('cancel outcome: it is shown as text: %s', async (_, outcome, text) => {
    const cancellation = fakeCancellation(fakeSession(8, [fakeConnection(1)]), outcome);
    await mountComponent(() => h(CancelOutcome, { cancellation, provider: 'flinks', isChecking: false, problem: '' }));
    await expect.element(page.getByText(text)).toBeVisible();
    expect(document.body.textContent).not.toMatch(/outcome\.|cause\./);
  });
});
