/** What becomes of a link, however the system hands it over, on a stand-in for Electron. */
import { beforeEach, expect, it, vi } from 'vitest';
import { deepLinks } from '../../../../src-main/hosts/electron/deep-link-module.ts';
import type { AppContext } from '../../../../src-main/hosts/electron/app-context.ts';
import * as electron from '../../../support/fake-electron.ts';

vi.mock('electron', () => import('../../../support/fake-electron.ts'));

const link = 'session-desk://session/Order-18231';
let window: electron.BrowserWindow;
let context: Pick<AppContext, 'pendingDeepLink' | 'window'>;

beforeEach(() => {
  electron.app.removeAllListeners();
  window = new electron.BrowserWindow({});
  context = { pendingDeepLink: null, window: undefined };
  deepLinks(context as AppContext);
});
const openWindow = () => {
  context.window = window as never;
};
const emitSecondInstance = (...argv: string[]) =>
  electron.app.emit('second-instance', {}, ['/opt/session-desk', ...argv]);
const sentEvents = () => window.webContents.sentMessages.map(([, name, payload]) => [name, payload]);
const singleLinkEvent = [['link.opened', { query: 'Order-18231' }]];

it('is told to the window that is open, and to no later one', () => {
  openWindow();
  emitSecondInstance(link);
  expect(sentEvents()).toEqual(singleLinkEvent);
  expect(context.pendingDeepLink).toBeNull();
});

it('waits for a page that is being loaded', () => {
  openWindow();
  window.webContents.loading = true;
  emitSecondInstance(link);
  expect(sentEvents()).toEqual([]);
  window.webContents.emit('did-finish-load');
  window.webContents.emit('did-finish-load');
  expect(sentEvents()).toEqual(singleLinkEvent);
});

it('is where a window begins that is still to be opened', () => {
  emitSecondInstance(link);
  expect(context.pendingDeepLink).toBe('Order-18231');
});

it('is taken from macOS, which must not look for another program', () => {
  openWindow();
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
  expect(sentEvents()).toEqual(singleLinkEvent);
});

it('is nothing where it is no link of ours', () => {
  openWindow();
  emitSecondInstance('session-desk://cancel/Order-18231', '--flag');
  expect(sentEvents()).toEqual([]);
});
