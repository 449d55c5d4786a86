/** Rows of a long list, kept in blocks; what lies far from the eye is forgotten. */
import { shallowRef, triggerRef } from 'vue';

export const blockSize = 200;
const keptBlocks = 30;

export function useBlocks<Row>() {
  const blocks = shallowRef(new Map<number, readonly Row[]>());

  return {
    /** Reactive: what is on screen follows every change. */
    at: (index: number): Row | undefined => blocks.value.get(Math.floor(index / blockSize))?.[index % blockSize],
    has: (block: number): boolean => blocks.value.has(block),

    set(block: number, rows: readonly Row[]): void {
      blocks.value.set(block, rows);
      if (blocks.value.size > keptBlocks) {
        const farthest = [...blocks.value.keys()].reduce((a, b) =>
          Math.abs(a - block) >= Math.abs(b - block) ? a : b,
        );
        blocks.value.delete(farthest);
      }
      triggerRef(blocks);
    },

    /** Everything new at once, so that nothing flickers in between. */
    replaceAll(next: Map<number, readonly Row[]>): void {
      blocks.value = next;
    },

    /** Puts changed rows in the place of their former selves. `replacement` answers undefined for a row that stays. */
    patch(replacement: (row: Row) => Row | undefined): void {
      for (const [block, rows] of blocks.value) {
        if (rows.some((row) => replacement(row)))
          blocks.value.set(
            block,
            rows.map((row) => replacement(row) ?? row),
          );
      }
      triggerRef(blocks);
    },

    /** The place of the first row that fits among those kept, or -1. */
    find(fits: (row: Row) => boolean): number {
      for (const [block, rows] of blocks.value) {
        const index = rows.findIndex(fits);
        if (index >= 0) return block * blockSize + index;
      }
      return -1;
    },
  };
}

/** The blocks that a range of rows touches. */
export function blocksOf(first: number, last: number): number[] {
  const from = Math.floor(Math.max(0, first) / blockSize);
  const to = Math.floor(Math.max(0, last) / blockSize);
  return Array.from({ length: to - from + 1 }, (_, offset) => from + offset);
}
