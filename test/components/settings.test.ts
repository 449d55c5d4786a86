import { beforeEach, describe, expect, it } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { mountScreen, type Screen } from './mount.ts';

const dialog = () => page.getByRole('dialog');
const part = (name: string) => page.getByRole('region', { name, exact: true });
const asked = ({ desk }: Screen, name: string) => desk.asked.filter((each) => each.name === name).map(({ input }) => input);
const reasons = () => part('Reasons').getByRole('listitem').elements().map((item) => item.textContent?.trim());

beforeEach(() => page.viewport(1280, 800));

describe('the operator’s name', () => {
  it('is saved once it is another, names records from then on, and can be taken back', async () => {
    const screen = await mountScreen({}, '/settings');
    const save = part('Operator').getByRole('button', { name: 'Save' });
    await expect.element(save).toBeDisabled();
    await page.getByLabelText(/^Your name/).fill('Maria Santos');
    await save.click();
    await expect.element(part('Operator').getByText('Maria Santos (maria)')).toBeVisible();
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => asked(screen, 'settings.change')).toEqual([{ operatorName: 'Maria Santos' }, { operatorName: null }]);
    await expect.element(page.getByLabelText(/^Your name/)).toHaveValue('');
  });

  it('that is declined says why at the field and stays there', async () => {
    const error = { code: 'invalid_input', message: 'Write a name without parentheses.', retryable: false, details: {} } as const;
    await mountScreen({ errors: { 'settings.change': error } }, '/settings');
    await page.getByLabelText(/^Your name/).fill('root (ben)');
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByLabelText(/^Your name/)).toHaveAccessibleDescription(/without parentheses/);
    await expect.element(page.getByLabelText(/^Your name/)).toHaveValue('root (ben)');
  });
});

describe('the saved reasons', () => {
  it('are added to, moved and removed, each to be taken back, and are what a cancel offers', async () => {
    await mountScreen({}, '/settings');
    await page.getByLabelText('Another reason').fill('Chargeback risk');
    await part('Reasons').getByRole('button', { name: 'Add' }).click();
    await expect.poll(reasons).toContain('Chargeback risk');
    await page.getByRole('button', { name: 'Move up: Chargeback risk' }).click();
    await expect.poll(() => reasons().at(-2)).toBe('Chargeback risk');
    await page.getByRole('button', { name: 'Remove: Fraud' }).or(page.getByRole('button', { name: 'Remove: Suspected fraud' })).click();
    await expect.poll(reasons).not.toContain('Suspected fraud');
    await page.getByRole('button', { name: 'Undo' }).last().click();
    await expect.poll(reasons).toContain('Suspected fraud');
    location.hash = '/sessions/3';
    await page.getByRole('button', { name: 'Cancel session…' }).click();
    await expect.poll(() => [...dialog().getByLabelText('Reason').element().querySelectorAll('option')].map(({ value }) => value)).toContain('Chargeback risk');
  });

  it('are not doubled, and the last one stays', async () => {
    const screen = await mountScreen({}, '/settings');
    await page.getByLabelText('Another reason').fill('Customer asked');
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByLabelText('Another reason')).toHaveAccessibleDescription('This reason is there already.');
    expect(asked(screen, 'settings.change')).toEqual([]);
    await screen.desk.call('settings.change', { reasons: ['Only one'] });
    const changed = await screen.desk.call('settings.get', {});
    if (changed.ok) screen.desk.emit('settings.changed', changed.value);
    await expect.element(page.getByRole('button', { name: 'Remove: Only one' })).toBeDisabled();
  });
});

it('the console can be made stricter and is offered nothing laxer', async () => {
  const screen = await mountScreen({}, '/settings');
  const select = page.getByLabelText('Type the number for');
  await expect.element(select).toHaveValue('25');
  const offered = [...select.element().querySelectorAll('option')].map(({ value }) => Number(value));
  expect(Math.max(...offered)).toBe(25);
  await select.selectOptions('5');
  await expect.poll(() => asked(screen, 'settings.change')).toEqual([{ countAbove: 5 }]);
});

it('a restore is asked for twice, begins on the safe button, and says why it did not happen', async () => {
  const error = { code: 'backup_refused', message: 'The backup is damaged.', retryable: false, details: {} } as const;
  const screen = await mountScreen({ errors: { 'backups.restore': error } }, '/settings');
  await part('Backups').getByRole('button', { name: 'Back up now' }).click();
  await expect.poll(() => part('Backups').getByRole('listitem').elements().length).toBe(2);
  await part('Backups').getByRole('button', { name: /^Restore the backup/ }).first().click();
  await expect.poll(() => document.activeElement?.textContent?.trim()).toBe('Keep today’s');
  expect(asked(screen, 'backups.restore')).toEqual([]);
  await dialog().getByRole('button', { name: 'Restore backup' }).click();
  await expect.element(dialog().getByText('The backup is damaged.')).toBeVisible();
});

it('old sessions are counted before they can be removed, and removed after a question', async () => {
  const screen = await mountScreen({}, '/settings');
  const old = part('Old sessions');
  expect(old.getByRole('button', { name: /^Remove/ }).elements()).toEqual([]);
  await old.getByRole('button', { name: 'Count them' }).click();
  await old.getByRole('button', { name: 'Remove 1,204 sessions…' }).click();
  await expect.poll(() => document.activeElement?.textContent?.trim()).toBe('Keep them');
  await userEvent.keyboard('{Escape}');
  expect(asked(screen, 'sessions.removeOld')).toEqual([]);
  // Another span: what was counted for the one before no longer stands.
  await page.getByLabelText('Not heard of for').selectOptions('365');
  await expect.element(old.getByRole('button', { name: 'Remove 1,204 sessions…' })).not.toBeInTheDocument();
  await old.getByRole('button', { name: 'Count them' }).click();
  await expect.element(old.getByText('0 sessions would be removed.')).toBeVisible();
  await page.getByLabelText('Not heard of for').selectOptions('90');
  await old.getByRole('button', { name: 'Count them' }).click();
  await old.getByRole('button', { name: 'Remove 1,204 sessions…' }).click();
  await dialog().getByRole('button', { name: 'Remove 1,204 sessions' }).click();
  await expect.poll(() => asked(screen, 'sessions.removeOld')).toEqual([{ olderThanDays: 90 }]);
});

it('a diagnostics bundle is shown before it is written, and is the one that was shown', async () => {
  const screen = await mountScreen({}, '/settings');
  await part('Diagnostics').getByRole('button', { name: 'Look at a bundle…' }).click();
  expect(asked(screen, 'diagnostics.write')).toEqual([]);
  await dialog().getByText('about.json').click();
  await expect.element(dialog().getByText('{ "version": "0.1.0" }')).toBeVisible();
  await dialog().getByRole('button', { name: 'Write as ZIP' }).click();
  await expect.element(dialog().getByText('Written, exactly as shown')).toBeVisible();
  expect(asked(screen, 'diagnostics.write')).toEqual([{ diagnosticsId: '30000000-0000-4000-8000-000000000001' }]);
});

it('about names the parts with their licences, and leads to the keys', async () => {
  await mountScreen({}, '/settings');
  await page.getByText(/^Made with \d+ parts by others$/).click();
  await expect.element(page.getByRole('row', { name: /^vue \d[\d.]* MIT$/ })).toBeInTheDocument();
  await page.getByRole('button', { name: 'Show all keys' }).click();
  await expect.element(dialog().getByRole('heading', { name: 'Keyboard' })).toBeVisible();
});
