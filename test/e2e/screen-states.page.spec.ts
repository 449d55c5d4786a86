/** Every screen state against the rules for all of them, with the fake client in Chromium. */
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { chromiumPath } from '../support/chromium.ts';
import { findLayoutIssues, findSmallTargets } from '../support/layout-checks.ts';
import { servePage } from '../support/page-server.ts';
import type { ServedPage } from '../support/page-server.ts';
import { lengthenMessages } from '../support/locale-messages.ts';
import { openScreenState, screenStates } from './screen-states.ts';

test.use({
  launchOptions: { executablePath: chromiumPath(), args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] },
  contextOptions: { reducedMotion: 'reduce' },
  locale: 'en-CA',
  viewport: { width: 1280, height: 800 },
});

let servedPage: ServedPage;
let servedLongPage: ServedPage;
test.beforeAll(async () => {
  servedPage = await servePage('components/page');
  servedLongPage = await servePage('components/page', lengthenMessages);
});
test.afterAll(async () => {
  await servedPage.close();
  await servedLongPage.close();
});

for (const state of screenStates) {
  test(`screen state "${state.name}": no axe violation, target sizes, reduced motion and 200% zoom`, async ({
    page,
  }) => {
    await openScreenState(page, servedPage.origin, state);
    expect(await page.evaluate(() => document.getAnimations().length), 'things that move').toBe(0);
    expect(await findSmallTargets(page)).toEqual([]);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const { violations } = await new AxeBuilder({ page })
        .setLegacyMode()
        .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
        .analyze();
      expect(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
        colorScheme,
      ).toEqual([]);
    }
    // 1280 by 800 pixels at 200% zoom.
    await page.setViewportSize({ width: 640, height: 400 });
    await expect.poll(() => findLayoutIssues(page)).toEqual([]);
  });

  test(`screen state "${state.name}": texts that are 40% longer fit into the smallest window`, async ({ page }) => {
    await openScreenState(page, servedLongPage.origin, state);
    await page.setViewportSize({ width: 960, height: 600 });
    await expect.poll(() => findLayoutIssues(page)).toEqual([]);
  });
}
