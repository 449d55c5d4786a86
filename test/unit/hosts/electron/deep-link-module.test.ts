/** What becomes of a link, however the system hands it over, on a stand-in for Electron. */
import { beforeEach, expect, it, vi } from 'vitest';
import { links } from '../../../../src-main/hosts/electron/deep-link-module.ts';
import type { Program } from '../../../../src-main/hosts/electron/app-context.ts';
import * as electron from '../../../support/fake-electron.ts';

vi.mock('electron', () => import('../../../support/fake-electron.ts'));

const link = 'session-desk://session/Order-18231';
let window: electron.BrowserWindow;
let program: Pick<Program, 'sought' | 'window'>;

beforeEach(() => {
  electron.app.removeAllListeners();
  window = new electron.BrowserWindow({});
  program = { sought: null, window: undefined };
  links(program as Program);
});
const open = () => {
  program.window = window as never;
};
const secondStart = (...argv: string[]) => electron.app.emit('second-instance', {}, ['/opt/session-desk', ...argv]);
const told = () => window.webContents.sent.map(([, name, payload]) => [name, payload]);
const once = [['link.opened', { sought: 'Order-18231' }]];

it('is told to the window that is open, and to no later one', () => {
  open();
  secondStart(link);
  expect(told()).toEqual(once);
  expect(program.sought).toBeNull();
});

it('waits for a page that is being loaded', () => {
  open();
  window.webContents.loading = true;
  secondStart(link);
  expect(told()).toEqual([]);
  window.webContents.emit('did-finish-load');
  window.webContents.emit('did-finish-load');
  expect(told()).toEqual(once);
});

it('is where a window begins that is still to be opened', () => {
  secondStart(link);
  expect(program.sought).toBe('Order-18231');
});

it('is taken from macOS, which must not look for another program', () => {
  open();
  let prevented = false;
  electron.app.emit(
    'open-url',
    {
      preventDefault: () => {
        prevented = true;
      },
    },
    link,
  );
  expect(prevented).toBe(true);
  expect(told()).toEqual(once);
});

it('is nothing where it is no link of ours', () => {
  open();
  secondStart('session-desk://cancel/Order-18231', '--flag');
  expect(told()).toEqual([]);
});
