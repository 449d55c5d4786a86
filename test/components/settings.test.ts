import { beforeEach, describe, expect, it } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import type { Removal } from '../../src-main/contract/index.ts';
import { mountApp, type MountedApp } from './mount-app.ts';
import { fakeCallError } from '../support/fake-messages.ts';

const dialog = () => page.getByRole('dialog');
const settingsSection = (name: string) => page.getByRole('region', { name, exact: true });
const callInputs = ({ client }: MountedApp, name: string) =>
  client.calls.filter((each) => each.name === name).map(({ input }) => input);
const readReasons = () =>
  settingsSection('Reasons')
    .getByRole('listitem')
    .elements()
    .map((item) => item.textContent?.trim());

beforeEach(() => page.viewport(1280, 800));

describe('operator name', () => {
  it('operator name: a change is saved, applies to new records and can be undone', async () => {
    const screen = await mountApp({}, '/settings');
    const save = settingsSection('Operator').getByRole('button', { name: 'Save' });
    await expect.element(save).toBeDisabled();
    await page.getByLabelText(/^Your name/).fill('Maria Santos');
    await save.click();
    await expect.element(settingsSection('Operator').getByText('Maria Santos (maria)')).toBeVisible();
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect
      .poll(() => callInputs(screen, 'settings.change'))
      .toEqual([{ operatorName: 'Maria Santos' }, { operatorName: null }]);
    await expect.element(page.getByLabelText(/^Your name/)).toHaveValue('');
  });

  it('operator name: a declined name shows the reason at the field and stays there', async () => {
    const error = fakeCallError('invalid_input', 'Write a name without parentheses.');
    await mountApp({ errors: { 'settings.change': error } }, '/settings');
    await page.getByLabelText(/^Your name/).fill('root (ben)');
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByLabelText(/^Your name/)).toHaveAccessibleDescription(/without parentheses/);
    await expect.element(page.getByLabelText(/^Your name/)).toHaveValue('root (ben)');
  });
});

it.each([
  [
    'a name',
    async () => {
      await page.getByLabelText(/^Your name/).fill('Maria Santos');
      await settingsSection('Operator').getByRole('button', { name: 'Save' }).click();
    },
  ],
  [
    'a number',
    async () => {
      await page.getByLabelText('Require typing the number for').selectOptions('0');
    },
  ],
] as const)('settings: a failed undo of %s is reported', async (_, change) => {
  const screen = await mountApp({}, '/settings');
  await change();
  await expect.element(page.getByRole('button', { name: 'Undo' })).toBeVisible();
  screen.client.options.errors = {
    'settings.change': fakeCallError('disk_full', 'The disk is full.', { retryable: true }),
  };
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.element(page.getByText('The disk is full.').first()).toBeVisible();
});

describe('saved reasons', () => {
  it('saved reasons: adding, moving and removing can be undone, and the cancel dialog offers the reasons', async () => {
    await mountApp({}, '/settings');
    await page.getByLabelText('New reason').fill('Chargeback risk');
    await settingsSection('Reasons').getByRole('button', { name: 'Add' }).click();
    await expect.poll(readReasons).toContain('Chargeback risk');
    await page.getByRole('button', { name: 'Move up: Chargeback risk' }).click();
    await expect.poll(() => readReasons().at(-2)).toBe('Chargeback risk');
    await page
      .getByRole('button', { name: 'Remove: Fraud' })
      .or(page.getByRole('button', { name: 'Remove: Suspected fraud' }))
      .click();
    await expect.poll(readReasons).not.toContain('Suspected fraud');
    await page.getByRole('button', { name: 'Undo' }).last().click();
    await expect.poll(readReasons).toContain('Suspected fraud');
    location.hash = '/sessions/3';
    await page.getByRole('button', { name: 'Cancel session…' }).click();
    await expect
      .poll(() => [...dialog().getByLabelText('Reason').element().querySelectorAll('option')].map(({ value }) => value))
      .toContain('Chargeback risk');
  });

  it('saved reasons: a duplicate is rejected, and the last reason cannot be removed', async () => {
    const screen = await mountApp({}, '/settings');
    await page.getByLabelText('New reason').fill('Customer asked');
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByLabelText('New reason')).toHaveAccessibleDescription('This reason already exists.');
    expect(callInputs(screen, 'settings.change')).toEqual([]);
    await screen.client.call('settings.change', { reasons: ['Only one'] });
    const changed = await screen.client.call('settings.get', {});
    if (changed.ok) screen.client.emit('settings.changed', changed.value);
    await expect.element(page.getByRole('button', { name: 'Remove: Only one' })).toBeDisabled();
  });
});

