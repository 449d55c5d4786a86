/** Keyboard focus: the tab order of every view, and high contrast. */
import type { Page } from '@playwright/test';
import { expect, test } from './page-fixtures.ts';
import { openScreenState, screenStates } from './screen-states.ts';

/** Position of the focused element and whether its focus indicator is visible. */
const readFocusedElement = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    if (!(element instanceof HTMLElement) || element === document.body) return null;
    const shown =
      element.classList.contains('visually-hidden') || element.matches('[type="radio"]')
        ? (element.closest('label') ?? element)
        : element;
    const { left, top, width, height } = shown.getBoundingClientRect();
    const style = getComputedStyle(shown);
    return {
      name: `${element.tagName} ${element.getAttribute('aria-label') ?? element.textContent.trim().slice(0, 40)}`,
      left,
      top,
      isVisible:
        width > 0 && height > 0 && left < innerWidth && top < innerHeight && left + width > 0 && top + height > 0,
      hasRing: style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) >= 2,
      region: element.closest('nav') ? 'sidebar' : element.closest('aside.panel') ? 'panel' : 'view',
    };
  });

for (const path of ['/sessions', '/sessions/3', '/batches', '/audit', '/audit/17', '/connections', '/settings']) {
  test(`focus: Tab moves through ${path} from the sidebar to the end with a visible indicator`, async ({
    newPage: page,
    servedPage,
  }) => {
    const options = screenStates.find(({ name }) => name === 'sessions')?.options ?? {};
    await openScreenState(page, servedPage.origin, { name: path, path, options });
    const seen: string[] = [];
    const regions: string[] = [];
    for (let step = 0; step < 120; step += 1) {
      await page.keyboard.press('Tab');
      const now = await readFocusedElement(page);
      if (now === null) break;
      expect(now, now.name).toMatchObject({ isVisible: true, hasRing: true });
      if (regions.at(-1) !== now.region) regions.push(now.region);
      seen.push(now.name);
    }
    expect(seen.length).toBeGreaterThan(7);
    expect(seen.length, 'the focus is trapped').toBeLessThan(119);
    // Order: sidebar, view, side panel, footer. The focus never returns to the sidebar.
    expect(regions.join(' ')).toMatch(/\d/.test(path) ? /^sidebar view panel( view)?$/ : /^sidebar view$/);
  });
}

test('high contrast: status, environment, focus, selection and charts stay visible', async ({ page, servedPage }) => {
  await page.emulateMedia({ forcedColors: 'active', colorScheme: 'dark' });
  const findState = (name: string) =>
    screenStates.find((state) => state.name === name) ??
    (() => {
      throw new Error(`There is no state ${name}.`);
    })();
  const style = (selector: string, property: string, pseudo?: string) =>
    page
      .locator(selector)
      .first()
      .evaluate((element, [name, part]) => getComputedStyle(element, part).getPropertyValue(name ?? ''), [
        property,
        pseudo,
      ] as const);

  await openScreenState(page, servedPage.origin, findState('a selection'));
  expect(await style('.row.body-row.selected', 'outline-style')).toBe('solid');
  expect(await style('.row.body-row .status-icon', 'color')).not.toBe(await style('.row.body-row', 'color'));
  expect(await style('.badge.production', 'border-top-style')).toBe('solid');
  expect(await style('.window', 'background-color', '::before')).not.toBe(await style('.window', 'background-color'));
  expect(await style('.nav-item.router-link-active', 'background-color')).not.toBe(
    await style('.nav-item:not(.router-link-active)', 'background-color'),
  );
  expect(await style('[role="tab"][aria-selected="true"]', 'background-color', '::after')).not.toBe(
    await style('[role="tablist"]', 'background-color'),
  );
  await page.keyboard.press('Tab');
  expect((await readFocusedElement(page))?.hasRing).toBe(true);

  for (const name of ['the filter menu', 'the cancel dialog', 'the panel']) {
    await openScreenState(page, servedPage.origin, findState(name));
    expect(await style('[role="dialog"], [role="menu"], aside.panel', 'border-left-style'), name).toBe('solid');
  }
  await openScreenState(page, servedPage.origin, findState('settings'));
  expect(await style('.option.selected', 'background-color')).not.toBe(
    await style('.option:not(.selected)', 'background-color'),
  );
  await openScreenState(page, servedPage.origin, findState('a running batch'));
  expect(await style('.bar .segment', 'background-color')).not.toBe(await style('body', 'background-color'));
});
