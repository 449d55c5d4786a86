/** Every screen state against the rules for all of them, with the fake client in Chromium. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { findLayoutIssues, findSmallTargets } from '../support/layout-checks.ts';
import { expect, test } from './page-fixtures.ts';
import { openScreenState, screenStates, setLanguage } from './screen-states.ts';
import { nonEmpty } from '../support/non-empty.ts';

const openedSelector = '[role="dialog"], [role="menu"]';

/**
 * The violations of axe, one line each. In the dark scheme only the contrast can differ from the light one. Of a state
 * with an open dialog or menu only that is checked, because the page behind it is a state of its own.
 */
async function findAxeViolations(page: Page, colorScheme: 'light' | 'dark'): Promise<string[]> {
  await page.emulateMedia({ colorScheme });
  // Runs in the page itself: legacy mode opens no second page.
  const builder = new AxeBuilder({ page }).setLegacyMode();
  if ((await page.locator(openedSelector).count()) > 0) builder.include(openedSelector);
  // Details of passed checks would take most of the time.
  const { violations } = await builder
    .options({
      runOnly: colorScheme === 'dark' ? ['color-contrast'] : ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
      resultTypes: ['violations'],
    })
    .analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

for (const state of nonEmpty(screenStates)) {
  test(`screen state "${state.name}": axe, target sizes, reduced motion, zoom, longer texts and focus`, async ({
    page,
    servedLongPage,
  }) => {
    await openScreenState(page, servedLongPage.origin, state);
    const { opener } = state;
    const inside = page.locator(openedSelector).last();
    if (opener && (await inside.isVisible()))
      await expect
        .poll(() => inside.evaluate((element) => element.contains(document.activeElement)), 'the dialog has the focus')
        .toBe(true);

    expect(await page.evaluate(() => document.getAnimations().length), 'things that move').toBe(0);
    expect(await findSmallTargets(page)).toEqual([]);
    for (const colorScheme of ['light', 'dark'] as const)
      expect(await findAxeViolations(page, colorScheme), colorScheme).toEqual([]);

    // 1280 by 800 pixels at 200% zoom.
    await page.setViewportSize({ width: 640, height: 400 });
    await expect.poll(() => findLayoutIssues(page), '200% zoom').toEqual([]);
    await page.setViewportSize({ width: 960, height: 600 });
    await setLanguage(page, 'id');
    await expect(page.locator('html')).toHaveAttribute('lang', 'id');
    await expect.poll(() => findLayoutIssues(page), 'texts that are 40% longer').toEqual([]);

    if (!opener) return;
    await setLanguage(page, 'en');
    await page.setViewportSize({ width: 1280, height: 800 });
    // Escape closes what the opener opened, and returns the focus to it.
    const dismiss = page.getByRole('button', { name: 'Dismiss' });
    if (await dismiss.isVisible()) await dismiss.click();
    else await page.keyboard.press('Escape');
    await expect(opener(page)).toBeFocused();
  });
}
