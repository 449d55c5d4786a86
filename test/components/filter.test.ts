/** Filter, sorting, columns, selection and actions of the session list, in the mounted app with a fake client. */
import { beforeEach, describe, expect, it } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import type { CallInput, CallName } from '../../src-main/contract/index.ts';
import { defaultColumns } from '../../src-renderer/session-list.ts';
import { startedRefresh, type FakeApiClient } from '../support/fake-api-client.ts';
import { mountApp } from './mount-app.ts';
import { fakeCallError } from '../support/fake-messages.ts';
import { nonEmpty } from '../support/non-empty.ts';

const rows = () => [...document.querySelectorAll<HTMLElement>('.body-row[role="row"]')];
const countSelectedRows = () => document.querySelectorAll('.body-row[aria-selected="true"]').length;
const chip = (text: string) => page.getByRole('button', { name: `Remove: ${text}` });
const selectionBar = () => page.getByRole('region', { name: 'Selection' });
const callInputs = <Name extends CallName>(client: FakeApiClient, name: Name) =>
  client.calls.filter((call) => call.name === name).map(({ input }) => input as CallInput<Name>);
const expectSelectedCount = (count: number) =>
  expect.element(selectionBar().getByText(`${count} selected`, { exact: true })).toBeVisible();
const row = (index: number) => page.elementLocator(rows()[index] ?? document.body);

async function mountSessionList(sessionCount = 60, path = '/sessions') {
  const screen = await mountApp({ sessionCount }, path);
  await expect.poll(() => document.querySelectorAll('.body-row .reference').length).toBeGreaterThan(0);
  return screen;
}

beforeEach(() => page.viewport(1280, 800));

describe('session filter', () => {
  it('session filter: the menu works by keyboard, shows counts and sets the URL', async () => {
    await mountSessionList();
    (page.getByRole('button', { name: 'Filter' }).element() as HTMLElement).focus();
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByRole('menuitem', { name: 'Status' })).toHaveFocus();
    await userEvent.keyboard('{ArrowDown}{ArrowDown}{ArrowRight}');
    await expect.element(page.getByRole('menuitemcheckbox', { name: /^Sandbox \d+$/ })).toHaveFocus();
    await userEvent.keyboard('{Enter}');
    await expect.poll(() => location.hash).toContain('environment=sandbox');
    await expect
      .element(page.getByRole('menuitemcheckbox', { name: /^Sandbox/ }))
      .toHaveAttribute('aria-checked', 'true');
    await userEvent.keyboard('{Escape}{Escape}');
    await expect.element(chip('Environment: Sandbox')).toBeVisible();
  });

  it('session filter: it is read from the URL, each chip can be removed, and browser back restores it', async () => {
    const { client } = await mountSessionList(
      200,
      '/sessions?status=active,unknown&older=2h&unchecked=never&amount=CAD:10-900',
    );
    const first = callInputs(client, 'sessions.list')[0]?.filter;
    expect(first).toMatchObject({
      statuses: ['active', 'unknown'],
      neverChecked: true,
      amount: { currency: 'CAD', from: '10', to: '900' },
    });
    expect(Date.now() - Date.parse(first?.createdBefore ?? '')).toBeGreaterThanOrEqual(7_200_000);
    await chip('Older than 2 hours').click();
    await expect.poll(() => location.hash).not.toContain('older');
    await chip('Never checked').click();
    await expect.element(chip('Never checked')).not.toBeInTheDocument();
    history.back();
    await expect.element(chip('Never checked')).toBeVisible();
    await page.getByRole('button', { name: 'Clear all' }).click();
    await expect.poll(() => location.hash).toBe('#/sessions');
    await expect.element(page.getByRole('button', { name: 'Filter' })).toHaveFocus();
  });

  it('session filter: removing a chip moves the focus to the next chip, after the last one to the menu', async () => {
    await mountSessionList(200, '/sessions?older=2h&unchecked=never');
    await chip('Older than 2 hours').click();
    await expect.element(chip('Never checked')).toHaveFocus();
    await userEvent.keyboard('{Enter}');
    await expect.poll(() => location.hash).toBe('#/sessions');
    await expect.element(page.getByRole('button', { name: 'Filter' })).toHaveFocus();
  });

  it('session filter: any age and amount is accepted, and an invalid one is marked', async () => {
    await mountSessionList();
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByRole('menuitem', { name: 'Other age or amount…' }).click();
    await page.getByLabelText(/^Older than/).fill('3');
    await page.getByLabelText(/^At least/).fill('12,50');
    await page.getByRole('button', { name: 'Apply' }).click();
    await expect.element(page.getByText('Enter a number such as 12.50.')).toBeVisible();
    await expect.element(page.getByText('Choose the currency of the amount.')).toBeVisible();
    await page.getByLabelText(/^At least/).fill('12.50');
    await page.getByLabelText(/^Currency of the amount/).selectOptions('CAD');
    await page.getByRole('button', { name: 'Apply' }).click();
    await expect.element(chip('Older than 3 hours')).toBeVisible();
    await expect.element(chip('At least CAD 12.50')).toBeVisible();
  });

  it('saved view: it stores filter, sorting and columns, opens again and returns after an undone removal', async () => {
    const { client } = await mountSessionList(200, '/sessions?older=1d&sort=-amount');
    const open = () => page.getByRole('button', { name: 'Views' }).click();
    await open();
    await page.getByRole('menuitem', { name: 'Save this view…' }).click();
    await page.getByRole('button', { name: 'Save view' }).click();
    await expect.element(page.getByText('Enter a name for the view.')).toBeVisible();
    await page.getByLabelText('Name').fill('Abandoned');
    await userEvent.keyboard('{Enter}');
    await expect
      .poll(() => callInputs(client, 'views.save')[0])
      .toMatchObject({ name: 'Abandoned', query: 'older=1d&sort=-amount' });
    await page.getByRole('button', { name: 'Clear all' }).click();
    await open();
    await page.getByRole('menuitem', { name: 'Abandoned' }).click();
    await expect.poll(() => location.hash).toContain('older=1d');
    await open();
    await userEvent.keyboard('{End}{ArrowRight}');
    await expect.element(page.getByRole('menuitem', { name: 'Current view Abandoned' })).toBeVisible();
    await expect.element(page.getByRole('menuitem', { name: 'Abandoned', exact: true })).toBeVisible();
    await userEvent.keyboard('{Enter}');
    // The earlier toast can also undo the save.
    await page.getByRole('button', { name: 'Undo' }).last().click();
    await open();
    await expect.element(page.getByRole('menuitem', { name: /Abandoned$/ })).toBeVisible();
  });

  it('saved view: undo of a save removes it, and a failed undo is reported', async () => {
    const { client } = await mountSessionList(200, '/sessions?older=1d');
    const save = async () => {
      await page.getByRole('button', { name: 'Views' }).click();
      await page.getByRole('menuitem', { name: 'Save this view…' }).click();
      await page.getByLabelText('Name').fill('Abandoned');
      await userEvent.keyboard('{Enter}');
    };
    const undo = page.getByRole('button', { name: 'Undo' });
    await save();
    await undo.click();
    await expect.poll(() => callInputs(client, 'views.remove')).toHaveLength(1);
    await expect.element(undo).not.toBeInTheDocument();
    client.options.errors = {
      'views.remove': fakeCallError('disk_full', 'The disk is full.', { retryable: true }),
    };
    await save();
    await undo.click();
    await expect.element(page.getByText('The disk is full.').first()).toBeVisible();
  });
});

