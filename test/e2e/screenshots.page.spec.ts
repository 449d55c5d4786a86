/**
 * Compares the screen with reviewed screenshots, with the fake client and a fixed clock, in Chromium.
 * After an intended change: `npx playwright test screenshots --project pages --update-snapshots`. Review the images.
 */
import { fileURLToPath } from 'node:url';
import type { Locator, Page } from '@playwright/test';
import { quantizePngFile } from '../support/png-quantize.ts';
import { expect, test as base } from './page-fixtures.ts';
import { frozenTime, screenshotCases } from './screenshot-cases.ts';
import { openScreenState, setLanguage } from './screen-states.ts';

/** The default heights of the windows. */
const heightByWidth = { 960: 600, 1280: 800, 1920: 1080 } as const;

/**
 * Fixes the clock, except for a minimal step at each read. Vue ignores a listener that was attached at the same
 * timestamp as the event, so two handlers of one click need different times.
 */
async function freezeClock(page: Page): Promise<void> {
  await page.addInitScript((frozenMs) => {
    let offsetMs = 0;
    const now = (): number => {
      offsetMs += 0.001;
      return frozenMs + offsetMs;
    };
    globalThis.Date = new Proxy(Date, {
      construct: (date, args) => Reflect.construct(date, args.length === 0 ? [frozenMs] : args) as Date,
      get: (date, name) => (name === 'now' ? now : (Reflect.get(date, name) as unknown)),
    });
  }, Date.parse(frozenTime));
}

async function compareScreenshot(what: Page | Locator, folder: string, name: string): Promise<void> {
  // Text rendering differs slightly between machines. Moved or recoloured elements exceed this tolerance.
  await expect(what).toHaveScreenshot([folder, name], { maxDiffPixelRatio: 0.002, threshold: 0.25, scale: 'css' });
  quantizePngFile(fileURLToPath(new URL(`baselines/${folder}/${name}`, import.meta.url)));
}

const test = base.extend({
  page: async ({ newPage }, use) => {
    await freezeClock(newPage);
    await use(newPage);
  },
});

for (const { folder, state, variants, windowHeight } of screenshotCases) {
  test(`screenshots: ${folder} matches its baselines`, async ({ page, servedPage }) => {
    await openScreenState(page, servedPage.origin, state);
    await page.mouse.move(0, 0);
    await page.evaluate(() => {
      for (const box of document.querySelectorAll('.scroll')) box.scrollTop = 0;
    });
    for (const { width, language, colorScheme } of variants) {
      const isSmall = width === 960;
      await page.setViewportSize({ width, height: isSmall ? 600 : (windowHeight ?? heightByWidth[width]) });
      await page.emulateMedia({ colorScheme });
      await setLanguage(page, language);
      // The view behind a dialog has its own screenshots. The smallest size also shows the position of the dialog.
      const dialog = page.getByRole('dialog');
      await compareScreenshot(
        !isSmall && (await dialog.isVisible()) ? dialog : page,
        folder,
        `${width}-${language.slice(0, 2)}-${colorScheme}.png`,
      );
    }
  });
}

test('screenshots: the design view matches its baseline', async ({ page, servedPage }) => {
  await page.setViewportSize({ width: 1920, height: 2_400 });
  await page.goto(`${servedPage.origin}#/design`);
  for (const scheme of ['light', 'dark']) {
    await expect(page.getByRole('region', { name: scheme })).toBeVisible();
    await page.evaluate(() => document.fonts.ready);
  }
  await compareScreenshot(page, 'design', '1920.png');
});
