import { describe, expect, it } from 'vitest';
import { pagesInRange, pageSize, usePageCache } from '../../../src-renderer/stores/page-cache.ts';

const rowsOfPage = (pageIndex: number): number[] =>
  Array.from({ length: pageSize }, (_, offset) => pageIndex * pageSize + offset);

describe('usePageCache', () => {
  it('rowAt: returns the row of a cached page and undefined for any other', () => {
    const cache = usePageCache<number>();
    cache.setPage(3, rowsOfPage(3));
    expect(cache.rowAt(3 * pageSize + 7)).toBe(3 * pageSize + 7);
    expect(cache.rowAt(7)).toBeUndefined();
  });

  it('setPage: drops the page farthest from the new one if 30 pages are cached', () => {
    const cache = usePageCache<number>();
    for (let pageIndex = 0; pageIndex < 100; pageIndex += 1) cache.setPage(pageIndex, rowsOfPage(pageIndex));
    expect(cache.hasPage(99)).toBe(true);
    expect(cache.hasPage(0)).toBe(false);
    expect(Array.from({ length: 100 }, (_, pageIndex) => cache.hasPage(pageIndex)).filter(Boolean).length).toBe(30);
  });

  it('replaceRows: replaces a changed row in place; findIndex: finds a row in the cached pages', () => {
    const cache = usePageCache<{ key: number; text: string }>();
    cache.setPage(0, [
      { key: 1, text: 'old' },
      { key: 2, text: 'same' },
    ]);
    cache.replaceRows((row) => (row.key === 1 ? { key: 1, text: 'new' } : undefined));
    expect(cache.rowAt(0)?.text).toBe('new');
    expect(cache.rowAt(1)?.text).toBe('same');
    expect(cache.findIndex((row) => row.key === 2)).toBe(1);
    expect(cache.findIndex((row) => row.key === 9)).toBe(-1);
  });

  it('pagesInRange: returns the pages that contain the rows of a range', () => {
    expect(pagesInRange(0, pageSize - 1)).toEqual([0]);
    expect(pagesInRange(pageSize - 1, pageSize)).toEqual([0, 1]);
  });
});
