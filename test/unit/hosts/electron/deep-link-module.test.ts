/** Tests of the deep link module with a fake of Electron. */
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

it('deep links: a link is sent to the open window and does not stay pending', () => {
  openWindow();
  emitSecondInstance(link);
  expect(sentEvents()).toEqual(singleLinkEvent);
  expect(context.pendingDeepLink).toBeNull();
});

it('deep links: a link is sent once after the page has loaded', () => {
  openWindow();
  window.webContents.loading = true;
  emitSecondInstance(link);
  expect(sentEvents()).toEqual([]);
  window.webContents.emit('did-finish-load');
  window.webContents.emit('did-finish-load');
  expect(sentEvents()).toEqual(singleLinkEvent);
});

it('deep links: a link stays pending until the window opens', () => {
  emitSecondInstance(link);
  expect(context.pendingDeepLink).toBe('Order-18231');
});

it('deep links: the open-url event of macOS is handled and its default action is prevented', () => {
  openWindow();
  let isPrevented = false;
  electron.app.emit(
    'open-url',
    {
      preventDefault: () => {
        isPrevented = true;
      },
    },
    link,
  );
  expect(isPrevented).toBe(true);
  expect(sentEvents()).toEqual(singleLinkEvent);
});

it('deep links: an invalid link sends no event', () => {
  openWindow();
  emitSecondInstance('session-desk://cancel/Order-18231', '--flag');
  expect(sentEvents()).toEqual([]);
});
