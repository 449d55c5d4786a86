import { beforeEach, describe, expect, it } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { nextTick } from 'vue';
import { commands, matchesShortcut, matchScore } from '../../src-renderer/command-definitions.ts';
import { fakeConnection } from '../support/fake-api-client.ts';
import { mountApp } from './mount-app.ts';

const palette = () => page.getByRole('dialog', { name: 'Commands' });
const option = (name: string | RegExp) => palette().getByRole('option', { name });
const highlightedText = () => document.querySelector('.palette [data-highlighted]')?.textContent ?? '';
const rows = () => document.querySelectorAll<HTMLElement>('[role="row"].body-row');

async function openPalette(typed = ''): Promise<void> {
  await userEvent.keyboard('{Control>}k{/Control}');
  await expect.element(palette().getByRole('combobox')).toHaveFocus();
  if (typed) await palette().getByRole('combobox').fill(typed);
}

async function expectRowsListed(): Promise<void> {
  await expect.poll(() => rows().length).toBeGreaterThan(1);
}

beforeEach(() => page.viewport(1280, 800));

describe('command palette', () => {
  it('command palette: it opens every view and closes', async () => {
    await mountApp({ sessionCount: 3, auditRecordCount: 5 });
    for (const view of ['Audit', 'Settings', 'Batches', 'Connections', 'Sessions']) {
      await openPalette(`go ${view.slice(0, 3).toLowerCase()}`);
      await expect.poll(highlightedText).toContain(`Go to ${view}`);
      await userEvent.keyboard('{Enter}');
      await expect.element(page.getByRole('heading', { name: view, level: 1 })).toBeVisible();
      expect(document.querySelector('.palette')).toBeNull();
    }
  });

  it('command palette: a reference or a session ID finds and opens a session', async () => {
    const { client } = await mountApp({ sessionCount: 20 }, '/settings');
    await openPalette('Order-20004');
    await expect.poll(highlightedText).toMatch(/^Order-20004/);
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByRole('complementary', { name: 'Order-20004' })).toBeVisible();
    const target = client.sessions.find(({ reference }) => reference?.includes('20008'));
    await openPalette(target?.id ?? '');
    await expect.poll(highlightedText).toMatch(new RegExp(`^${target?.reference ?? ''}`));
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByRole('complementary', { name: target?.reference ?? '' })).toBeVisible();
  });

  it('command palette: Enter never opens an entry that no longer matches', async () => {
    const { client } = await mountApp({ sessionCount: 20 });
    await expectRowsListed();
    await openPalette('Order-20004');
    await expect.poll(highlightedText).toMatch(/^Order-20004/);
    client.options.responseDelayMs = 60_000;
    await userEvent.keyboard('8');
    expect(highlightedText()).not.toMatch(/^Order-20004/);
    await expect.poll(highlightedText).toContain('Search sessions for “Order-200048”');
  });

  it('command palette: a list that changes under a resting pointer keeps its highlight', async () => {
    await mountApp({ sessionCount: 3 });
    await openPalette('go ');
    await expect.poll(() => palette().getByRole('option').elements().length).toBeGreaterThan(1);
    const [first, second] = palette().getByRole('option').elements();
    const isHighlighted = (element?: Element) => element?.hasAttribute('data-highlighted');
    await expect.poll(() => isHighlighted(first)).toBe(true);
    const move = (movementX: number) =>
      second?.dispatchEvent(new PointerEvent('pointermove', { bubbles: true, pointerType: 'mouse', movementX }));
    // Chromium sends a move without a distance if the element under the pointer changes.
    move(0);
    await nextTick();
    expect([isHighlighted(first), isHighlighted(second)]).toEqual([true, false]);
    move(1);
    await expect.poll(() => isHighlighted(second)).toBe(true);
  });

  it('command palette: "Cancel session" opens the cancel dialog and sends nothing', async () => {
    const { client } = await mountApp({ sessionCount: 20 });
    await expectRowsListed();
    const active = [...rows()].find((row) => row.textContent.includes('Active'));
    active?.focus();
    await openPalette('cancel');
    await expect.poll(highlightedText).toContain('Cancel session…');
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByRole('dialog', { name: 'Cancel this session?' })).toBeVisible();
    const reference = active?.querySelector('.reference')?.textContent.trim() ?? '?';
    await expect.element(page.getByRole('dialog').getByText(reference, { exact: false })).toBeVisible();
    expect(client.calls.some(({ name }) => name.startsWith('cancellations'))).toBe(false);
  });

  it('command palette: several selected sessions lead to a plan', async () => {
    const { client } = await mountApp({ sessionCount: 20 });
    await expectRowsListed();
    rows()[0]?.focus();
    await userEvent.keyboard(' {ArrowDown} {ArrowDown} ');
    await openPalette('cancel');
    await expect.element(option(/Cancel session….*3 selected/)).toBeVisible();
    await userEvent.keyboard('{Enter}');
    await expect.poll(() => client.calls.some(({ name }) => name === 'batches.plan')).toBe(true);
  });

  it('command palette: "Add or edit note" applies to the row that had the focus', async () => {
    await mountApp({ sessionCount: 20 });
    await expectRowsListed();
    rows()[2]?.focus();
    await openPalette('note');
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByRole('textbox', { name: 'Note' })).toHaveFocus();
  });

  it('command palette: a command with several targets lists them and runs for the selected one', async () => {
    const { client } = await mountApp({
      sessionCount: 3,
      connections: [1, 2, 3].map((number) => fakeConnection(number)),
    });
    await openPalette('test');
    await userEvent.keyboard(' uat');
    await expect.poll(highlightedText).toContain('Test connectionFlinks UAT · Sandbox');
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByText(/The credential works/)).toBeVisible();
    expect(client.calls.find(({ name }) => name === 'connections.test')?.input).toEqual({
      connectionId: fakeConnection(3).id,
    });
    await openPalette();
    await option(/^Theme/).click();
    await expect.element(palette().getByRole('combobox')).toHaveValue('Theme ');
    await userEvent.keyboard('dark{Enter}');
    await expect.poll(() => document.documentElement.dataset['theme']).toBe('dark');
  });

  it('command palette: a command of another view opens that view and runs there', async () => {
    await mountApp({ sessionCount: 3, auditRecordCount: 5 }, '/settings');
    await openPalette('import');
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByRole('dialog', { name: 'Import sessions' })).toBeVisible();
    await userEvent.keyboard('{Escape}');
    await openPalette('export the audit');
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByRole('dialog', { name: 'Export the audit log' })).toBeVisible();
  });

  it('command palette: a complete session ID that is not tracked can be added', async () => {
    await mountApp({ sessionCount: 3 }, '/audit');
    await openPalette('ps-661f87c614802d6c402cd82d');
    await expect.poll(highlightedText).toContain('Add session…');
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByLabelText('Session ID')).toHaveValue('ps-661f87c614802d6c402cd82d');
  });

  it('command palette: closing it restores the focus', async () => {
    await mountApp({ sessionCount: 20 });
    await expectRowsListed();
    rows()[3]?.focus();
    await openPalette('zzz');
    await userEvent.keyboard('{Escape}');
    await expect.poll(() => document.activeElement).toBe(rows()[3]);
    expect(document.querySelector('.palette')).toBeNull();
  });
});

