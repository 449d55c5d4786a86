import { beforeEach, describe, expect, it } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import type { Locator } from 'vitest/browser';
import { actIds, actOf } from '../../src-renderer/composables/command-definitions.ts';
import type { ActId } from '../../src-renderer/composables/command-definitions.ts';
import { i18n } from '../../src-renderer/i18n.ts';
import { ended, fakeBatch, fakeRun } from '../support/fake-batches.ts';
import { fakeConnection, fakeFeed } from '../support/fake-api-client.ts';
import { mountScreen } from './mount-app.ts';

const words = (act: ActId): string => i18n.global.t(`act.${act}`);
const palette = () => page.getByRole('dialog', { name: 'Command palette' });
const connections = [fakeConnection(1), fakeConnection(2), fakeConnection(3, { locked: true })];
const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1_000).toISOString();

async function go(path: string, seen: Locator): Promise<void> {
  location.hash = path;
  await expect.element(seen).toBeVisible();
}

/** The acts that the palette lists with nothing typed, by their words. */
async function listed(): Promise<string[]> {
  await userEvent.keyboard('{Control>}k{/Control}');
  await expect.element(palette().getByRole('combobox')).toHaveFocus();
  await expect.poll(() => document.querySelectorAll('.palette .item').length).toBeGreaterThan(10);
  const shown = [...document.querySelectorAll('.palette .item .words')].map((each) => each.textContent);
  await userEvent.keyboard('{Escape}');
  await expect.element(palette()).not.toBeInTheDocument();
  return shown;
}

beforeEach(() => page.viewport(1280, 800));

describe('the palette', () => {
  it('reaches every act that there is', async () => {
    const plan = fakeBatch(1);
    const armed = fakeBatch(2, { state: 'armed', startsAt: inSeconds(600), needsCount: false });
    const batches = [
      plan,
      armed,
      fakeRun(3, connections),
      fakeRun(4, connections, { state: 'paused' }),
      fakeBatch(5, ended),
    ];
    const screen = await mountScreen(
      {
        sessions: 20,
        audit: 5,
        connections,
        batches,
        feeds: [fakeFeed()],
        outcome: { state: 'unknown', cause: 'timed_out' },
      },
      '/settings',
    );
    const { desk } = screen;
    const session = desk.sessions.find(({ status, reference }) => status === 'active' && reference !== null);
    if (!session) throw new Error('The fake has no active session.');
    await desk.call('cancellations.request', { sessionKey: session.key, reason: { category: 'Test' } });
    await desk.call('views.put', { id: crypto.randomUUID(), name: 'Old ones', query: 'older=1d', columns: ['status'] });
    await desk.call('sessions.removeOld', { olderThanDays: 365 });
    await expect.element(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();

    const found = new Set(await listed());
    const gather = async (): Promise<void> => (await listed()).forEach((each) => found.add(each));
    for (const batch of batches) {
      await go(
        `/batches/${batch.id}`,
        page.getByRole('heading', { level: 1, name: new RegExp(`(Batch|Plan) ${batch.number}`) }),
      );
      await gather();
    }
    await go(
      `/sessions/${session.key}?environment=production`,
      page.getByRole('button', { name: 'Check with provider' }).first(),
    );
    await gather();
    document.querySelector<HTMLElement>('[role="row"].body input')?.click();
    await expect.element(page.getByText('1 selected', { exact: true })).toBeVisible();
    await gather();
    // Its own workspace has this one.
    found.add(words('leavePractice'));

    const missing = actIds.filter((id) => !actOf(id).hidden && !found.has(words(id)));
    expect(missing).toEqual([]);
  });

  it('leads out of practice', async () => {
    await mountScreen({ sessions: 3, state: { workspace: 'practice' } });
    expect(await listed()).toContain(words('leavePractice'));
  });

  it.each([
    ['a backup', 'restore a backup', 'Backups'],
    ['the reasons', 'reasons for cancelling', 'Reasons'],
    ['your name', 'your name in', 'Operator'],
  ])('leads to %s in the settings', async (_, typed, heading) => {
    await mountScreen({ sessions: 3 });
    await expect.poll(() => document.querySelectorAll('[role="row"].body').length).toBe(3);
    await userEvent.keyboard('{Control>}k{/Control}');
    await expect.element(palette().getByRole('combobox')).toHaveFocus();
    await userEvent.keyboard(typed);
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByRole('heading', { name: heading, level: 2, exact: true })).toHaveFocus();
    expect(location.hash).toBe('#/settings');
  });

  it('leads to the dialog that removes a connection or changes a feed, of the one that was named', async () => {
    const { desk } = await mountScreen({ sessions: 3, connections, feeds: [fakeFeed()] });
    for (const [typed, title] of [
      ['remove connection uat', 'Remove Flinks UAT?'],
      ['change feed', /^When does .* run\?$/],
    ] as const) {
      await userEvent.keyboard('{Control>}k{/Control}');
      await expect.element(palette().getByRole('combobox')).toHaveFocus();
      await userEvent.keyboard(typed);
      await userEvent.keyboard('{Enter}');
      await expect.element(page.getByRole('dialog', { name: title })).toBeVisible();
      await userEvent.keyboard('{Escape}');
      await expect.element(page.getByRole('dialog')).not.toBeInTheDocument();
    }
    expect(desk.asked.some(({ name }) => name === 'connections.remove' || name === 'feeds.change')).toBe(false);
  });

  it('narrows and orders the list from another place', async () => {
    await mountScreen({ sessions: 20 }, '/settings');
    for (const typed of ['filter environment sandbox', 'sort amount descending']) {
      await userEvent.keyboard('{Control>}k{/Control}');
      await expect.element(palette().getByRole('combobox')).toHaveFocus();
      await userEvent.keyboard(typed);
      await userEvent.keyboard('{Enter}');
      await expect.element(palette()).not.toBeInTheDocument();
    }
    await expect.poll(() => location.hash).toBe('#/sessions?environment=sandbox&sort=-amount');
    await expect.element(page.getByRole('columnheader', { name: 'Amount' })).toHaveAttribute('aria-sort', 'descending');
  });
});