it('confirmation settings: the typed count threshold offers only stricter values', async () => {
  const screen = await mountApp({}, '/settings');
  const select = page.getByLabelText('Require typing the number for');
  await expect.element(select).toHaveValue('25');
  const offered = [...select.element().querySelectorAll('option')].map(({ value }) => Number(value));
  expect(Math.max(...offered)).toBe(25);
  await select.selectOptions('5');
  await expect.poll(() => callInputs(screen, 'settings.change')).toEqual([{ typedCountThreshold: 5 }]);
});

describe('screen recordings', () => {
  const label = 'Hide the window from screen recordings';

  it('screen recordings: the window can be hidden, and it is shown by default', async () => {
    const screen = await mountApp({}, '/settings');
    const checkbox = settingsSection('Privacy').getByLabelText(label);
    await expect.element(checkbox).not.toBeChecked();
    await checkbox.click();
    await expect.poll(() => callInputs(screen, 'settings.change')).toEqual([{ isHiddenFromRecordings: true }]);
    await expect.element(checkbox).toBeChecked();
  });

  it('screen recordings: a browser offers neither the setting nor the command', async () => {
    await mountApp({ hostKind: 'browser' }, '/settings');
    await expect.element(settingsSection('Backups')).toBeVisible();
    expect(settingsSection('Privacy').elements()).toEqual([]);
    await userEvent.keyboard('{Control>}k{/Control}recordings');
    expect(page.getByRole('option', { name: new RegExp(label) }).elements()).toEqual([]);
    await userEvent.keyboard('{Escape}');
  });

  it('screen recordings: the command turns the setting on, and an error is shown', async () => {
    const screen = await mountApp({}, '/batches');
    await userEvent.keyboard('{Control>}k{/Control}recordings');
    await page.getByRole('option', { name: new RegExp(`^${label}`) }).click();
    await expect.poll(() => callInputs(screen, 'settings.change')).toEqual([{ isHiddenFromRecordings: true }]);
    screen.client.options.errors = { 'settings.change': fakeCallError('disk_full', 'The disk is full.') };
    location.hash = '/settings';
    await settingsSection('Privacy').getByLabelText(label).click();
    await expect.element(settingsSection('Privacy').getByRole('alert')).toHaveTextContent('The disk is full.');
  });
});

it('backups: a restore asks for confirmation with the focus on the safe button, and an error is shown', async () => {
  const error = fakeCallError('backup_invalid', 'The backup is damaged.');
  const screen = await mountApp({ errors: { 'backups.restore': error } }, '/settings');
  await settingsSection('Backups').getByRole('button', { name: 'Back up now' }).click();
  await expect.poll(() => settingsSection('Backups').getByRole('listitem').elements().length).toBe(2);
  await settingsSection('Backups')
    .getByRole('button', { name: /^Restore the backup/ })
    .first()
    .click();
  await expect.poll(() => document.activeElement?.textContent?.trim()).toBe('Keep current data');
  expect(callInputs(screen, 'backups.restore')).toEqual([]);
  await dialog().getByRole('button', { name: 'Restore backup' }).click();
  await expect.element(dialog().getByText('The backup is damaged.')).toBeVisible();
});