describe('session columns', () => {
  it('session columns: a header sorts ascending, descending and not at all', async () => {
    const { client } = await mountSessionList();
    const amount = () => page.getByRole('columnheader', { name: 'Amount' });
    await page.getByRole('button', { name: 'Amount' }).click();
    await expect.element(amount()).toHaveAttribute('aria-sort', 'descending');
    await expect
      .poll(() => callInputs(client, 'sessions.list').at(-1)?.sort)
      .toEqual({ by: 'amount', descending: true });
    await page.getByRole('button', { name: 'Amount' }).click();
    await expect.element(amount()).toHaveAttribute('aria-sort', 'ascending');
    await page.getByRole('button', { name: 'Amount' }).click();
    await expect.element(amount()).toHaveAttribute('aria-sort', 'none');
    // Newest first: the age increases from row to row.
    await page.getByRole('button', { name: 'Age' }).click();
    await expect.element(page.getByRole('columnheader', { name: 'Age' })).toHaveAttribute('aria-sort', 'ascending');
  });

  it('session columns: selection, order, width and row height are stored', async () => {
    await mountSessionList();
    const heads = () =>
      [...document.querySelectorAll('[role="columnheader"]')].map((head) => head.textContent.trim()).filter(Boolean);
    await page.getByRole('button', { name: 'Display' }).click();
    await page.getByRole('checkbox', { name: 'Session ID' }).click();
    await page.getByRole('checkbox', { name: 'Product' }).click();
    await page.getByRole('button', { name: 'Move Reference to the left' }).click();
    await page.getByText('Compact').click();
    await expect
      .poll(heads)
      .toEqual(['Reference', 'Status', 'Amount', 'Connection', 'Age', 'Expires', 'Checked', 'Product']);
    await expect.poll(() => rows()[0]?.getBoundingClientRect().height).toBe(28);
    await userEvent.keyboard('{Escape}');
    const status = () => document.querySelectorAll('[role="columnheader"]')[2] as HTMLElement;
    const before = status().getBoundingClientRect().width;
    status().querySelector('button')?.focus();
    await userEvent.keyboard('{Alt>}{ArrowRight}{/Alt}');
    await expect.poll(() => status().getBoundingClientRect().width).toBe(before + 16);
    expect(JSON.parse(localStorage.getItem('columns') ?? '')[0]).toBe('reference');
    expect(JSON.parse(localStorage.getItem('widths') ?? '')).toEqual({ status: before + 16 });
  });

  it('session columns: all can be resized and moved by keyboard, and the focus follows', async () => {
    await mountSessionList();
    const head = (name: string) => page.getByRole('columnheader', { name }).element() as HTMLElement;
    const heads = () =>
      [...document.querySelectorAll('[role="columnheader"]')].map((each) => each.textContent.trim()).filter(Boolean);
    const widths = () => JSON.parse(localStorage.getItem('widths') ?? '{}') as Record<string, number>;
    for (const [index, name] of nonEmpty(heads().entries())) {
      const target = head(name).querySelector('button') ?? head(name);
      target.focus();
      expect(document.activeElement, name).toBe(target);
      const before = head(name).getBoundingClientRect().width;
      await userEvent.keyboard('{Alt>}{ArrowLeft}{/Alt}');
      await expect.poll(() => widths()[defaultColumns[index] ?? '']).toBe(Math.round(before - 16));
    }
    head('Session ID').focus();
    const order = heads();
    await userEvent.keyboard('{Alt>}{Shift>}{ArrowRight}{ArrowRight}{/Shift}{/Alt}');
    const from = order.indexOf('Session ID');
    await expect.poll(() => heads().indexOf('Session ID')).toBe(from + 2);
    expect(document.activeElement).toBe(head('Session ID'));
    await userEvent.keyboard('{Alt>}{Shift>}{ArrowLeft}{ArrowLeft}{/Shift}{/Alt}');
    await expect.poll(heads).toEqual(order);
  });

  it('session columns: a narrow window hides columns', async () => {
    await page.viewport(960, 600);
    await mountSessionList();
    await expect.poll(() => document.querySelectorAll('[role="columnheader"]').length).toBeLessThan(9);
    expect(document.querySelector('[role="grid"]')?.getAttribute('aria-colcount')).toBe(
      String(document.querySelectorAll('[role="columnheader"]').length),
    );
  });
});

