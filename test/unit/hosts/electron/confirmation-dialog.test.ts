/** Tests of the native confirmations, with a fake of Electron. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { languages } from '../../../../src-main/contract/index.ts';
import type { HostConfirmation } from '../../../../src-main/core/index.ts';
import {
  createConfirmInHost,
  createConfirmationPrompt,
} from '../../../../src-main/hosts/electron/confirmation-dialog.ts';
import { Locale } from '../../../../src-main/hosts/electron/locale.ts';
import * as electron from '../../../support/fake-electron.ts';
import { createMemoryLog } from '../../../support/stub-app.ts';
import { nonEmpty } from '../../../support/non-empty.ts';

vi.mock('electron', () => import('../../../support/fake-electron.ts'));

const restore: HostConfirmation = { kind: 'restore_backup', name: 'desk-20261119T080000.sqlite' };
const requests: readonly HostConfirmation[] = [
  { kind: 'new_destination', subject: 'connection', name: 'Xendit ID', origin: 'https://api.example' },
  { kind: 'new_destination', subject: 'feed', name: 'Orders', origin: 'https://orders.example' },
  { kind: 'new_folder', name: 'Exports', path: '/home/olivia/exports' },
  { kind: 'secret_destination', name: 'Xendit ID', storedFor: 'https://a.example', destination: 'https://b.example' },
  { kind: 'secret_destination', name: 'Xendit ID', storedFor: null, destination: 'https://b.example' },
  restore,
  { kind: 'delete_backup', name: 'desk-20261119T080000.sqlite' },
  { kind: 'production_batch', sessions: 1_204, connections: ['Xendit ID', 'Flinks CA'] },
];

function createConfirm(window: electron.BrowserWindow | undefined = new electron.BrowserWindow({})) {
  return createConfirmInHost({ window: window as never, locale: new Locale(() => ['en']), log: createMemoryLog() });
}

beforeEach(() => electron.openMessageBoxes.splice(0));

describe('createConfirmInHost', () => {
  // Verifies E-26.
  it('confirms only with the button of the action; Cancel is the default, and closing declines', async () => {
    const confirm = createConfirm();
    for (const [response, isConfirmed] of [
      [0, false],
      [1, true],
    ] as const) {
      const result = confirm(restore);
      const opened = electron.openMessageBoxes.pop();
      expect(opened?.box).toMatchObject({ buttons: ['Cancel', 'Restore backup'], defaultId: 0, cancelId: 0 });
      opened?.answer(response);
      expect(await result).toBe(isConfirmed);
    }
  });

  // Verifies E-26.
  it('declines requests while a dialog is open, so that a page cannot stack dialogs', async () => {
    const confirm = createConfirm();
    const first = confirm(restore);
    const flood = requests.map((request) => confirm(request));
    expect(electron.openMessageBoxes).toHaveLength(1);
    expect(await Promise.all(flood)).toEqual(requests.map(() => false));
    electron.openMessageBoxes[0]?.answer(1);
    expect(await first).toBe(true);
    const next = confirm(restore);
    expect(electron.openMessageBoxes).toHaveLength(2);
    electron.openMessageBoxes[1]?.answer(0);
    expect(await next).toBe(false);
  });

  // Verifies E-26.
  it('declines without a window, because nobody can answer', async () => {
    const confirm = createConfirmInHost({ window: undefined, locale: new Locale(() => []), log: createMemoryLog() });
    expect(await confirm(restore)).toBe(false);
    expect(electron.openMessageBoxes).toEqual([]);
  });
});

describe('createConfirmationPrompt', () => {
  const promptOf = (request: HostConfirmation) => createConfirmationPrompt(request, new Locale(() => ['en']));

  // Verifies E-26.
  it('shows the name and the address, path or number of each action', () => {
    const details = requests.map((request) => promptOf(request).detail.split('\n\n')[0]?.split('\n'));
    expect(details).toEqual([
      ['Name: Xendit ID', 'Address: https://api.example'],
      ['Name: Orders', 'Address: https://orders.example'],
      ['Name: Exports', 'Folder: /home/olivia/exports'],
      ['Name: Xendit ID', 'Previous address: https://a.example', 'New address: https://b.example'],
      ['Name: Xendit ID', 'Previous address: not known', 'New address: https://b.example'],
      ['Backup: desk-20261119T080000.sqlite'],
      ['Backup: desk-20261119T080000.sqlite'],
      ['Sessions: 1,204', 'Connections: Xendit ID, Flinks CA'],
    ]);
  });

  it('names each action differently, in every language', () => {
    for (const language of nonEmpty(languages)) {
      const prompts = requests.map((request) => createConfirmationPrompt(request, new Locale(() => [language])));
      expect(new Set(prompts.map(({ message }) => message)).size).toBe(requests.length - 1);
      for (const { confirm, cancel } of prompts) expect(confirm).not.toBe(cancel);
    }
  });

  // Verifies E-26.
  it('removes control characters, line ends and bidi overrides of texts from outside', () => {
    const name = 'Good\u202Eevil\u2066x\n\nName: faked\u0000\u2028\u200B\tend';
    const { message, detail, confirm } = promptOf({ kind: 'restore_backup', name });
    expect(detail.split('\n')[0]).toBe('Backup: Good evil x Name: faked end');
    expect(message + confirm).not.toContain('Good');
    const { detail: folderDetail } = promptOf({ kind: 'new_folder', name, path: `/tmp/${name}` });
    expect(folderDetail).not.toMatch(/[\p{Cf}\p{Zl}]|\0|\t/u);
  });

  // Verifies E-26.
  it('cuts a long text in the middle, so that the end of a host name stays visible', () => {
    const origin = `https://api.xendit.co.${'a.'.repeat(2_000)}evil.example`;
    const names = Array.from({ length: 500 }, (_, index) => `${index}`.padStart(300, 'x'));
    const { detail } = promptOf({ kind: 'new_destination', subject: 'feed', name: names[0] ?? '', origin });
    expect(detail).toContain('evil.example\n');
    expect(detail.length).toBeLessThan(700);
    const batch = promptOf({ kind: 'production_batch', sessions: 500, connections: names });
    expect(batch.detail).toContain('… (+490)');
    expect(batch.detail.length).toBeLessThan(1_200);
  });
});
