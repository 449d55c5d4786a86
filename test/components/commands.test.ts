import { beforeEach, describe, expect, it } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import type { Locator } from 'vitest/browser';
import { commandIds, getCommand } from '../../src-renderer/command-definitions.ts';
import type { CommandId } from '../../src-renderer/command-definitions.ts';
import { i18n } from '../../src-renderer/i18n.ts';
import { finishedBatchFields, fakeBatch, fakeRunningBatch } from '../support/fake-batches.ts';
import { fakeConnection, fakeFeed } from '../support/fake-api-client.ts';
import { mountApp } from './mount-app.ts';
import { nonEmpty } from '../support/non-empty.ts';

const commandLabel = (id: CommandId): string => i18n.global.t(`command.${id}`);
const palette = () => page.getByRole('dialog', { name: 'Commands' });
const connections = [fakeConnection(1), fakeConnection(2), fakeConnection(3, { isLocked: true })];
const timeInSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1_000).toISOString();

async function navigateTo(path: string, seen: Locator): Promise<void> {
  location.hash = path;
  await expect.element(seen).toBeVisible();
}

/** The labels of the commands that the palette lists without a query. */
async function listPaletteCommands(): Promise<string[]> {
  await userEvent.keyboard('{Control>}k{/Control}');
  await expect.element(palette().getByRole('combobox')).toHaveFocus();
  await expect.poll(() => document.querySelectorAll('.palette .item').length).toBeGreaterThan(10);
  const shown = [...document.querySelectorAll('.palette .item .label')].map((each) => each.textContent);
  await userEvent.keyboard('{Escape}');
  await expect.element(palette()).not.toBeInTheDocument();
  return shown;
}

beforeEach(() => page.viewport(1280, 800));

describe('commands', () => {
  it('commands: the palette lists every command in at least one view', async () => {
    const plan = fakeBatch(1);
    const armed = fakeBatch(2, { state: 'armed', startsAt: timeInSeconds(600), requiresTypedCount: false });
    const batches = [
      plan,
      armed,
      fakeRunningBatch(3, connections),
      fakeRunningBatch(4, connections, { state: 'paused' }),
      fakeBatch(5, finishedBatchFields),
    ];
    const screen = await mountApp(
      {
        sessionCount: 20,
        auditRecordCount: 5,
        connections,
        batches,
        feeds: [fakeFeed()],
        outcome: { state: 'unknown', cause: 'timed_out' },
      },
      '/settings',
    );
    const { client } = screen;
    const session = client.sessions.find(({ status, reference }) => status === 'active' && reference !== null);
    if (!session) throw new Error('The fake has no active session.');
    await client.call('cancellations.request', { sessionKey: session.key, reason: { category: 'Test' } });
    await client.call('views.save', {
      id: crypto.randomUUID(),
      name: 'Old ones',
      query: 'older=1d',
      columns: ['status'],
    });
    await client.call('removals.start', { olderThanDays: 365 });
    await expect.element(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();

    const listed = new Set(await listPaletteCommands());
    const collectCommands = async (): Promise<void> =>
      (await listPaletteCommands()).forEach((each) => listed.add(each));
    for (const batch of batches) {
      await navigateTo(
        `/batches/${batch.id}`,
        page.getByRole('heading', { level: 1, name: new RegExp(`(Batch|Plan) ${batch.number}`) }),
      );
      await collectCommands();
    }
    await navigateTo(
      `/sessions/${session.key}?environment=production`,
      page.getByRole('button', { name: 'Check status' }).first(),
    );
    await collectCommands();
    document.querySelector<HTMLElement>('[role="row"].body-row input')?.click();
    await expect.element(page.getByText('1 selected', { exact: true })).toBeVisible();
    await collectCommands();
    // This command exists only in the practice workspace.
    listed.add(commandLabel('leavePractice'));

    const missing = nonEmpty(commandIds).filter((id) => !getCommand(id).isHidden && !listed.has(commandLabel(id)));
    expect(missing).toEqual([]);
  });

  it('commands: practice can be left from the palette', async () => {
    await mountApp({ sessionCount: 3, state: { workspace: 'practice' } });
    expect(await listPaletteCommands()).toContain(commandLabel('leavePractice'));
  });

  it.each([
    ['a backup', 'restore a backup', 'Backups'],
    ['the cancellation reasons', 'cancellation reasons', 'Reasons'],
    ['the operator name', 'operator name', 'Operator'],
  ])('commands: the palette opens %s in the settings', async (_, query, heading) => {
    await mountApp({ sessionCount: 3 });
    await expect.poll(() => document.querySelectorAll('[role="row"].body-row').length).toBe(3);
    await userEvent.keyboard('{Control>}k{/Control}');
    await expect.element(palette().getByRole('combobox')).toHaveFocus();
    await palette().getByRole('combobox').fill(query);
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByRole('heading', { name: heading, level: 2, exact: true })).toHaveFocus();
    expect(location.hash).toBe('#/settings');
  });

  it('commands: the palette opens the dialogs of the selected connection and the selected feed', async () => {
    const { client } = await mountApp({ sessionCount: 3, connections, feeds: [fakeFeed()] });
    for (const [query, title] of [
      ['remove connection uat', 'Remove Flinks UAT?'],
      ['change feed', /^Change schedule of /],
    ] as const) {
      await userEvent.keyboard('{Control>}k{/Control}');
      await expect.element(palette().getByRole('combobox')).toHaveFocus();
      await palette().getByRole('combobox').fill(query);
      await userEvent.keyboard('{Enter}');
      await expect.element(page.getByRole('dialog', { name: title })).toBeVisible();
      await userEvent.keyboard('{Escape}');
      await expect.element(page.getByRole('dialog')).not.toBeInTheDocument();
    }
    expect(client.calls.some(({ name }) => name === 'connections.remove' || name === 'feeds.change')).toBe(false);
  });

  it('commands: the palette filters and sorts the session list from another view', async () => {
    await mountApp({ sessionCount: 20 }, '/settings');
    for (const query of ['filter environment sandbox', 'sort amount descending']) {
      await userEvent.keyboard('{Control>}k{/Control}');
      await expect.element(palette().getByRole('combobox')).toHaveFocus();
      await palette().getByRole('combobox').fill(query);
      await userEvent.keyboard('{Enter}');
      await expect.element(palette()).not.toBeInTheDocument();
    }
    await expect.poll(() => location.hash).toBe('#/sessions?environment=sandbox&sort=-amount');
    await expect.element(page.getByRole('columnheader', { name: 'Amount' })).toHaveAttribute('aria-sort', 'descending');
  });
});