describe('session selection', () => {
  it('session selection: Space, Shift+arrow and Shift+click select, and a smaller range deselects', async () => {
    await mountSessionList();
    rows()[0]?.focus();
    await userEvent.keyboard(' ');
    await expectSelectedCount(1);
    await userEvent.keyboard('{Shift>}{ArrowDown}{ArrowDown}{ArrowDown}{/Shift}');
    await expectSelectedCount(4);
    await userEvent.keyboard('{Shift>}{ArrowUp}{/Shift}');
    await expectSelectedCount(3);
    await row(8).click({ modifiers: ['Shift'] });
    await expectSelectedCount(9);
    await row(4).click({ modifiers: ['ControlOrMeta'] });
    await expectSelectedCount(8);
    expect(countSelectedRows()).toBe(8);
    await userEvent.keyboard('{Escape}');
    await expect.poll(countSelectedRows).toBe(0);
  });

  it('session selection: all matches except some can be selected, and the count is shown', async () => {
    const { client } = await mountSessionList(60, '/sessions?status=active');
    await expect.poll(() => document.querySelector('[role="grid"]')?.getAttribute('aria-multiselectable')).toBe('true');
    const all = Number(document.querySelector('[role="grid"]')?.getAttribute('aria-rowcount')) - 1;
    rows()[0]?.focus();
    await userEvent.keyboard('{Control>}a{/Control}');
    await expectSelectedCount(all);
    for (const index of [1, 3, 5]) (rows()[index]?.querySelector('input') as HTMLElement).click();
    await expectSelectedCount(all - 3);
    await page.getByRole('button', { name: 'Check status' }).click();
    await expect
      .poll(() => callInputs(client, 'refreshes.start')[0])
      .toMatchObject({ filter: { statuses: ['active'] } });
    expect((callInputs(client, 'refreshes.start')[0] as { excludedKeys: number[] }).excludedKeys).toHaveLength(3);
    await expect.element(page.getByText(`Checking with providers: 0 of ${all - 3} · 0:12 left`)).toBeVisible();
  });

  it('session selection: a new filter clears it, and a new sorting keeps it', async () => {
    await mountSessionList();
    await row(0).click({ modifiers: ['ControlOrMeta'] });
    await page.getByRole('button', { name: 'Reference' }).click();
    await expectSelectedCount(1);
    await page.getByRole('tab', { name: /^Active/ }).click();
    await expect.element(selectionBar().getByText(/ match/)).toBeVisible();
  });
});

