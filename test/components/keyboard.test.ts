import { beforeEach, describe, expect, it } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import type { CallName } from '../../src-main/contract/index.ts';
import type { FakeApiClient } from '../support/fake-api-client.ts';
import { mountApp } from './mount-app.ts';

/** Delays the responses of a call until the returned function runs. */
function delayCall(client: FakeApiClient, delayedCall: CallName): () => void {
  const { call } = client;
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  client.call = async (name, input) => {
    if (name === delayedCall) await released;
    return call(name, input);
  };
  return release;
}

async function openSearch(): Promise<FakeApiClient> {
  const { client } = await mountApp({ sessionCount: 200 });
  await expect.poll(() => document.querySelectorAll('[role="row"] .reference').length).toBeGreaterThan(1);
  await userEvent.keyboard('/');
  return client;
}
const dialog = () => page.getByRole('dialog');
const press = (key: string) =>
  document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));

beforeEach(() => page.viewport(1280, 800));

describe('key buffer', () => {
  it('key buffer: keys pressed during a search apply to the search result and never to an older row', async () => {
    const client = await openSearch();
    const release = delayCall(client, 'sessions.list');
    await userEvent.keyboard('Order-20008{Enter}{Delete}');
    await expect.element(dialog()).not.toBeInTheDocument();
    release();
    await expect.element(dialog()).toBeVisible();
    expect(dialog().element().textContent).toContain('Order-20008');
  });

  it('key buffer: keys pressed without a pause are buffered', async () => {
    await openSearch();
    await userEvent.keyboard('Order-20008');
    press('Enter');
    press('Delete');
    await expect.element(dialog()).toBeVisible();
    expect(dialog().element().textContent).toContain('Order-20008');
  });

  it('key buffer: keys are replayed in order and end at a dialog', async () => {
    const client = await openSearch();
    const release = delayCall(client, 'sessions.list');
    await userEvent.keyboard('Order-201{Enter}{ArrowDown}{ArrowDown}{ArrowDown}{Delete}{Enter}');
    release();
    await expect.element(dialog()).toBeVisible();
    expect(dialog().element().textContent).toContain('Order-20184');
    await expect.element(dialog().getByText('Choose a reason.', { exact: false })).not.toBeInTheDocument();
    await userEvent.keyboard('{Escape}');
    await expect.poll(() => document.activeElement?.getAttribute('aria-rowindex')).toBe('5');
  });

  it('key buffer: Escape discards the keys and keeps the focus in the search', async () => {
    const client = await openSearch();
    const release = delayCall(client, 'sessions.list');
    await userEvent.keyboard('Order-20008{Enter}{Delete}{Escape}');
    release();
    await expect.element(page.getByRole('grid', { name: 'Sessions' })).toHaveAttribute('aria-rowcount', '201');
    await expect.element(dialog()).not.toBeInTheDocument();
    expect(document.activeElement).toBe(page.getByRole('search').getByRole('textbox').element());
  });
});
