/**
 * What the places look like, against pictures that were looked at. On the fake desk and with a clock that stands still, in Chromium alone.
 * After a change that is meant: `npx playwright test visual -c test/playwright.config.ts --project=chromium -u`, and look.
 */
import { expect, test } from '@playwright/test';
import type { Page } from '@playwright/test';
import { chromiumPath } from '../support/chromium.ts';
import { fakeConnection } from '../support/fake-desk.ts';
import type { FakeOptions } from '../support/fake-desk.ts';
import { servePage } from '../support/served-page.ts';
import type { ServedPage } from '../support/served-page.ts';

type Scheme = 'light' | 'dark';
interface Place {
  readonly name: string;
  readonly path: string;
  readonly options: FakeOptions;
  readonly small: Scheme;
  /** At the larger size there are both, where none is named. */
  readonly large?: Scheme;
  readonly show?: (page: Page) => Promise<void>;
}

const many: FakeOptions = { sessions: 2_000, audit: 1_000 };
const row = (page: Page) => page.getByRole('row').filter({ hasText: 'Active' }).nth(2);

const places: readonly Place[] = [
  { name: 'first-run', path: '/sessions', options: { sessions: 0, connections: [] }, small: 'light' },
  { name: 'sessions-3', path: '/sessions', options: { sessions: 3, connections: [fakeConnection(3)] }, small: 'dark' },
  { name: 'sessions-many', path: '/sessions', options: many, small: 'light' },
  {
    name: 'panel', path: '/sessions', options: many, small: 'dark',
    async show(page) {
      await row(page).click();
      await expect(page.getByRole('complementary').getByText('Timeline')).toBeVisible();
    },
  },
  {
    name: 'cancel', path: '/sessions', options: many, small: 'light', large: 'dark',
    async show(page) {
      await row(page).focus();
      await page.keyboard.press('Delete');
      await expect(page.getByLabel('Reason')).toBeFocused();
    },
  },
  {
    name: 'palette', path: '/sessions', options: many, small: 'dark', large: 'light',
    async show(page) {
      await row(page).focus();
      await page.keyboard.press('Control+k');
      await expect(page.getByRole('combobox')).toBeFocused();
    },
  },
  { name: 'audit', path: '/audit', options: many, small: 'dark' },
  { name: 'connections', path: '/connections', options: many, small: 'light' },
  { name: 'settings', path: '/settings', options: many, small: 'dark' },
  { name: 'batches', path: '/batches', options: many, small: 'light' },
];

const shots = places.flatMap((place) => [
  ...(place.large ? [place.large] : ['light', 'dark'] as const).map((scheme) => ({ place, size: { width: 1280, height: 800 }, scheme })),
  { place, size: { width: 960, height: 600 }, scheme: place.small },
]);

test.use({
  launchOptions: { executablePath: chromiumPath(), args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] },
  contextOptions: { reducedMotion: 'reduce' }, timezoneId: 'UTC', locale: 'en-CA',
});

let served: ServedPage;
test.beforeAll(async () => { served = await servePage('components/page'); });
test.afterAll(() => served.close());

for (const { place, size, scheme } of shots) {
  const name = `${place.name}-${size.width}-${scheme}`;
  test(`${name} looks as it did`, async ({ page }) => {
    await page.clock.setFixedTime('2026-11-21T14:02:00Z');
    await page.setViewportSize(size);
    await page.emulateMedia({ colorScheme: scheme });
    await page.goto(`${served.origin}?options=${encodeURIComponent(JSON.stringify(place.options))}#${place.path}`);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    if (place.options === many && place.path === '/sessions') await expect(row(page)).toBeVisible();
    await place.show?.(page);
    await page.mouse.move(0, 0);
    await page.evaluate(() => document.fonts.ready);
    // The same Chromium draws letters a little otherwise from one machine to the next; what moves or changes its colour is more than that.
    await expect(page).toHaveScreenshot(`${name}.png`, { maxDiffPixelRatio: 0.01, threshold: 0.25, scale: 'css' });
  });
}