describe('selected sessions', () => {
  it('selected sessions: a status check shows progress and can be stopped', async () => {
    const { client } = await mountSessionList();
    await row(0).click({ modifiers: ['ControlOrMeta'] });
    await page.getByRole('button', { name: 'Check status' }).click();
    client.emit('refreshes.changed', { rows: [{ ...startedRefresh, total: 5, unchanged: 1, changed: 1 }] });
    await expect.element(page.getByText(/Checking with providers: 2 of 5/)).toBeVisible();
    await page.getByRole('button', { name: 'Stop' }).click();
    await expect.element(page.getByText('Stopped. Checked 2 of 5 · 0 changed · 2 unchanged · 3 skipped')).toBeVisible();
    await page
      .getByRole('list', { name: 'Status checks and exports' })
      .getByRole('button', { name: 'Dismiss' })
      .click();
    await expect.element(page.getByText(/Stopped\. Checked/)).not.toBeInTheDocument();
  });

  it('selected sessions: an export masks IDs by default and shows the file name', async () => {
    const { client } = await mountSessionList();
    await row(0).click({ modifiers: ['ControlOrMeta'] });
    await page.getByRole('button', { name: 'Export…' }).click();
    await page.getByRole('button', { name: 'Export 1 session' }).click();
    await expect
      .poll(() => callInputs(client, 'exports.start')[0])
      .toMatchObject({ format: 'csv', unmaskedIds: false, sessionKeys: [60] });
    client.emit('exports.changed', {
      rows: [
        {
          exportId: startedRefresh.refreshId,
          state: 'finished',
          total: 1,
          written: 1,
          file: '/data/exports/sessions.csv',
          error: null,
        },
      ],
    });
    await expect.element(page.getByText('/data/exports/sessions.csv')).toBeVisible();
  });
});

describe('live updates', () => {
  it('live updates: the focused row does not move', async () => {
    const { client } = await mountSessionList();
    rows()[4]?.focus();
    const [reference, top] = [
      document.activeElement?.querySelector('.reference')?.textContent,
      document.activeElement?.getBoundingClientRect().top,
    ];
    const added = { ...client.sessions[0], key: 1_000, reference: 'Brand-new' } as (typeof client.sessions)[number];
    client.sessions.unshift(added);
    client.emit('sessions.changed', { rows: [added], isTruncated: false });
    await expect.poll(() => document.querySelector('[role="grid"]')?.getAttribute('aria-rowcount')).toBe('62');
    expect(document.activeElement?.querySelector('.reference')?.textContent).toBe(reference);
    expect(document.activeElement?.getBoundingClientRect().top).toBe(top);
  });

  it('live updates: the row under the pointer does not move', async () => {
    const { client } = await mountSessionList();
    await row(6).hover();
    const pointed = rows()[6];
    const [reference, top] = [pointed?.querySelector('.reference')?.textContent, pointed?.getBoundingClientRect().top];
    const added = { ...client.sessions[0], key: 1_000, reference: 'Brand-new' } as (typeof client.sessions)[number];
    client.sessions.unshift(added);
    client.emit('sessions.changed', { rows: [added], isTruncated: false });
    await expect.poll(() => document.querySelector('[role="grid"]')?.getAttribute('aria-rowcount')).toBe('62');
    const same = [...rows()].find((each) => each.querySelector('.reference')?.textContent === reference);
    expect(same?.getBoundingClientRect().top).toBe(top);
  });

  it('live updates: an update that would remove the focused row waits until the focus leaves', async () => {
    const { client } = await mountSessionList(60, '/sessions?status=active');
    rows()[0]?.focus();
    const key = client.sessions.findIndex(({ status }) => status === 'active');
    const changed = { ...client.sessions[key], status: 'expired' } as (typeof client.sessions)[number];
    const name = document.activeElement?.querySelector('.reference')?.textContent;
    client.sessions[key] = changed;
    client.emit('sessions.changed', { rows: [changed], isTruncated: false });
    await expect.element(page.getByRole('button', { name: 'List changed. Refresh' })).toBeVisible();
    expect(document.activeElement?.querySelector('.reference')?.textContent).toBe(name);
    expect(document.activeElement?.textContent).toContain('Expired');
    await page.getByRole('button', { name: 'List changed. Refresh' }).click();
    await expect.poll(() => rows()[0]?.querySelector('.reference')?.textContent).not.toBe(name);
  });
});
