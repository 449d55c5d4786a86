import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  fitToDisplays,
  readWindowState,
  minWindowSize,
  writeWindowState,
} from '../../../../src-main/hosts/electron/window-state.ts';

const workArea = { x: 0, y: 25, width: 1920, height: 1055 };
const secondWorkArea = { x: 1920, y: 0, width: 1280, height: 1024 };

describe('fitToDisplays', () => {
  it('returns the saved bounds if they are visible', () => {
    const saved = { x: 100, y: 120, width: 1200, height: 800 };
    expect(fitToDisplays(saved, [workArea])).toEqual(saved);
    expect(fitToDisplays({ ...saved, x: 2000 }, [workArea, secondWorkArea])).toEqual({ ...saved, x: 2000 });
  });

  it('returns the default size if the saved bounds are not visible', () => {
    expect(fitToDisplays({ x: 2000, y: 100, width: 1200, height: 800 }, [workArea])).toEqual({
      width: 1280,
      height: 820,
    });
    expect(fitToDisplays(undefined, [workArea])).toEqual({ width: 1280, height: 820 });
    expect(fitToDisplays({ x: 0, y: 0, width: 800, height: 600 }, [])).toEqual({ width: 1280, height: 820 });
  });

  it('returns bounds inside the work area that are not smaller than the minimum size', () => {
    const number = fc.integer({ min: -2_000, max: 2_000 });
    const size = fc.integer({ min: 1, max: 5_000 });
    let visible = 0;
    fc.assert(
      fc.property(number, number, size, size, (x, y, width, height) => {
        const bounds = fitToDisplays({ x, y, width, height }, [workArea]);
        if (bounds.x === undefined || bounds.y === undefined) return true;
        visible += 1;
        return (
          bounds.x >= workArea.x &&
          bounds.y >= workArea.y &&
          bounds.width >= minWindowSize.width &&
          bounds.height >= minWindowSize.height &&
          bounds.x + bounds.width <= workArea.x + workArea.width &&
          bounds.y + bounds.height <= workArea.y + workArea.height
        );
      }),
      { numRuns: 1_000 },
    );
    // About one in eight; with the ranges above, none in 1,000 does not occur.
    expect(visible).toBeGreaterThan(0);
  });
});

describe('readWindowState', () => {
  it('returns the written state, or undefined if the file is damaged or missing', () => {
    const folder = mkdtempSync(join(tmpdir(), 'window-state-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'placement.json');
    expect(readWindowState(file)).toBeUndefined();
    const value = { bounds: { x: 1, y: 2, width: 900, height: 700 }, maximised: true, fullScreen: false };
    writeWindowState(file, value);
    expect(readWindowState(file)).toEqual(value);
    writeFileSync(file, '{"bounds":{"x":1,"y":2,"width":900,"height":700},"maximised":true}');
    expect(readWindowState(file), 'a file of an earlier version').toEqual(value);
    writeFileSync(file, '{"bounds":{"x":"left"}}');
    expect(readWindowState(file)).toBeUndefined();
    writeWindowState(join(folder, 'missing', 'placement.json'), value);
  });
});
