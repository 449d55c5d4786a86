import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HeadWriter } from '../../../src-main/core/audit/head-writer.ts';
import type { AuditHead } from '../../../src-main/core/store/index.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const headAt = (sequence: number): AuditHead => ({ sequence, mac: `mac ${sequence}`, keyId: 'key', log: 'log' });

/** A keychain that takes `tookMs` for each head, and refuses while `refuses` is set. */
function createHeadWriter(start: AuditHead, kept: AuditHead | null, tookMs = 0) {
  const heads: number[] = [];
  const failures: unknown[] = [];
  const keychain = { refuses: false };
  const keep = async (head: AuditHead) => {
    await new Promise((resolve) => setTimeout(resolve, tookMs));
    if (keychain.refuses) throw new Error('locked');
    heads.push(head.sequence);
  };
  return { heads, failures, keychain, keeper: new HeadWriter(start, kept, keep, (error) => failures.push(error)) };
}

describe('the head in the keychain', () => {
  it('is renewed within a second of the last record, and what came together is written once', async () => {
    const { heads, keeper } = createHeadWriter(headAt(1), headAt(1), 5);
    for (let sequence = 2; sequence <= 40; sequence += 1) keeper.headChanged(headAt(sequence));
    await vi.advanceTimersByTimeAsync(990);
    expect(heads).toEqual([40]);
  });

  it('is never more than 64 records behind, as fast as the keychain takes it', async () => {
    const { heads, keeper } = createHeadWriter(headAt(1), headAt(1), 5);
    for (let sequence = 2; sequence <= 65; sequence += 1) keeper.headChanged(headAt(sequence));
    await vi.advanceTimersByTimeAsync(5);
    expect(heads).toEqual([65]);
  });

  it('is written one at a time, the newest in the end', async () => {
    const { heads, keeper } = createHeadWriter(headAt(1), headAt(1), 50);
    for (let sequence = 2; sequence <= 1_000; sequence += 1) {
      keeper.headChanged(headAt(sequence));
      await vi.advanceTimersByTimeAsync(1);
    }
    await vi.advanceTimersByTimeAsync(1_000);
    expect(heads).toEqual([...heads].sort((one, other) => one - other));
    expect(heads.at(-1)).toBe(1_000);
  });

  it('is written where the kept one is of another course, however many records it named', async () => {
    const { heads } = createHeadWriter(headAt(3), headAt(100));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(heads).toEqual([3]);
  });

  it('is not written again for nothing', async () => {
    const { heads, keeper } = createHeadWriter(headAt(7), headAt(7));
    await keeper.flush();
    await vi.advanceTimersByTimeAsync(10_000);
    await keeper.close();
    expect(heads).toEqual([]);
  });

  it('that the keychain refused is tried again until it is taken', async () => {
    const { heads, failures, keychain, keeper } = createHeadWriter(headAt(1), headAt(1));
    keychain.refuses = true;
    keeper.headChanged(headAt(2));
    await vi.advanceTimersByTimeAsync(6_000);
    expect(failures.length).toBeGreaterThanOrEqual(2);
    keychain.refuses = false;
    await vi.advanceTimersByTimeAsync(6_000);
    expect(heads).toEqual([2]);
  });

  it('is written at the end, and a keychain that waits for a prompt does not hold the end up', async () => {
    const prompt = createHeadWriter(headAt(2), headAt(1), 3);
    const closed = prompt.keeper.close();
    await vi.advanceTimersByTimeAsync(3);
    await closed;
    expect(prompt.heads).toEqual([2]);

    const stuck = createHeadWriter(headAt(2), headAt(1), 60_000);
    const given = stuck.keeper.close();
    await vi.advanceTimersByTimeAsync(3_000);
    await given;
    expect(stuck.heads).toEqual([]);
  });
});
