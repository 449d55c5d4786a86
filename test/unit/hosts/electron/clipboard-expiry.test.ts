import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ClipboardExpiry } from '../../../../src-main/hosts/electron/clipboard-expiry.ts';

let held: string;
let clearCount: number;
let expiry: ClipboardExpiry;

const copy = (text: string) => {
  held = text;
  expiry.start(text);
};

beforeEach(() => {
  vi.useFakeTimers();
  clearCount = 0;
  expiry = new ClipboardExpiry({
    readText: () => Promise.resolve(held),
    clear: () => {
      held = '';
      clearCount += 1;
    },
  });
});
afterEach(() => {
  vi.useRealTimers();
});

// Verifies E-28.
it('clipboard: a copied text is removed after one minute and not before', async () => {
  copy('ps-1');
  await vi.advanceTimersByTimeAsync(59_999);
  expect(held).toBe('ps-1');
  await vi.advanceTimersByTimeAsync(1);
  expect(held).toBe('');
});

// Verifies E-28.
it('clipboard: a text of another program is not removed', async () => {
  copy('ps-1');
  held = 'copied elsewhere';
  await vi.advanceTimersByTimeAsync(120_000);
  expect(held).toBe('copied elsewhere');
  expect(clearCount).toBe(0);
});

it('clipboard: copying again starts the minute again, for the last text', async () => {
  copy('ps-1');
  await vi.advanceTimersByTimeAsync(40_000);
  copy('ps-2');
  await vi.advanceTimersByTimeAsync(59_999);
  expect(held).toBe('ps-2');
  await vi.advanceTimersByTimeAsync(1);
  expect(held).toBe('');
  expect(clearCount).toBe(1);
});

// Verifies E-28.
it('clipboard: the exit removes the text at once, and only once', async () => {
  copy('ps-1');
  await expiry.clear();
  expect(held).toBe('');
  held = 'ps-1';
  await expiry.clear();
  await vi.advanceTimersByTimeAsync(120_000);
  expect(held).toBe('ps-1');
});

it('clipboard: an error of the system leaves the clipboard unchanged', async () => {
  const failing = new ClipboardExpiry({
    readText: () => Promise.reject(new Error('busy')),
    clear: () => (clearCount += 1),
  });
  failing.start('ps-1');
  await failing.clear();
  expect(clearCount).toBe(0);
});
