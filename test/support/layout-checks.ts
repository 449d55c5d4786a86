/** Rules about where things are on the screen, looked at in the page itself. Each answers with what breaks it, a line each. */
import type { Page } from '@playwright/test';

const interactiveSelector =
  'button, a[href], input, select, textarea, summary, [role="menuitem"], [role="menuitemcheckbox"], [role="option"], [role="tab"], [role="slider"]';

/**
 * What is cut, hangs out of the window, or can be reached by scrolling both ways alone. The grid of a long list may be cut by its
 * columns; what is marked `cut` ends in dots and says itself whole in its title.
 */
export function findLayoutIssues(page: Page): Promise<string[]> {
  return page.evaluate((controls) => {
    const faults = new Set<string>();
    const shown = (element: Element): boolean => {
      const { width, height } = element.getBoundingClientRect();
      return (
        element.checkVisibility({ visibilityProperty: true }) &&
        width > 1 &&
        height > 1 &&
        !element.closest('[aria-hidden="true"], .visually-hidden, [role="row"], option, [role="tablist"], .bars')
      );
    };
    const nameOf = (element: Element): string => {
      const words = element.getAttribute('aria-label') ?? element.textContent.trim().replaceAll(/\s+/g, ' ');
      return `${element.tagName.toLowerCase()}.${element.className.toString().split(' ').slice(0, 2).join('.')} “${words.slice(0, 60)}”`;
    };
    const ends = (element: Element, overflow: 'overflowX' | 'overflowY', how: RegExp): boolean =>
      how.test(getComputedStyle(element)[overflow]);
    const root = document.querySelector('[role="dialog"], [role="menu"]') ?? document.body;

    // Only the grid's rows, code and tables may need the second direction.
    for (const element of [document.documentElement, ...document.querySelectorAll('*')]) {
      if (element !== document.documentElement && (!shown(element) || !ends(element, 'overflowX', /auto|scroll/)))
        continue;
      if (element.matches('[role="grid"], pre') || element.querySelector(':scope > table')) continue;
      if (element.scrollWidth > element.clientWidth + 1)
        faults.add(`${nameOf(element)} scrolls sideways: ${element.scrollWidth} px in ${element.clientWidth}`);
    }
    for (const element of root.querySelectorAll<HTMLElement>(
      `${controls}, h1, h2, h3, p, dt, dd, legend, label, th, td, li, .title, .name, .badge`,
    )) {
      if (!shown(element)) continue;
      const isCut = element.matches('.truncate') || element.closest('.truncate') !== null;
      if (
        !isCut &&
        element.scrollWidth > element.clientWidth + 1 &&
        getComputedStyle(element).display !== 'inline' &&
        !ends(element, 'overflowX', /auto|scroll/) &&
        !element.querySelector('.visually-hidden, table, .truncate') &&
        !element.matches('input, select, textarea')
      ) {
        faults.add(`${nameOf(element)} does not fit into its box: ${element.scrollWidth} px in ${element.clientWidth}`);
      }
      const box = element.getBoundingClientRect();
      const canScroll = (side: Element | null): boolean => {
        for (let around = side; around; around = around.parentElement)
          if (ends(around, 'overflowX', /auto|scroll/) && around.matches('[role="grid"], pre, .table-scroll, .tabs'))
            return true;
        return false;
      };
      if (!canScroll(element.parentElement) && (box.right > innerWidth + 1 || box.left < -1))
        faults.add(`${nameOf(element)} hangs out of the window at the side`);
      for (let around = element.parentElement; around && around !== document.body; around = around.parentElement) {
        const clip = around.getBoundingClientRect();
        if (ends(around, 'overflowX', /auto|scroll/)) break;
        if (
          ends(around, 'overflowX', /hidden|clip/) &&
          !around.matches('.truncate') &&
          (box.right > clip.right + 1 || box.left < clip.left - 1)
        ) {
          faults.add(`${nameOf(element)} is cut at the side by .${around.className}`);
        }
      }
    }
    // Reached as the keyboard reaches it; what then had to be moved though nobody can scroll it was cut off.
    const fixed = [...document.querySelectorAll('*'), document.documentElement].filter((element) =>
      ends(element, 'overflowY', /hidden|clip/),
    );
    for (const element of root.querySelectorAll<HTMLElement>(controls)) {
      if (!shown(element) || element.matches(':disabled')) continue;
      element.scrollIntoView({ block: 'nearest', inline: 'nearest' });
      const { left, top, width, height } = element.getBoundingClientRect();
      const hit = document.elementFromPoint(left + width / 2, top + height / 2);
      const label = element.closest('label');
      if (!hit || !(element.contains(hit) || hit.contains(element) || label?.contains(hit))) {
        faults.add(
          `${nameOf(element)} cannot be reached: ${hit ? `${nameOf(hit)} lies over it` : 'it is outside of the window'}`,
        );
      }
      for (const around of fixed) {
        if (around.scrollTop === 0 && around.scrollLeft === 0) continue;
        faults.add(`${nameOf(element)} is cut off by ${nameOf(around).split(' ')[0] ?? ''}, which nobody can scroll`);
        around.scrollTo(0, 0);
      }
    }
    return [...faults];
  }, interactiveSelector);
}

/**
 * Targets of less than 24 by 24 px (WCAG 2.5.8), but for links within a sentence and those with so much room around them that a circle
 * of 24 px on each touches no other.
 */
export function findSmallTargets(page: Page): Promise<string[]> {
  return page.evaluate((controls) => {
    const least = 24;
    const found = [...document.querySelectorAll<HTMLElement>(controls)]
      .filter(
        (element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest('[aria-hidden="true"]'),
      )
      .map((element) => {
        // A label, and the cell around a box of the list, take the click as well.
        const boxes = [
          element,
          ...('labels' in element ? ((element.labels as NodeListOf<HTMLElement> | null) ?? []) : []),
          element.closest('.checkbox-cell'),
          element.closest('label'),
        ]
          .filter((each) => each !== null)
          .map((each) => each.getBoundingClientRect());
        const [left, top] = [Math.min(...boxes.map((box) => box.left)), Math.min(...boxes.map((box) => box.top))];
        const [right, bottom] = [
          Math.max(...boxes.map((box) => box.right)),
          Math.max(...boxes.map((box) => box.bottom)),
        ];
        return { element, left, top, right, bottom, isSmall: right - left < least - 0.5 || bottom - top < least - 0.5 };
      })
      .filter(({ left, right, top, bottom }) => right - left > 1 && bottom - top > 1);
    return found
      .filter(({ element, isSmall, left, right, top, bottom }) => {
        if (!isSmall) return false;
        if (
          element.matches('a') &&
          getComputedStyle(element).display === 'inline' &&
          element.closest('p, li, dd')?.textContent.trim() !== element.textContent.trim()
        )
          return false;
        const [x, y] = [(left + right) / 2, (top + bottom) / 2];
        return found.some((other) => {
          if (other.element === element) return false;
          const [nearX, nearY] = other.isSmall
            ? [(other.left + other.right) / 2, (other.top + other.bottom) / 2]
            : [Math.min(Math.max(x, other.left), other.right), Math.min(Math.max(y, other.top), other.bottom)];
          return Math.hypot(nearX - x, nearY - y) < (other.isSmall ? least : least / 2);
        });
      })
      .map(
        ({ element, left, right, top, bottom }) =>
          `${element.outerHTML.slice(0, 120)}: ${Math.round(right - left)} by ${Math.round(bottom - top)} px`,
      );
  }, interactiveSelector);
}
