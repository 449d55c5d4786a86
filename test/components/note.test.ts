import { beforeEach, describe, expect, it } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import type { FakeApiClient } from '../support/fake-api-client.ts';
import { mountApp } from './mount-app.ts';
import { fakeCallError } from '../support/fake-messages.ts';

const field = () => page.getByRole('textbox', { name: 'Note' });
const panel = () => page.getByRole('complementary');
const savedNotes = (client: FakeApiClient) =>
  client.calls
    .filter(({ name }) => name === 'sessions.setNote')
    .map(({ input }) => (input as { note: string | null }).note);

async function openPanel(options: Parameters<typeof mountApp>[0] = {}): Promise<FakeApiClient> {
  const { client } = await mountApp({ sessionCount: 5, ...options }, '/sessions/5');
  await expect.element(panel().getByText('Timeline')).toBeVisible();
  return client;
}

beforeEach(() => page.viewport(1280, 800));

describe('note', () => {
  it('note: it is written, saved and undone by keyboard, and the focus returns', async () => {
    const client = await openPanel();
    const row = document.querySelector<HTMLElement>('[role="row"][tabindex="0"]');
    row?.focus();
    await userEvent.keyboard('n');
    await expect.element(field()).toHaveFocus();
    await userEvent.keyboard('Rang twice{Control>}{Enter}{/Control}');
    await expect.element(panel().getByText('Rang twice', { exact: true })).toBeVisible();
    expect(document.activeElement).toBe(row);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.element(panel().getByRole('button', { name: 'Add note' })).toBeVisible();
    expect(savedNotes(client)).toEqual(['Rang twice', null]);
  });

  it('note: an unsaved draft is kept until it is discarded, also while another session is shown', async () => {
    const client = await openPanel();
    await userEvent.keyboard('n');
    await userEvent.keyboard('Half a thou{Escape}');
    await expect.element(panel().getByText('Not saved: “Half a thou”')).toBeVisible();
    location.hash = '/sessions/4';
    await expect.element(panel().getByRole('button', { name: 'Add note' })).toBeVisible();
    location.hash = '/sessions/5';
    await panel().getByRole('button', { name: 'Continue editing' }).click();
    await expect.element(field()).toHaveValue('Half a thou');
    await userEvent.keyboard('{Escape}');
    await panel().getByRole('button', { name: 'Discard' }).click();
    await expect.element(panel().getByRole('button', { name: 'Add note' })).toBeVisible();
    expect(savedNotes(client)).toEqual([]);
  });

  it('note: a rejected note shows the reason and keeps the text', async () => {
    await openPanel({
      errors: { 'sessions.setNote': fakeCallError('disk_full', 'The disk is full.', { retryable: true }) },
    });
    await userEvent.keyboard('n');
    await userEvent.keyboard('Rang twice{Control>}{Enter}{/Control}');
    await expect.element(panel().getByRole('alert').getByText('The disk is full.')).toBeVisible();
    await expect.element(field()).toHaveValue('Rang twice');
  });
});

describe('session watch', () => {
  it('session watch: a key switches it on and off, and its state is shown as text', async () => {
    const client = await openPanel();
    await expect.element(panel().getByRole('button', { name: 'Watch' })).toBeEnabled();
    await userEvent.keyboard('w');
    await expect.element(panel().getByText('Watching. The status is checked about every 30 s.')).toBeVisible();
    await expect
      .element(panel().getByRole('button', { name: 'Stop watching' }))
      .toHaveAttribute('aria-pressed', 'true');
    await userEvent.keyboard('w');
    await expect.element(panel().getByRole('button', { name: 'Watch', exact: true })).toBeVisible();
    expect(client.calls.filter(({ name }) => name === 'polling.change').map(({ input }) => input)).toEqual([
      { sessionKeys: [5], isPolled: true },
      { sessionKeys: [5], isPolled: false },
    ]);
  });

  it('session watch: the limit of watched sessions is explained', async () => {
    const error = fakeCallError('polling_refused', 'At most 50 sessions are watched.');
    await openPanel({ errors: { 'polling.change': error } });
    await panel().getByRole('button', { name: 'Watch' }).click();
    await expect.element(page.getByText('At most 50 sessions are watched.')).toBeVisible();
  });
});

describe('session timeline', () => {
  it('session timeline: notes and changed fields are shown as text', async () => {
    const { client } = await mountApp({ sessionCount: 5 });
    const originalCall = client.call;
    Object.assign(client, {
      call: async (name: 'sessions.getDetails', input: { sessionKey: number }) => {
        const result = await originalCall(name, input);
        if (name === 'sessions.getDetails' && result.ok) {
          result.value.timeline.unshift(
            { kind: 'note', at: '2026-11-20T14:03:00.000Z', operator: 'maria', note: null },
            { kind: 'note', at: '2026-11-20T14:02:00.000Z', operator: 'maria', note: 'ticket 8812' },
            {
              kind: 'facts',
              at: '2026-11-20T14:01:00.000Z',
              changes: [
                { fact: 'amount', from: '65.1', to: '1070' },
                { fact: 'reference', from: null, to: 'Order-9' },
              ],
            },
          );
        }
        return result;
      },
    });
    location.hash = '/sessions/5';
    for (const words of [
      'Note removed by maria',
      'Note by maria',
      'ticket 8812',
      'Amount: 65.1 → 1,070',
      'Reference: Order-9',
    ]) {
      await expect.element(panel().getByText(words, { exact: true })).toBeVisible();
    }
  });
});