it('backups: a copy is deleted after confirmation, by keyboard, and the focus stays in the section', async () => {
  const screen = await mountApp({}, '/settings');
  const section = settingsSection('Backups');
  const deleteButton = section.getByRole('button', { name: /^Delete the backup from/ });
  await expect.element(section.getByText('Backup', { exact: true })).toBeVisible();
  (deleteButton.element() as HTMLElement).focus();
  await userEvent.keyboard('{Enter}');
  await expect.poll(() => document.activeElement?.textContent?.trim()).toBe('Keep backup');
  await userEvent.keyboard('{Escape}');
  await expect.element(deleteButton).toHaveFocus();
  expect(callInputs(screen, 'backups.delete')).toEqual([]);
  await userEvent.keyboard('{Enter}');
  await dialog().getByRole('button', { name: 'Delete backup' }).click();
  await expect.element(page.getByText('desk-20261119T080000-000Z.sqlite was deleted.').first()).toBeVisible();
  await expect.element(section.getByText('No backup yet.')).toBeVisible();
  expect(callInputs(screen, 'backups.delete')).toEqual([{ name: 'desk-20261119T080000-000Z.sqlite' }]);
  await expect.element(section.getByRole('button', { name: 'Back up now' })).toHaveFocus();
});

it('backups: a deletion that is not confirmed outside the page shows the reason and keeps the backup', async () => {
  const message = 'Nothing was changed, because it was not confirmed in the dialog of Session Desk.';
  await mountApp({ errors: { 'backups.delete': fakeCallError('confirmation_declined', message) } }, '/settings');
  const section = settingsSection('Backups');
  await section.getByRole('button', { name: /^Delete the backup from/ }).click();
  await dialog().getByRole('button', { name: 'Delete backup' }).click();
  await expect.element(dialog().getByText(message)).toBeVisible();
  await dialog().getByRole('button', { name: 'Keep backup' }).click();
  await expect.poll(() => section.getByRole('listitem').elements().length).toBe(1);
});

it('backups: the list names the kind of each copy, and the old sessions lead to it', async () => {
  const copy = { bytes: 1_000_000, createdAt: '2026-11-19T08:00:00.000Z' };
  const backups = [
    { name: 'desk.replaced-20261119T080000.sqlite', kind: 'replaced' as const, ...copy },
    { name: 'desk.before-9.sqlite', kind: 'before_migration' as const, ...copy },
  ];
  await mountApp({ responses: { 'backups.list': backups } }, '/settings');
  const section = settingsSection('Backups');
  await expect.element(section.getByText('Replaced by a restore')).toBeVisible();
  await expect.element(section.getByText('Before an update')).toBeVisible();
  const old = settingsSection('Old sessions');
  await expect.element(old.getByText(/^Backups that contain these sessions keep them/)).toBeVisible();
  await old.getByRole('button', { name: 'Show backups' }).click();
  await expect.element(section.getByRole('heading', { name: 'Backups' })).toHaveFocus();
});

it('old sessions: they are counted before they can be removed, and removed after confirmation', async () => {
  const screen = await mountApp({}, '/settings');
  const old = settingsSection('Old sessions');
  expect(old.getByRole('button', { name: /^Remove/ }).elements()).toEqual([]);
  await old.getByRole('button', { name: 'Count sessions' }).click();
  await old.getByRole('button', { name: 'Remove 1,204 sessions…' }).click();
  await expect.poll(() => document.activeElement?.textContent?.trim()).toBe('Keep sessions');
  await userEvent.keyboard('{Escape}');
  expect(callInputs(screen, 'removals.start')).toEqual([]);
  // Another period: the earlier count no longer applies.
  await page.getByLabelText('No updates for').selectOptions('365');
  await expect.element(old.getByRole('button', { name: 'Remove 1,204 sessions…' })).not.toBeInTheDocument();
  await old.getByRole('button', { name: 'Count sessions' }).click();
  await expect.element(old.getByText('0 sessions would be removed.')).toBeVisible();
  await page.getByLabelText('No updates for').selectOptions('90');
  await old.getByRole('button', { name: 'Count sessions' }).click();
  await old.getByRole('button', { name: 'Remove 1,204 sessions…' }).click();
  await dialog().getByRole('button', { name: 'Remove 1,204 sessions' }).click();
  await expect.poll(() => callInputs(screen, 'removals.start')).toEqual([{ olderThanDays: 90 }]);
  await expect.element(dialog()).not.toBeInTheDocument();
  await expect.element(old.getByRole('button', { name: 'Count sessions' })).toHaveFocus();
});

