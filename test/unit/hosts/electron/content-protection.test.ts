/** Tests of the protection from recordings, with a fake of Electron. */
import { beforeEach, expect, it, vi } from 'vitest';
import { AppError, createMessage } from '../../../../src-main/contract/index.ts';
import type { Settings } from '../../../../src-main/contract/index.ts';
import type { App } from '../../../../src-main/core/app.ts';
import type { AppContext } from '../../../../src-main/hosts/electron/app-context.ts';
import { contentProtection } from '../../../../src-main/hosts/electron/security.ts';
import * as electron from '../../../support/fake-electron.ts';
import { createStubApp, stubAppState } from '../../../support/stub-app.ts';

vi.mock('electron', () => import('../../../support/fake-electron.ts'));

const settingsWith = (isHiddenFromRecordings: boolean): Settings => ({
  operator: { osUser: 'ada', name: null },
  reasons: null,
  typedCountThreshold: 25,
  singleKeyShortcutsEnabled: true,
  isHiddenFromRecordings,
});

let stored: Settings | AppError;
const app = createStubApp({
  'settings.get': () => (stored instanceof AppError ? Promise.reject(stored) : Promise.resolve(stored)),
});

/** Starts the module. Returns a window that was opened before the settings were known, and the end of the start. */
function start(): { window: electron.BrowserWindow; ready: Promise<void> } {
  const handleReady = contentProtection({ coreApp: Promise.resolve(app as App) } as Partial<AppContext> as AppContext);
  const window = openWindow();
  return { window, ready: Promise.resolve(typeof handleReady === 'function' ? handleReady() : undefined) };
}

function openWindow(): electron.BrowserWindow {
  const window = new electron.BrowserWindow({});
  electron.app.emit('browser-window-created', {}, window);
  return window;
}

beforeEach(() => {
  electron.app.removeAllListeners();
  electron.BrowserWindow.instances.splice(0);
});

// Verifies E-29.
it('content protection: a window is protected until the settings are known, and then as the setting says', async () => {
  for (const isHidden of [false, true]) {
    stored = settingsWith(isHidden);
    const { window, ready } = start();
    expect(window.isContentProtected).toBe(true);
    await ready;
    expect(window.isContentProtected).toBe(isHidden);
    expect(openWindow().isContentProtected).toBe(isHidden);
  }
});

// Verifies E-29.
it('content protection: a change of the setting applies to all windows', async () => {
  stored = settingsWith(false);
  const { window, ready } = start();
  await ready;
  const other = openWindow();
  app.emit('settings.changed', settingsWith(true));
  expect([window.isContentProtected, other.isContentProtected]).toEqual([true, true]);
  app.emit('settings.changed', settingsWith(false));
  expect([window.isContentProtected, other.isContentProtected]).toEqual([false, false]);
});

it('content protection: another workspace applies its own setting', async () => {
  stored = settingsWith(false);
  const { window, ready } = start();
  await ready;
  stored = settingsWith(true);
  app.emit('app.changed', { ...stubAppState, workspace: 'practice' });
  await vi.waitFor(() => expect(window.isContentProtected).toBe(true));
});

it('content protection: the error page of a workspace that cannot be opened is not protected', async () => {
  stored = new AppError('workspace_unavailable', createMessage('app.workspaceSwitching'));
  const { window, ready } = start();
  await ready;
  expect(window.isContentProtected).toBe(false);
});