describe('keyboard shortcuts', () => {
  it('keyboard shortcuts: all of them are listed in the help dialog', async () => {
    await mountApp({ sessionCount: 3 });
    await expectRowsListed();
    await userEvent.keyboard('?');
    const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await expect.element(help).toBeVisible();
    const shown = help.element().textContent;
    const words = ['Commands', 'Search sessions', 'Cancel session…', 'Add or edit note', 'Next or previous row'];
    for (const word of words) expect(shown).toContain(word);
  });

  it('keyboard shortcuts: single-key shortcuts can be turned off and are then neither active nor shown', async () => {
    const { client } = await mountApp({ sessionCount: 3 });
    await expectRowsListed();
    await userEvent.keyboard('?');
    const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await help.getByRole('checkbox', { name: 'Single-key shortcuts' }).click();
    await expect
      .poll(() => client.calls.find(({ name }) => name === 'settings.change')?.input)
      .toEqual({ singleKeyShortcutsEnabled: false });
    await expect.poll(() => help.element().textContent).not.toContain('Search sessions');
    expect(help.element().textContent).toContain('Commands');
    await userEvent.keyboard('{Escape}');
    await expect.element(help).not.toBeInTheDocument();
    rows()[0]?.focus();
    await userEvent.keyboard('/na?r');
    expect(document.activeElement).toBe(rows()[0]);
    expect(document.querySelector('[role="dialog"]')).toBeNull();
    expect(document.querySelector('[aria-keyshortcuts="/"]')).toBeNull();
    expect(client.calls.some(({ name }) => name.startsWith('refreshes.start') || name === 'sessions.refresh')).toBe(
      false,
    );
    // Shortcuts with a modifier key stay active, and the palette turns single-key shortcuts on again.
    await openPalette('single-key');
    await expect.poll(highlightedText).toContain('Single-key shortcutsTurn on');
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByText('Single-key shortcuts are on.', { exact: true })).toBeVisible();
    await userEvent.keyboard('/');
    await expect.element(page.getByRole('textbox', { name: 'Search by reference or session ID' })).toHaveFocus();
  });

  it('keyboard shortcuts: a text field receives the keys as text', async () => {
    await mountApp({ sessionCount: 3 });
    await expectRowsListed();
    await userEvent.keyboard('/');
    await userEvent.keyboard('na?');
    await expect.poll(() => document.querySelector('[role="dialog"]')).toBeNull();
    expect((document.activeElement as HTMLInputElement).value).toBe('na?');
  });

  it('keyboard shortcuts: each belongs to one command', () => {
    const keys = Object.values(commands).flatMap((command) => ('shortcut' in command ? [command.shortcut] : []));
    expect(new Set(keys).size).toBe(keys.length);
    expect(matchesShortcut('Mod+K', new KeyboardEvent('keydown', { key: 'k', ctrlKey: true }))).toBe(true);
    expect(matchesShortcut('R', new KeyboardEvent('keydown', { key: 'r', ctrlKey: true }))).toBe(false);
    expect(matchesShortcut('Del', new KeyboardEvent('keydown', { key: 'Delete' }))).toBe(true);
  });

  it('command search: a match contains every word of the query', () => {
    expect(matchScore('Go to Audit', 'aud go')).toBeGreaterThan(matchScore('Verify the audit log', 'aud'));
    expect(matchScore('Import or paste sessions…', 'paste')).toBeGreaterThan(
      matchScore('Filter sessions by source: Pasted', 'paste'),
    );
    expect(matchScore('Go to Audit', 'go batches')).toBe(0);
    expect(matchScore('Rows · Compact', '(')).toBe(0);
  });
});
