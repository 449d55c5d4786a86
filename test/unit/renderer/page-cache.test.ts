import { describe, expect, it } from 'vitest';
import { blocksOf, blockSize, useBlocks } from '../../../src-renderer/stores/page-cache.ts';

const rows = (block: number): number[] => Array.from({ length: blockSize }, (_, at) => block * blockSize + at);

describe('blocks of rows', () => {
  it('give back the row at a place, whichever block holds it', () => {
    const blocks = useBlocks<number>();
    blocks.set(3, rows(3));
    expect(blocks.at(3 * blockSize + 7)).toBe(3 * blockSize + 7);
    expect(blocks.at(7)).toBeUndefined();
  });

  it('stay bounded: what lies farthest from the last read is forgotten', () => {
    const blocks = useBlocks<number>();
    for (let block = 0; block < 100; block += 1) blocks.set(block, rows(block));
    expect(blocks.has(99)).toBe(true);
    expect(blocks.has(0)).toBe(false);
    expect(Array.from({ length: 100 }, (_, block) => blocks.has(block)).filter(Boolean).length).toBe(30);
  });

  it('take a changed row in place', () => {
    const blocks = useBlocks<{ key: number; word: string }>();
    blocks.set(0, [
      { key: 1, word: 'old' },
      { key: 2, word: 'same' },
    ]);
    blocks.patch((row) => (row.key === 1 ? { key: 1, word: 'new' } : undefined));
    expect(blocks.at(0)?.word).toBe('new');
    expect(blocks.at(1)?.word).toBe('same');
    expect(blocks.find((row) => row.key === 2)).toBe(1);
    expect(blocks.find((row) => row.key === 9)).toBe(-1);
  });

  it('are named by the rows they touch', () => {
    expect(blocksOf(0, blockSize - 1)).toEqual([0]);
    expect(blocksOf(blockSize - 1, blockSize)).toEqual([0, 1]);
  });
});
