import { describe, expect, it } from 'vitest';
import { pagesInRange, pageSize, usePageCache } from '../../../src-renderer/stores/page-cache.ts';

const rowsOfPage = (block: number): number[] => Array.from({ length: pageSize }, (_, at) => block * pageSize + at);

describe('blocks of rows', () => {
  it('give back the row at a place, whichever block holds it', () => {
    const blocks = usePageCache<number>();
    blocks.setPage(3, rowsOfPage(3));
    expect(blocks.rowAt(3 * pageSize + 7)).toBe(3 * pageSize + 7);
    expect(blocks.rowAt(7)).toBeUndefined();
  });

  it('stay bounded: what lies farthest from the last read is forgotten', () => {
    const blocks = usePageCache<number>();
    for (let block = 0; block < 100; block += 1) blocks.setPage(block, rowsOfPage(block));
    expect(blocks.hasPage(99)).toBe(true);
    expect(blocks.hasPage(0)).toBe(false);
    expect(Array.from({ length: 100 }, (_, block) => blocks.hasPage(block)).filter(Boolean).length).toBe(30);
  });

  it('take a changed row in place', () => {
    const blocks = usePageCache<{ key: number; word: string }>();
    blocks.setPage(0, [
      { key: 1, word: 'old' },
      { key: 2, word: 'same' },
    ]);
    blocks.replaceRows((row) => (row.key === 1 ? { key: 1, word: 'new' } : undefined));
    expect(blocks.rowAt(0)?.word).toBe('new');
    expect(blocks.rowAt(1)?.word).toBe('same');
    expect(blocks.findIndex((row) => row.key === 2)).toBe(1);
    expect(blocks.findIndex((row) => row.key === 9)).toBe(-1);
  });

  it('are named by the rows they touch', () => {
    expect(pagesInRange(0, pageSize - 1)).toEqual([0]);
    expect(pagesInRange(pageSize - 1, pageSize)).toEqual([0, 1]);
  });
});
