/**
 * Compares every view with reviewed screenshots in light and dark, English and French, with the fake client and a
 * fixed clock, in Chromium.
 * After an intended change: `npx playwright test screenshots -c playwright.config.ts --project=pages -u`. Review the
 * images.
 */
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import { chromiumPath } from '../support/chromium.ts';
import { servePage } from '../support/page-server.ts';
import type { ServedPage } from '../support/page-server.ts';
import { quantizePngFile } from '../support/png-quantize.ts';
import { frozenTime, screenshotCases } from './screenshot-cases.ts';
import type { ScreenshotCase } from './screenshot-cases.ts';
import { openScreenState } from './screen-states.ts';

interface Screenshot {
  readonly size: { readonly width: number; readonly height: number };
  readonly language: 'en' | 'fr-CA';
  readonly colorScheme: 'light' | 'dark';
}

const [defaultSize, largeSize, smallSize] = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
  { width: 960, height: 600 },
];
const schemes = ['light', 'dark'] as const;
const english = (size: Screenshot['size']) =>
  schemes.map((colorScheme): Screenshot => ({ size, language: 'en', colorScheme }));
const french = (size: Screenshot['size']) =>
  schemes.map((colorScheme): Screenshot => ({ size, language: 'fr-CA', colorScheme }));

/** The smallest window is tested in French, which has the longest texts. */
function screenshotsOf(
  { allSizes, windowHeight = defaultSize.height }: ScreenshotCase,
  at: number,
): readonly Screenshot[] {
  if (allSizes) return [...[defaultSize, largeSize, smallSize].flatMap(english), ...french(defaultSize)];
  const size = { ...defaultSize, height: windowHeight };
  return [
    ...english(size),
    ...french(size),
    { size: smallSize, language: 'fr-CA', colorScheme: at % 2 ? 'light' : 'dark' },
  ];
}

test.use({
  launchOptions: { executablePath: chromiumPath(), args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] },
  contextOptions: { reducedMotion: 'reduce' },
  timezoneId: 'UTC',
  locale: 'en-CA',
});

// A view has up to eight screenshots.
test.describe.configure({ timeout: 120_000 });

let servedPage: ServedPage;
test.beforeAll(async () => {
  servedPage = await servePage('components/page');
});
test.afterAll(() => servedPage.close());

/** Changes the language without the settings view, so that open dialogs stay open. */
async function setLanguage(page: Page, language: Screenshot['language']): Promise<void> {
  await page.evaluate(async (requestedLanguage) => {
    await (window as unknown as { setLanguage(language: string): Promise<void> }).setLanguage(requestedLanguage);
    await document.fonts.ready;
  }, language);
}

/**
 * Fixes the clock, except for a minimal step at each read. Vue ignores a listener that was attached at the same
 * timestamp as the event, so two handlers of one click need different times.
 */
async function freezeClock(page: Page): Promise<void> {
  await page.addInitScript((still) => {
    let breath = 0;
    const now = (): number => {
      breath += 0.001;
      return still + breath;
    };
    globalThis.Date = new Proxy(Date, {
      construct: (date, given) => Reflect.construct(date, given.length === 0 ? [still] : given) as Date,
      get: (date, name) => (name === 'now' ? now : (Reflect.get(date, name) as unknown)),
    });
  }, Date.parse(frozenTime));
}

async function compareScreenshot(what: Page | Locator, folder: string, name: string): Promise<void> {
  // Text rendering differs slightly between machines. Moved or recoloured elements exceed this tolerance.
  await expect(what).toHaveScreenshot([folder, name], { maxDiffPixelRatio: 0.002, threshold: 0.25, scale: 'css' });
  quantizePngFile(fileURLToPath(new URL(`baselines/${folder}/${name}`, import.meta.url)));
}

for (const [index, screenshotCase] of screenshotCases.entries()) {
  test(`screenshots: ${screenshotCase.folder} matches its baselines`, async ({ page }) => {
    await freezeClock(page);
    await page.setViewportSize(defaultSize);
    await openScreenState(page, servedPage.origin, screenshotCase.state);
    await page.mouse.move(0, 0);
    await page.evaluate(() => {
      for (const box of document.querySelectorAll('.scroll')) box.scrollTop = 0;
    });
    for (const { size, language, colorScheme } of screenshotsOf(screenshotCase, index)) {
      await page.setViewportSize(size);
      await page.emulateMedia({ colorScheme });
      await setLanguage(page, language);
      // The view behind a dialog has its own screenshots. The smallest size also shows the position of the dialog.
      const dialog = page.getByRole('dialog');
      await compareScreenshot(
        size !== smallSize && (await dialog.isVisible()) ? dialog : page,
        screenshotCase.folder,
        `${size.width}-${language.slice(0, 2)}-${colorScheme}.png`,
      );
    }
  });
}

test('screenshots: the design view matches its baseline', async ({ page }) => {
  await freezeClock(page);
  await page.setViewportSize({ width: 1920, height: 2_400 });
  await page.goto(`${servedPage.origin}#/design`);
  for (const scheme of schemes) {
    await expect(page.getByRole('region', { name: scheme })).toBeVisible();
    await page.evaluate(() => document.fonts.ready);
  }
  await compareScreenshot(page, 'design', '1920.png');
});
