/** Every screen state against the rules for all of them, with the fake client in Chromium. */
import { findAxeViolations } from '../support/axe.ts';
import { findLayoutIssues, findSmallTargets } from '../support/layout-checks.ts';
import { expect, test } from './page-fixtures.ts';
import { openScreenState, screenStates, setLanguage } from './screen-states.ts';
import { nonEmpty } from '../support/non-empty.ts';
import { isFullSuite, seed } from '../support/suite.ts';

const openedSelector = '[role="dialog"], [role="menu"]';

/**
 * In the dark scheme only the contrast can differ from the light one: `npm test` checks each state in one scheme, which
 * the seed selects, and the full suite in both.
 */
const colorSchemesOf = (index: number): readonly ('light' | 'dark')[] =>
  isFullSuite ? ['light', 'dark'] : [(seed + index) % 2 === 0 ? 'light' : 'dark'];

for (const [index, state] of nonEmpty(screenStates).entries()) {
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
    // Of a state with an open dialog or menu only that is checked, because the page behind it is a state of its own.
    const selector = (await inside.count()) > 0 ? openedSelector : 'html';
    for (const colorScheme of nonEmpty(colorSchemesOf(index))) {
      await page.emulateMedia({ colorScheme });
      const rules = isFullSuite && colorScheme === 'dark' ? ['color-contrast'] : undefined;
      expect(await findAxeViolations(page, selector, rules), colorScheme).toEqual([]);
    }

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