describe('removals', () => {
  const old = settingsSection('Old sessions');
  const removalId = '40000000-0000-4000-8000-000000000007';
  const removed = (minutesAgo: number, overrides: Partial<Removal> = {}): Removal => {
    const at = Date.now() - minutesAgo * 60_000;
    return {
      removalId,
      removedAt: new Date(at).toISOString(),
      purgesAt: new Date(at + 86_400_000).toISOString(),
      operator: 'maria',
      retainedSessions: 412,
      progress: null,
      ...overrides,
    };
  };

  it('removals: undo in the toast restores the sessions and removes the entry from the list', async () => {
    const screen = await mountApp({}, '/settings');
    await old.getByRole('button', { name: 'Count sessions' }).click();
    await old.getByRole('button', { name: 'Remove 1,204 sessions…' }).click();
    await expect.element(dialog().getByText(/For 24 hours they stay in this workspace’s file/)).toBeVisible();
    await dialog().getByRole('button', { name: 'Remove 1,204 sessions' }).click();
    await expect.element(old.getByText(/^1,204 sessions were removed today at \d\d:\d\d by maria\.$/)).toBeVisible();
    await expect.element(old.getByText(/^They stay in this workspace’s file until \d\d:\d\d tomorrow\./)).toBeVisible();
    await page.getByRole('button', { name: 'Undo', exact: true }).click();
    await expect.element(page.getByText('1,204 sessions were restored with their timelines.').first()).toBeVisible();
    await expect.element(old.getByRole('list', { name: 'Removals that can be undone' })).not.toBeInTheDocument();
    expect(callInputs(screen, 'removals.undo')).toEqual([{ removalId: '40000000-0000-4000-8000-000000000001' }]);
  });

  it('removals: undo is offered after a restart, works by keyboard and keeps a focused element', async () => {
    const responses = {
      'removals.list': [removed(0)],
      'removals.undo': { restoredCount: 409, mergedCount: 2, unrestorableCount: 1 },
    };
    const screen = await mountApp({ responses }, '/settings');
    const undo = old.getByRole('button', { name: 'Undo the removal of 412 sessions' });
    await expect.element(undo).toBeVisible();
    (undo.element() as HTMLElement).focus();
    await userEvent.keyboard('{Enter}');
    await expect.poll(() => callInputs(screen, 'removals.undo')).toEqual([{ removalId }]);
    screen.client.emit('removals.changed', { rows: [] });
    await expect
      .element(
        page
          .getByText(
            '409 sessions were restored with their timelines. 2 had been added again. They keep their ' +
              'current state and get their earlier timelines. 1 cannot be restored because its connection was ' +
              'removed.',
          )
          .first(),
      )
      .toBeVisible();
    await expect.element(undo).not.toBeInTheDocument();
    await expect.element(old.getByRole('button', { name: 'Count sessions' })).toHaveFocus();
  });

  it('removals: a failed undo shows the reason and stays available', async () => {
    const error = fakeCallError('disk_full', 'The disk is full.', { retryable: true });
    await mountApp({ responses: { 'removals.list': [removed(0)] }, errors: { 'removals.undo': error } }, '/settings');
    const undo = old.getByRole('button', { name: 'Undo the removal of 412 sessions' });
    await undo.click();
    await expect.element(page.getByText('The disk is full.').first()).toBeVisible();
    await expect.element(undo).toBeVisible();
  });

  it('removals: yesterday’s removal is shown, and one older than 24 hours is not', async () => {
    const rows = [removed(23 * 60 + 59), removed(24 * 60 + 1, { retainedSessions: 9 })];
    await mountApp({ responses: { 'removals.list': rows } }, '/settings');
    await expect
      .element(old.getByText(/^412 sessions were removed (yesterday|today) at \d\d:\d\d by maria\.$/))
      .toBeVisible();
    expect(
      old.getByRole('list', { name: 'Removals that can be undone' }).getByRole('listitem').elements(),
    ).toHaveLength(1);
  });

  it('removals: a running removal or restore shows progress and offers no undo, also in the palette', async () => {
    const { client } = await mountApp({}, '/settings');
    const bar = old.getByRole('progressbar');
    await expect.element(old.getByRole('button', { name: 'Count sessions' })).toBeVisible();
    client.emit('removals.changed', {
      rows: [removed(0, { progress: { kind: 'removing', done: 1_500, total: 6_000 } })],
    });
    await expect.element(bar).toHaveAttribute('aria-valuetext', 'Removing sessions: 1,500 of 6,000');
    client.emit('removals.changed', {
      rows: [removed(0, { progress: { kind: 'restoring', done: 500, total: 6_000 } })],
    });
    await expect.element(old.getByText('Restoring sessions: 500 of 6,000')).toBeVisible();
    expect(old.getByRole('button', { name: /^Undo/ }).elements()).toEqual([]);
    await userEvent.keyboard('{Control>}k{/Control}old sessions');
    await expect.element(page.getByRole('option', { name: /^Remove old sessions/ })).toBeVisible();
    expect(page.getByRole('option', { name: /^Undo the removal/ }).elements()).toEqual([]);
    await userEvent.keyboard('{Escape}');
  });

  it('removals: the palette offers undo and shows which removal it is', async () => {
    const responses = {
      'removals.list': [removed(0)],
      'removals.undo': { restoredCount: 412, mergedCount: 0, unrestorableCount: 0 },
    };
    const screen = await mountApp({ responses }, '/batches');
    await userEvent.keyboard('{Control>}k{/Control}Undo removal');
    await page.getByRole('option', { name: /^Undo removal of old sessions.*412 sessions/ }).click();
    await expect.poll(() => callInputs(screen, 'removals.undo')).toEqual([{ removalId }]);
    await expect.element(page.getByText('412 sessions were restored with their timelines.').first()).toBeVisible();
  });
});

it('diagnostics: the bundle is reviewed before it is written, and the reviewed bundle is written', async () => {
  const screen = await mountApp({}, '/settings');
  await settingsSection('Diagnostics').getByRole('button', { name: 'Review bundle…' }).click();
  expect(callInputs(screen, 'diagnostics.write')).toEqual([]);
  await dialog().getByText('about.json').click();
  await expect.element(dialog().getByText('{ "version": "0.1.0" }')).toBeVisible();
  await dialog().getByRole('button', { name: 'Save as ZIP' }).click();
  await expect.element(dialog().getByText('Saved exactly as shown')).toBeVisible();
  expect(callInputs(screen, 'diagnostics.write')).toEqual([{ diagnosticsId: '30000000-0000-4000-8000-000000000001' }]);
});

it('about: the third-party components are listed with their licences, and the shortcuts can be opened', async () => {
  await mountApp({}, '/settings');
  await page.getByText(/^\d+ third-party components$/).click();
  await expect.element(page.getByRole('row', { name: /^vue \d[\d.]* MIT$/ })).toBeInTheDocument();
  await page.getByRole('button', { name: 'Show all shortcuts' }).click();
  await expect.element(dialog().getByRole('heading', { name: 'Keyboard shortcuts' })).toBeVisible();
});
