/** Tests of deep links and their module, with a fake of Electron. */
import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { deepLinks, findDeepLink, parseDeepLink } from '../../../../src-main/hosts/electron/deep-links.ts';
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

// Verifies E-24.
describe('deep link', () => {
  it.each([
    ['session-desk://session/ps-661f87c614802d6c402cd82d', 'ps-661f87c614802d6c402cd82d'],
    ['session-desk://session/Order-18231', 'Order-18231'],
    ['session-desk://session/tagihan%2F2026%2F11%2F42', 'tagihan/2026/11/42'],
    ['session-desk://session/No%20Order%20%C3%A9', 'No Order é'],
  ])('parseDeepLink: %s names %s', (address, target) => {
    expect(parseDeepLink(address)).toBe(target);
  });

  it.each([
    '',
    'Order-18231',
    '--inspect',
    'https://session/Order-1',
    'app://desk/#/sessions',
    'session-desk:',
    'session-desk://',
    'session-desk://session',
    'session-desk://session/',
    'session-desk://session/%20',
    'session-desk://cancel/Order-1',
    'session-desk://session/Order-1/cancel',
    'session-desk://session/Order-1?reason=x',
    'session-desk://session/Order-1#x',
    'session-desk://anna@session/Order-1',
    'session-desk://session:80/Order-1',
    'session-desk://session/%E0%A4%A',
    'session-desk://session/a%0Ab',
    'session-desk://session/a%00',
    'session-desk://session/%E2%80%AEgnp',
    `session-desk://session/${'a'.repeat(201)}`,
    'session-desk:session/Order-1',
    'javascript:session-desk://session/a',
  ])('parseDeepLink: returns null for %s', (address) => {
    expect(parseDeepLink(address)).toBeNull();
  });

  it('parseDeepLink: decodes every reference of visible characters', () => {
    const reference = fc
      .string({ minLength: 1, maxLength: 200, unit: 'grapheme' })
      .filter(
        (text) =>
          text.trim() === text &&
          text !== '' &&
          text.length <= 200 &&
          !/\p{C}/u.test(text) &&
          text.isWellFormed() &&
          text !== '.' &&
          text !== '..',
      );
    fc.assert(
      fc.property(reference, (text) => {
        expect(parseDeepLink(`session-desk://session/${encodeURIComponent(text)}`)).toBe(text);
      }),
    );
  });

  it('findDeepLink: finds the last valid link among program arguments', () => {
    expect(
      findDeepLink(['/opt/electron', '.', '--flag', 'session-desk://session/one', 'session-desk://cancel/two']),
    ).toBe('one');
    expect(findDeepLink(['/opt/electron', 'Order-1'])).toBeNull();
    fc.assert(
      fc.property(fc.array(fc.string()), (args) => {
        expect(findDeepLink(args.filter((text) => !text.includes(':')))).toBeNull();
      }),
    );
  });
});
