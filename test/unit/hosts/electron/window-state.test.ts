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

const screen = { x: 0, y: 25, width: 1920, height: 1055 };
const second = { x: 1920, y: 0, width: 1280, height: 1024 };

describe('the place of the window', () => {
  it('is the remembered one where that can be seen', () => {
    const saved = { x: 100, y: 120, width: 1200, height: 800 };
    expect(fitToDisplays(saved, [screen])).toEqual(saved);
    expect(fitToDisplays({ ...saved, x: 2000 }, [screen, second])).toEqual({ ...saved, x: 2000 });
  });

  it('is the first size where the screen it stood on is gone', () => {
    expect(fitToDisplays({ x: 2000, y: 100, width: 1200, height: 800 }, [screen])).toEqual({
      width: 1280,
      height: 820,
    });
    expect(fitToDisplays(undefined, [screen])).toEqual({ width: 1280, height: 820 });
    expect(fitToDisplays({ x: 0, y: 0, width: 800, height: 600 }, [])).toEqual({ width: 1280, height: 820 });
  });

  it('leaves the title bar within reach and is never smaller than usable', () => {
    const number = fc.integer({ min: -5_000, max: 5_000 });
    const size = fc.integer({ min: 1, max: 5_000 });
    fc.assert(
      fc.property(number, number, size, size, (x, y, width, height) => {
        const placed = fitToDisplays({ x, y, width, height }, [screen]);
        if (placed.x === undefined || placed.y === undefined) return true;
        return (
          placed.x >= screen.x &&
          placed.y >= screen.y &&
          placed.width >= minWindowSize.width &&
          placed.height >= minWindowSize.height &&
          placed.x + placed.width <= screen.x + screen.width &&
          placed.y + placed.height <= screen.y + screen.height
        );
      }),
    );
  });
});

describe('the remembered place', () => {
  it('comes back as it was kept, and is nothing where the file is damaged or absent', () => {
    const folder = mkdtempSync(join(tmpdir(), 'placement-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'placement.json');
    expect(readWindowState(file)).toBeUndefined();
    const value = { bounds: { x: 1, y: 2, width: 900, height: 700 }, maximised: true, fullScreen: false };
    writeWindowState(file, value);
    expect(readWindowState(file)).toEqual(value);
    writeFileSync(file, '{"bounds":{"x":1,"y":2,"width":900,"height":700},"maximised":true}');
    expect(readWindowState(file), 'as an earlier version kept it').toEqual(value);
    writeFileSync(file, '{"bounds":{"x":"left"}}');
    expect(readWindowState(file)).toBeUndefined();
    writeWindowState(join(folder, 'gone', 'placement.json'), value);
  });
});
