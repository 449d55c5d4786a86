import { beforeEach, describe, expect, it } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { fakeConnection, fakeFeed, type FakeApiClient } from '../support/fake-api-client.ts';
import { mountApp } from './mount-app.ts';
import { fakeCallError, fakeMessage } from '../support/fake-messages.ts';

const dialog = () => page.getByRole('dialog');
const section = () => page.getByRole('region', { name: 'Feeds' });
const secretText = 'a-secret-nobody-may-keep';
const callInputs = (client: FakeApiClient, callName: string) =>
  client.calls.filter(({ name }) => name === callName).map(({ input }) => input);

beforeEach(() => page.viewport(1280, 1_000));

async function chooseMenuItem(label: string): Promise<void> {
  await page.getByRole('button', { name: 'More actions for Web shop' }).click();
  await page.getByRole('menuitem', { name: label }).click();
}

describe('feeds', () => {
  it('feeds: a feed shows its source, its interval and the result of its last run', async () => {
    await mountApp(
      { feeds: [fakeFeed({ lastError: fakeMessage('shop.example answered HTTP 500. The next run tries again.') })] },
      '/connections',
    );
    for (const text of [
      'https://shop.example/sessions-feed',
      'GEFT of Flinks Canada',
      'With a secret',
      /^every 5 minutes, next in \d/,
      'Last run 3 minutes ago',
      '40 new, 3 changed, 2 rejected',
      /answered HTTP 500/,
      'Page 1, session 7, id: The session id has spaces in it.',
    ])
      await expect.element(section().getByText(text)).toBeVisible();
  });

  it('feeds: a URL feed is added, and its secret is sent once and stays in no page state', async () => {
    const { client } = await mountApp({ connections: [fakeConnection(1)] }, '/connections');
    await section().getByRole('button', { name: 'Add feed' }).click();
    await page.getByLabelText('Feed URL').fill('https://shop.example/feed');
    await page.getByLabelText(/^Feed secret/).fill(secretText);
    await page.getByRole('combobox', { name: 'Product' }).selectOptions('e-Transfer');
    await page.getByText('Custom field names').click();
    await page.getByLabelText('Session ID').fill('key');
    await dialog().getByRole('button', { name: 'Add feed' }).click();
    await expect.element(dialog()).not.toBeInTheDocument();
    await expect.element(section().getByRole('heading', { name: 'shop.example' })).toBeVisible();
    expect(callInputs(client, 'feeds.add')).toEqual([
      {
        name: 'shop.example',
        connectionId: fakeConnection(1).id,
        product: 'e_transfer',
        intervalMinutes: 5,
        secret: secretText,
        allowInMemory: false,
        source: { kind: 'url', url: 'https://shop.example/feed', format: 'json' },
        reading: { mapping: { id: 'key' }, amounts: 'plain', zonelessTimes: 'refuse' },
      },
    ]);
    expect(document.documentElement.outerHTML + JSON.stringify(localStorage)).not.toContain(secretText);
  });

  it('feeds: a folder feed that is declined is marked at its field', async () => {
    const { client } = await mountApp(
      {
        errors: {
          'feeds.add': fakeCallError('feed_refused', 'There is no such folder.', { details: { field: 'source.path' } }),
        },
      },
      '/connections',
    );
    await section().getByRole('button', { name: 'Add feed' }).click();
    await dialog().getByText('Folder', { exact: true }).click();
    await dialog().getByRole('textbox', { name: 'Folder' }).fill('/exports/nightly');
    await dialog().getByRole('button', { name: 'Add feed' }).click();
    await expect
      .element(dialog().getByRole('textbox', { name: 'Folder' }))
      .toHaveAccessibleDescription(/There is no such folder\./);
    expect(callInputs(client, 'feeds.add')).toMatchObject([
      {
        name: 'nightly',
        secret: null,
        source: { kind: 'folder', path: '/exports/nightly' },
        reading: { mapping: null },
      },
    ]);
  });

  it('feeds: a feed runs on request, and its interval and automatic runs can be changed', async () => {
    const { client } = await mountApp(
      { feeds: [fakeFeed({ lastError: fakeMessage('The page is not valid JSON.') })] },
      '/connections',
    );
    await section().getByRole('button', { name: 'Run now' }).click();
    await expect.element(section().getByText('The page is not valid JSON.')).not.toBeInTheDocument();
    await chooseMenuItem('Change…');
    await page.getByLabelText('Runs', { exact: true }).selectOptions('every hour');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect.element(section().getByText(/^every hour/)).toBeVisible();
    await chooseMenuItem('Change…');
    await page.getByLabelText('Run automatically').click();
    await page.getByRole('button', { name: 'Save' }).click();
    await expect.element(section().getByText('Runs only when you start it')).toBeVisible();
    expect(callInputs(client, 'feeds.change').map((input) => (input as { enabled: boolean }).enabled)).toEqual([
      true,
      false,
    ]);
  });

  it('feeds: a secret is replaced, and a feed is removed only after confirmation', async () => {
    const { client } = await mountApp({ feeds: [fakeFeed()] }, '/connections');
    await chooseMenuItem('Replace secret…');
    await page.getByLabelText('Feed secret').fill(secretText);
    await userEvent.keyboard('{Enter}');
    await expect.element(dialog()).not.toBeInTheDocument();
    expect(callInputs(client, 'feeds.replaceSecret')).toHaveLength(1);
    await chooseMenuItem('Remove…');
    await expect.poll(() => document.activeElement?.textContent).toContain('Keep feed');
    await userEvent.keyboard('{Escape}');
    expect(callInputs(client, 'feeds.remove')).toEqual([]);
    await chooseMenuItem('Remove…');
    await dialog().getByRole('button', { name: 'Remove feed' }).click();
    await expect.element(section().getByText(/^No feeds yet/)).toBeVisible();
  });

  it('feeds: practice shows no feeds', async () => {
    await mountApp({ state: { workspace: 'practice' }, feeds: [fakeFeed()] }, '/connections');
    await expect.element(page.getByRole('heading', { name: 'Flinks Canada' })).toBeVisible();
    expect(section().elements()).toHaveLength(0);
  });
});
