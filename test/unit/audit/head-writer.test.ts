import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HeadWriter } from '../../../src-main/core/audit/head-writer.ts';
import type { AuditHead } from '../../../src-main/core/store/index.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const headAt = (sequence: number): AuditHead => ({ sequence, mac: `mac ${sequence}`, keyId: 'key', log: 'log' });

/** A keychain that needs `writeMs` for each head, and fails while `isLocked` is set. */
function createHeadWriter(latest: AuditHead, saved: AuditHead | null, writeMs = 0) {
  const heads: number[] = [];
  const failures: unknown[] = [];
  const keychain = { isLocked: false };
  const saveHead = async (head: AuditHead) => {
    await new Promise((resolve) => setTimeout(resolve, writeMs));
    if (keychain.isLocked) throw new Error('locked');
    heads.push(head.sequence);
  };
  const writer = new HeadWriter(latest, saved, saveHead, (error) => failures.push(error));
  return { heads, failures, keychain, writer };
}

describe('HeadWriter', () => {
  it('head writer: saves the head within one second after a record, once for several records', async () => {
    const { heads, writer } = createHeadWriter(headAt(1), headAt(1), 5);
    for (let sequence = 2; sequence <= 40; sequence += 1) writer.headChanged(headAt(sequence));
    await vi.advanceTimersByTimeAsync(990);
    expect(heads).toEqual([40]);
  });

  it('head writer: saves the head at once after 64 unsaved records', async () => {
    const { heads, writer } = createHeadWriter(headAt(1), headAt(1), 5);
    for (let sequence = 2; sequence <= 65; sequence += 1) writer.headChanged(headAt(sequence));
    await vi.advanceTimersByTimeAsync(5);
    expect(heads).toEqual([65]);
  });

  it('head writer: writes one head at a time and the newest one last', async () => {
    const { heads, writer } = createHeadWriter(headAt(1), headAt(1), 50);
    for (let sequence = 2; sequence <= 1_000; sequence += 1) {
      writer.headChanged(headAt(sequence));
      await vi.advanceTimersByTimeAsync(1);
    }
    await vi.advanceTimersByTimeAsync(1_000);
    expect(heads).toEqual([...heads].sort((a, b) => a - b));
    expect(heads.at(-1)).toBe(1_000);
  });

  it('head writer: replaces a saved head that differs, even if its sequence is higher', async () => {
    const { heads } = createHeadWriter(headAt(3), headAt(100));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(heads).toEqual([3]);
  });

  it('head writer: does not write an unchanged head', async () => {
    const { heads, writer } = createHeadWriter(headAt(7), headAt(7));
    await writer.flush();
    await vi.advanceTimersByTimeAsync(10_000);
    await writer.close();
    expect(heads).toEqual([]);
  });

  it('head writer: retries a failed write until it succeeds', async () => {
    const { heads, failures, keychain, writer } = createHeadWriter(headAt(1), headAt(1));
    keychain.isLocked = true;
    writer.headChanged(headAt(2));
    await vi.advanceTimersByTimeAsync(6_000);
    expect(failures.length).toBeGreaterThanOrEqual(2);
    keychain.isLocked = false;
    await vi.advanceTimersByTimeAsync(6_000);
    expect(heads).toEqual([2]);
  });

  it('head writer: close saves the last head and waits at most three seconds for the keychain', async () => {
    const fast = createHeadWriter(headAt(2), headAt(1), 3);
    const fastClose = fast.writer.close();
    await vi.advanceTimersByTimeAsync(3);
    await fastClose;
    expect(fast.heads).toEqual([2]);

    const blocked = createHeadWriter(headAt(2), headAt(1), 60_000);
    const blockedClose = blocked.writer.close();
    await vi.advanceTimersByTimeAsync(3_000);
    await blockedClose;
    expect(blocked.heads).toEqual([]);
  });
});
