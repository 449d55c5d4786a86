/**
 * What the places look like, against pictures that were looked at: in light and dark, English and French. On the fake desk and with a
 * clock that stands still, in Chromium alone.
 * After a change that is meant: `npx playwright test visual -c playwright.config.ts --project=pages -u`, and look at what changed.
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

/** The words of the small window are French: they are the longest. */
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

// A place is photographed up to eight times.
test.describe.configure({ timeout: 120_000 });

let servedPage: ServedPage;
test.beforeAll(async () => {
  servedPage = await servePage('components/page');
});
test.afterAll(() => servedPage.close());

/** Speaks a language as the settings would, while whatever is open stays open. */
async function setLanguage(page: Page, language: Screenshot['language']): Promise<void> {
  await page.evaluate(async (wanted) => {
    await (window as unknown as { setLanguage(language: string): Promise<void> }).setLanguage(wanted);
    await document.fonts.ready;
  }, language);
}

/**
 * The hour stands still but for a breath at each look at it: Vue takes two listeners that hear the same click in the same instant for one
 * that was put there by the other.
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
  // The same Chromium draws letters a little otherwise from one machine to the next; what moves or changes its colour is more than that.
  await expect(what).toHaveScreenshot([folder, name], { maxDiffPixelRatio: 0.002, threshold: 0.25, scale: 'css' });
  quantizePngFile(fileURLToPath(new URL(`baselines/${folder}/${name}`, import.meta.url)));
}

for (const [at, place] of screenshotCases.entries()) {
  test(`${place.folder} looks as it did`, async ({ page }) => {
    await freezeClock(page);
    await page.setViewportSize(defaultSize);
    await openScreenState(page, servedPage.origin, place.state);
    await page.mouse.move(0, 0);
    await page.evaluate(() => {
      for (const box of document.querySelectorAll('.scroll')) box.scrollTop = 0;
    });
    for (const { size, language, colorScheme } of screenshotsOf(place, at)) {
      await page.setViewportSize(size);
      await page.emulateMedia({ colorScheme });
      await setLanguage(page, language);
      // What lies behind a dialog has pictures of its own; the small one shows where it stands.
      const dialog = page.getByRole('dialog');
      await compareScreenshot(
        size !== smallSize && (await dialog.isVisible()) ? dialog : page,
        place.folder,
        `${size.width}-${language.slice(0, 2)}-${colorScheme}.png`,
      );
    }
  });
}

test('the parts of the screen look as they did', async ({ page }) => {
  await freezeClock(page);
  await page.setViewportSize({ width: 1920, height: 2_400 });
  await page.goto(`${servedPage.origin}#/design`);
  for (const scheme of schemes) {
    await expect(page.getByRole('region', { name: scheme })).toBeVisible();
    await page.evaluate(() => document.fonts.ready);
  }
  await compareScreenshot(page, 'design', '1920.png');
});
