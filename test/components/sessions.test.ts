import { beforeEach, describe, expect, it } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { mountApp } from './mount-app.ts';
import { fakeCallError } from '../support/fake-messages.ts';

const grid = () => page.getByRole('grid', { name: 'Sessions' });
const focusedElement = () => document.activeElement;
const dataRows = () => document.querySelectorAll('[role="row"][aria-rowindex]:not([aria-rowindex="1"])');

async function waitForRows(): Promise<void> {
  await expect.poll(() => document.querySelectorAll('[role="row"] .reference').length).toBeGreaterThan(1);
}

beforeEach(() => page.viewport(1280, 800));

describe('session list', () => {
  it('session list: it renders the visible rows and shows the total', async () => {
    await mountApp({ sessionCount: 2_000 });
    await waitForRows();
    await expect.element(grid()).toHaveAttribute('aria-rowcount', '2001');
    expect(dataRows().length).toBeLessThan(60);
  });

  it('session list: distant rows are read without the rows between, and the scroll position is kept', async () => {
    const { client } = await mountApp({ sessionCount: 2_000 });
    await waitForRows();
    (dataRows()[0] as HTMLElement).focus();
    await userEvent.keyboard('{End}');
    await expect.poll(() => focusedElement()?.textContent).toContain('INV-2026-20001');
    expect(focusedElement()?.getAttribute('aria-rowindex')).toBe('2001');
    const pages = client.calls
      .filter(({ name }) => name === 'sessions.list')
      .map(({ input }) => input as { skip: number });
    expect(pages.at(-1)?.skip).toBeGreaterThan(1_000);
    await userEvent.keyboard('{Home}{ArrowDown}{PageDown}');
    expect(Number(focusedElement()?.getAttribute('aria-rowindex'))).toBeGreaterThan(15);
  });

  it('session list: one row is in the tab order', async () => {
    await mountApp({ sessionCount: 50 });
    await waitForRows();
    expect(document.querySelectorAll('[role="row"][tabindex="0"]').length).toBe(1);
  });

  it('session list: the search runs while typing and an empty result shows the query', async () => {
    await mountApp({ sessionCount: 20 });
    await waitForRows();
    await userEvent.keyboard('/');
    await userEvent.keyboard('Order-20004');
    await expect.element(grid()).toHaveAttribute('aria-rowcount', '2');
    expect(location.hash).toContain('q=Order-20004');
    await userEvent.keyboard('zzz');
    await expect.element(page.getByText('No session matches “Order-20004zzz”')).toBeVisible();
    await userEvent.keyboard('{Escape}');
    await expect.element(grid()).toHaveAttribute('aria-rowcount', '21');
  });

  it('session list: a status filter is set, and browser back removes it', async () => {
    await mountApp({ sessionCount: 40 });
    await waitForRows();
    await page.getByRole('tab', { name: /^Unknown/ }).click();
    await expect.element(page.getByRole('tab', { name: /^Unknown/ })).toHaveAttribute('aria-selected', 'true');
    await expect
      .poll(() =>
        [...document.querySelectorAll('[role="row"] .status .truncate')].every(
          (cell) => cell.textContent === 'Unknown',
        ),
      )
      .toBe(true);
    history.back();
    await expect.element(page.getByRole('tab', { name: /^All/ })).toHaveAttribute('aria-selected', 'true');
  });

  it('session list: an event updates a row in place', async () => {
    const { client } = await mountApp({ sessionCount: 5 });
    await waitForRows();
    const [first] = client.sessions;
    if (!first) throw new Error('The fake has no session.');
    client.sessions[0] = { ...first, reference: 'Renamed-1' };
    client.emit('sessions.changed', { rows: [{ ...first, reference: 'Renamed-1' }], isTruncated: false });
    await expect.element(page.getByText('Renamed-1')).toBeVisible();
  });

  it('session details: the URL opens a session far down the list, its full ID is shown only on request', async () => {
    const { client } = await mountApp({ sessionCount: 2_000 }, '/sessions/12');
    const session = client.sessions.find(({ key }) => key === 12);
    const panel = () => page.getByRole('complementary');
    await expect.element(panel().getByRole('button', { name: 'Show full session ID' })).toBeVisible();
    expect(panel().element().textContent).not.toContain(session?.id);
    await panel().getByRole('button', { name: 'Show full session ID' }).click();
    await expect.poll(() => panel().element().textContent).toContain(session?.id);
    location.hash = '/sessions/13';
    const next = client.sessions.find(({ key }) => key === 13);
    await expect.poll(() => panel().element().textContent).toContain(next?.id.slice(-4));
    expect(panel().element().textContent).not.toContain(next?.id);
  });

  it('session list: a failed read is reported and can be retried', async () => {
    const { client } = await mountApp({
      sessionCount: 5,
      errors: { 'sessions.count': fakeCallError('internal', 'The list could not be read.', { retryable: true }) },
    });
    await expect.element(page.getByText('The list could not be read.')).toBeVisible();
    delete client.options.errors?.['sessions.count'];
    await page.getByRole('button', { name: 'Try again' }).click();
    await waitForRows();
  });
});

describe('host disconnected', () => {
  it('host disconnected: a banner reports it, and the loaded sessions stay visible', async () => {
    const { setHostStatus } = await mountApp({ sessionCount: 5 });
    await waitForRows();
    setHostStatus('unreachable');
    await expect.element(page.getByRole('alert').getByText(/Session Desk is not responding/)).toBeVisible();
    expect(dataRows().length).toBe(5);
    setHostStatus('connected');
    await expect.poll(() => document.querySelector('[role="alert"]')).toBeNull();
  });
});
