/** axe on the design view, which shows every component, and on the dialogs, the menu and the toasts that it opens. */
import { expect, test, type Page } from '@playwright/test';
import { findAxeViolations } from '../support/axe.ts';
import { chromiumPath } from '../support/chromium.ts';
import { servePage } from '../support/page-server.ts';
import type { ServedPage } from '../support/page-server.ts';

test.use({
  launchOptions: { executablePath: chromiumPath(), args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] },
  contextOptions: { reducedMotion: 'reduce' },
  locale: 'en-CA',
  viewport: { width: 1920, height: 1080 },
});

let servedPage: ServedPage;
test.beforeAll(async () => {
  servedPage = await servePage('components/page');
});
test.afterAll(() => servedPage.close());

const button = (page: Page, scheme: string, name: string) =>
  page.getByRole('region', { name: scheme }).getByRole('button', { name });

test.beforeEach(async ({ page }) => {
  await page.goto(`${servedPage.origin}?options=${encodeURIComponent(JSON.stringify({ sessionCount: 3 }))}#/design`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveCount(2);
});

test('design view: axe reports no violation of a component in either theme', async ({ page }) => {
  expect(await findAxeViolations(page, '.sheet')).toEqual([]);
  // The check detects a violation.
  await page
    .locator('.sheet')
    .first()
    .evaluate((sheet) => sheet.append(document.createElement('button')));
  expect(await findAxeViolations(page, '.sheet')).toEqual([expect.stringContaining('button-name')]);
});

test('design view: axe reports no violation in any dialog', async ({ page }) => {
  for (const name of ['plain', 'production', 'persistent', 'wide', 'extra-wide', 'form', 'confirm']) {
    await button(page, 'light', `Dialog: ${name}`).click();
    await expect(page.getByRole('dialog', { name: `Dialog: ${name}` })).toBeVisible();
    expect(await findAxeViolations(page, '[role=dialog]'), name).toEqual([]);
    await page.reload();
  }
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`design view: axe reports no violation in the menu and the toasts in the ${colorScheme} theme`, async ({
    page,
  }) => {
    await page.emulateMedia({ colorScheme });
    await button(page, colorScheme, 'Success toast').click();
    await button(page, colorScheme, 'Error toast').click();
    await expect(page.getByText('The changes could not be saved.').first()).toBeVisible();
    expect(await findAxeViolations(page, '#app'), 'toasts').toEqual([]);
    await button(page, colorScheme, 'Menu').click();
    await expect(page.getByRole('menu')).toBeVisible();
    expect(await findAxeViolations(page, '[role=menu]'), 'menu').toEqual([]);
  });
}
