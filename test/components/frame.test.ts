import { beforeEach, describe, expect, it } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { setLanguage } from '../../src-renderer/i18n.ts';
import { fakeConnection } from '../support/fake-api-client.ts';
import { mountApp } from './mount-app.ts';
import { fakeMessage } from '../support/fake-messages.ts';
import { nonEmpty } from '../support/non-empty.ts';

beforeEach(() => page.viewport(1280, 800));

describe('app frame', () => {
  it('onboarding: the first start explains Session Desk and offers practice', async () => {
    const { client } = await mountApp({ sessionCount: 0, connections: [] });
    await page.getByRole('button', { name: 'Open practice' }).click();
    await expect.element(page.getByText(/Nothing here reaches a customer/)).toBeVisible();
    expect(client.calls.some(({ name }) => name === 'workspace.open')).toBe(true);
    await expect.element(page.getByRole('button', { name: 'Leave practice' })).toBeVisible();
  });

  it.each([
    ['already_running', 'Session Desk is already open'],
    ['folder_not_writable', 'The data folder cannot be written to'],
    ['disk_full', 'The disk is full'],
    ['database_damaged', 'The database is damaged'],
    ['database_schema_unexpected', 'The database has unexpected parts'],
    ['database_version_unsupported', 'The database is from a newer version'],
  ] as const)('workspace error: %s replaces every view', async (code, title) => {
    await mountApp({
      state: { workspaceError: { code, ...fakeMessage('What to do.'), retryable: true, details: {} } },
    });
    await expect.element(page.getByRole('heading', { name: title })).toBeVisible();
    await expect.element(page.getByText('/home/maria/.config/session-desk')).toBeVisible();
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect.element(page.getByText('Tried again. The result is the same.')).toBeVisible();
  });

  it('restore review: it opens by itself, shows each destination, and allows requests', async () => {
    const { client } = await mountApp({ state: { isRestoreReviewPending: true } });
    const dialog = page.getByRole('dialog', { name: 'Review the restored data' });
    await expect.element(dialog.getByText('1 secret was stored for another address')).toBeVisible();
    await expect.element(dialog.getByText('https://api.xendit.example (xendit, production)')).toBeVisible();
    await expect
      .element(dialog.getByText('The secret was stored for https://api.xendit.co (xendit, production).'))
      .toBeVisible();
    await userEvent.keyboard('{Escape}');
    await expect.element(page.getByText(/Nothing is sent to providers until/)).toBeVisible();
    expect(nonEmpty(client.calls).filter(({ name }) => name === 'backups.completeReview')).toEqual([]);
    await page.getByRole('button', { name: 'Review…' }).click();
    await dialog.getByRole('button', { name: 'Allow requests' }).click();
    await expect.element(page.getByText('Reviewed. Requests are allowed again.')).toBeVisible();
    expect(client.calls.filter(({ name }) => name === 'backups.completeReview').map(({ input }) => input)).toEqual([
      { restoredSequence: 301 },
    ]);
    await expect.element(page.getByText(/Nothing is sent to providers until/)).not.toBeInTheDocument();
  });

  it('app frame: a production connection shows the production border, except in practice', async () => {
    await mountApp({ connections: [fakeConnection(1)] });
    await expect.poll(() => document.querySelector('.window.production')).not.toBeNull();
  });

  it('app frame: sandbox connections show no production border', async () => {
    await mountApp({ connections: [fakeConnection(3)] });
    await expect.element(page.getByRole('group', { name: 'Connected environments' })).toBeVisible();
    expect(document.querySelector('.window.production')).toBeNull();
  });

  it('app frame: the question mark key opens the keyboard shortcuts', async () => {
    await mountApp({ sessionCount: 3 }, '/settings');
    await expect.element(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
    await userEvent.keyboard('?');
    await expect.element(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  });

  it('app frame: key names follow the language', async () => {
    await mountApp({ sessionCount: 3 }, '/settings');
    await expect.element(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
    await userEvent.keyboard('?');
    await expect.element(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
    const keys = () => [...document.querySelectorAll('[role="dialog"] kbd')].map(({ textContent }) => textContent);
    expect(keys()).toEqual(
      expect.arrayContaining(['Del', 'Enter', 'Esc', 'Space', 'Shift', 'PgUp', 'Home', 'Ctrl', 'K', '?', '↓']),
    );
    await setLanguage('fr-CA');
    await expect
      .poll(keys)
      .toEqual(
        expect.arrayContaining([
          'Suppr',
          'Entrée',
          'Échap',
          'Espace',
          'Maj',
          'Pg préc',
          'Début',
          'Ctrl',
          'K',
          '?',
          '↓',
        ]),
      );
    expect(nonEmpty(keys()).filter((key) => /Del|Enter|Esc\b|Space|Shift|Pg(?:Up|Dn)|Home|End/.test(key))).toEqual([]);
  });
});

describe('audit view', () => {
  it('audit view: it reads pages, opens a record and shows appended records', async () => {
    const { client } = await mountApp({ sessionCount: 3, auditRecordCount: 500 }, '/audit');
    await expect.element(page.getByRole('grid', { name: 'Audit' })).toHaveAttribute('aria-rowcount', '501');
    await page.getByText('Cancellation completed').first().click();
    await expect.element(page.getByRole('complementary').getByText('desk-04')).toBeVisible();
    client.options.auditRecordCount = 501;
    client.emit('audit.appended', { lastSequence: 501 });
    await expect.element(page.getByRole('grid', { name: 'Audit' })).toHaveAttribute('aria-rowcount', '502');
  });
});
