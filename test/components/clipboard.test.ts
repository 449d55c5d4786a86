import { h } from 'vue';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { page } from 'vitest/browser';
import CopyButton from '../../src-renderer/components/CopyButton.vue';
import { mountComponent, type MountedApp } from './mount-app.ts';

/** The text that the clipboard holds, and whether the page may read it. */
let held: string;
let copied: PromiseWithResolvers<void>;
let readPermission: PermissionState;

beforeEach(() => {
  held = '';
  copied = Promise.withResolvers();
  readPermission = 'granted';
  vi.spyOn(navigator.clipboard, 'writeText').mockImplementation((text) => {
    held = text;
    copied.resolve();
    return Promise.resolve();
  });
  vi.spyOn(navigator.clipboard, 'readText').mockImplementation(() => Promise.resolve(held));
  vi.spyOn(navigator.permissions, 'query').mockImplementation(() =>
    Promise.resolve({ state: readPermission } as PermissionStatus),
  );
  vi.spyOn(document, 'hasFocus').mockReturnValue(true);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

async function copy(hostKind: 'window' | 'browser', temporary: boolean): Promise<MountedApp> {
  const screen = await mountComponent(() => h(CopyButton, { text: 'ps-1', label: 'Copy', temporary }), { hostKind });
  // A click of the test runner, and a poll, would advance the fake clock.
  const button = page.getByRole('button', { name: 'Copy' }).element();
  button.dispatchEvent(new MouseEvent('click', { bubbles: true }));
  await copied.promise;
  expect(held).toBe('ps-1');
  return screen;
}

const expiryCalls = ({ client }: MountedApp) =>
  client.calls.filter(({ name }) => name === 'app.expireClipboard').map(({ input }) => input);

describe('clipboard: in the window', () => {
  // Verifies E-28.
  it('clipboard: the main process is told which session ID to remove', async () => {
    const screen = await copy('window', true);
    await expect.poll(() => expiryCalls(screen)).toEqual([{ text: 'ps-1' }]);
  });

  it('clipboard: a folder or a file name stays', async () => {
    const screen = await copy('window', false);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(expiryCalls(screen)).toEqual([]);
    expect(held).toBe('ps-1');
  });
});

describe('clipboard: in a browser', () => {
  it('clipboard: the page removes the text after a minute, and sends nothing', async () => {
    const screen = await copy('browser', true);
    await vi.advanceTimersByTimeAsync(59_999);
    expect(held).toBe('ps-1');
    await vi.advanceTimersByTimeAsync(1);
    // The page asks for the permission and reads first.
    await expect.poll(() => held).toBe('');
    expect(expiryCalls(screen)).toEqual([]);
  });

  it('clipboard: a text of another program is not removed', async () => {
    await copy('browser', true);
    held = 'copied elsewhere';
    await vi.advanceTimersByTimeAsync(120_000);
    await expect.poll(() => vi.mocked(navigator.clipboard).readText).toHaveBeenCalledOnce();
    expect(held).toBe('copied elsewhere');
  });

  it('clipboard: without the permission to read, the text stays and the page does not ask', async () => {
    readPermission = 'prompt';
    await copy('browser', true);
    await vi.advanceTimersByTimeAsync(120_000);
    await expect.poll(() => vi.mocked(navigator.permissions).query).toHaveBeenCalledOnce();
    expect(held).toBe('ps-1');
    expect(vi.mocked(navigator.clipboard).readText).not.toHaveBeenCalled();
  });

  it('clipboard: a page without the focus removes the text when it gets the focus', async () => {
    vi.mocked(document).hasFocus.mockReturnValue(false);
    await copy('browser', true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(held).toBe('ps-1');
    vi.mocked(document).hasFocus.mockReturnValue(true);
    window.dispatchEvent(new Event('focus'));
    await vi.waitFor(() => expect(held).toBe(''));
  });
});
