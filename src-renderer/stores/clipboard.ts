/** Copies texts. Session IDs and references are removed from the clipboard after a minute. */
import { defineStore } from 'pinia';
import { clipboardExpirySeconds } from '../contract.ts';
import { useHost } from './host.ts';

export const useClipboard = defineStore('clipboard', () => {
  const host = useHost();
  let timer: ReturnType<typeof setTimeout> | undefined;

  /** Rejects if the browser does not allow it. */
  async function copy(text: string): Promise<void> {
    await navigator.clipboard.writeText(text);
    clearTimeout(timer);
  }

  /** Copies a text that is removed after a minute, if the clipboard still holds it. */
  async function copyTemporarily(text: string): Promise<void> {
    await copy(text);
    if (host.kind === 'window') void host.call('app.expireClipboard', { text });
    else timer = setTimeout(() => void clearIfUnchanged(text), clipboardExpirySeconds * 1_000);
  }

  return {
    copy,
    copyTemporarily,
    /** Whether temporary texts are always removed. A browser may not allow it. */
    isCleared: host.kind === 'window',
  };
});

/**
 * A browser lets a page read the clipboard only while the page has the focus, and only if the user has allowed it. If
 * the user has not been asked, the page does not ask: the text stays.
 */
async function clearIfUnchanged(text: string): Promise<void> {
  if (!document.hasFocus()) {
    window.addEventListener('focus', () => void clearIfUnchanged(text), { once: true });
    return;
  }
  try {
    const { state } = await navigator.permissions.query({ name: 'clipboard-read' as PermissionName });
    if (state === 'granted' && (await navigator.clipboard.readText()) === text) await navigator.clipboard.writeText('');
  } catch {
    // The browser does not support this permission.
  }
}
