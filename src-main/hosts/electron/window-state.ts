/** Stores and restores size and position of the window. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { readRegularFileSync } from '../../core/index.ts';

const rectangle = z.object({ x: z.int(), y: z.int(), width: z.int(), height: z.int() });
export type Rectangle = z.infer<typeof rectangle>;

const windowState = z.object({ bounds: rectangle, maximised: z.boolean(), fullScreen: z.boolean().default(false) });
export type WindowState = z.infer<typeof windowState>;

export const minWindowSize = { width: 720, height: 480 };
const defaultWindowSize = { width: 1280, height: 820 };

/** Fits the saved bounds into the work area of a display, or returns the default size if they are not visible. */
export function fitToDisplays(
  saved: Rectangle | undefined,
  workAreas: readonly Rectangle[],
): Partial<Rectangle> & typeof defaultWindowSize {
  const area = saved && workAreas.find((candidate) => isTitleBarVisible(saved, candidate));
  if (saved === undefined || area === undefined) return defaultWindowSize;
  const width = Math.max(minWindowSize.width, Math.min(saved.width, area.width));
  const height = Math.max(minWindowSize.height, Math.min(saved.height, area.height));
  return {
    width,
    height,
    x: Math.min(Math.max(saved.x, area.x), Math.max(area.x, area.x + area.width - width)),
    y: Math.min(Math.max(saved.y, area.y), Math.max(area.y, area.y + area.height - height)),
  };
}

/** Whether enough of the title bar is visible to drag the window. */
function isTitleBarVisible(window: Rectangle, area: Rectangle): boolean {
  const visibleWidth = Math.min(window.x + window.width, area.x + area.width) - Math.max(window.x, area.x);
  return visibleWidth >= 100 && window.y >= area.y - 10 && window.y < area.y + area.height - 40;
}

/** Reads the window state, or returns undefined if the file does not exist or is invalid. */
export function readWindowState(file: string): WindowState | undefined {
  try {
    return windowState.parse(JSON.parse(readRegularFileSync(file)));
  } catch {
    return undefined;
  }
}

/** Writes the window state atomically. Ignores errors. */
export function writeWindowState(file: string, value: WindowState): void {
  try {
    rmSync(`${file}.new`, { force: true });
    writeFileSync(`${file}.new`, JSON.stringify(value), { flag: 'wx', mode: 0o600 });
    renameSync(`${file}.new`, file);
  } catch {
    // The next start uses the default size.
  }
}
