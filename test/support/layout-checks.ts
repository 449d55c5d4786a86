/** Layout checks that run in the page. Each returns its violations, one line each. */
import type { Page } from '@playwright/test';

const interactiveSelector =
  'button, a[href], input, select, textarea, summary, [role="menuitem"], [role="menuitemcheckbox"], [role="option"], ' +
  '[role="tab"], [role="slider"]';

/**
 * Finds elements that are clipped, overflow the window, or need scrolling in two directions. Allowed: the columns of a
 * data grid, and elements of class `truncate`, which end with an ellipsis and have a title.
 */
export function findLayoutIssues(page: Page): Promise<string[]> {
  return page.evaluate((controls) => {
    const issues = new Set<string>();
    const isShown = (element: Element): boolean => {
      const { width, height } = element.getBoundingClientRect();
      return (
        element.checkVisibility({ visibilityProperty: true }) &&
        width > 1 &&
        height > 1 &&
        !element.closest('[aria-hidden="true"], .visually-hidden, [role="row"], option, [role="tablist"], .bars')
      );
    };
    const nameOf = (element: Element): string => {
      const text = element.getAttribute('aria-label') ?? element.textContent.trim().replaceAll(/\s+/g, ' ');
      const classes = element.className.toString().split(' ').slice(0, 2).join('.');
      return `${element.tagName.toLowerCase()}.${classes} “${text.slice(0, 60)}”`;
    };
    const hasOverflow = (element: Element, property: 'overflowX' | 'overflowY', pattern: RegExp): boolean =>
      pattern.test(getComputedStyle(element)[property]);
    const root = document.querySelector('[role="dialog"], [role="menu"]') ?? document.body;

    // Only grids, code and tables may scroll horizontally.
    for (const element of [document.documentElement, ...document.querySelectorAll('*')]) {
      if (
        element !== document.documentElement &&
        (!isShown(element) || !hasOverflow(element, 'overflowX', /auto|scroll/))
      )
        continue;
      if (element.matches('[role="grid"], pre') || element.querySelector(':scope > table')) continue;
      if (element.scrollWidth > element.clientWidth + 1)
        issues.add(`${nameOf(element)} scrolls horizontally: ${element.scrollWidth} px in ${element.clientWidth}`);
    }
    for (const element of root.querySelectorAll<HTMLElement>(
      `${controls}, h1, h2, h3, p, dt, dd, legend, label, th, td, li, .title, .name, .badge`,
    )) {
      if (!isShown(element)) continue;
      const isCut = element.matches('.truncate') || element.closest('.truncate') !== null;
      if (
        !isCut &&
        element.scrollWidth > element.clientWidth + 1 &&
        getComputedStyle(element).display !== 'inline' &&
        !hasOverflow(element, 'overflowX', /auto|scroll/) &&
        !element.querySelector('.visually-hidden, table, .truncate') &&
        !element.matches('input, select, textarea')
      ) {
        issues.add(`${nameOf(element)} does not fit into its box: ${element.scrollWidth} px in ${element.clientWidth}`);
      }
      const box = element.getBoundingClientRect();
      const canScroll = (parent: Element | null): boolean => {
        for (let ancestor = parent; ancestor; ancestor = ancestor.parentElement)
          if (
            hasOverflow(ancestor, 'overflowX', /auto|scroll/) &&
            ancestor.matches('[role="grid"], pre, .table-scroll, .tabs')
          )
            return true;
        return false;
      };
      if (!canScroll(element.parentElement) && (box.right > innerWidth + 1 || box.left < -1))
        issues.add(`${nameOf(element)} overflows the window horizontally`);
      for (
        let ancestor = element.parentElement;
        ancestor && ancestor !== document.body;
        ancestor = ancestor.parentElement
      ) {
        const clip = ancestor.getBoundingClientRect();
        if (hasOverflow(ancestor, 'overflowX', /auto|scroll/)) break;
        if (
          hasOverflow(ancestor, 'overflowX', /hidden|clip/) &&
          !ancestor.matches('.truncate') &&
          (box.right > clip.right + 1 || box.left < clip.left - 1)
        ) {
          issues.add(`${nameOf(element)} is clipped horizontally by .${ancestor.className}`);
        }
      }
    }
    // Scroll to each control, as keyboard focus does. An unscrollable ancestor that then has a scroll offset clips it.
    const unscrollable = [...document.querySelectorAll('*'), document.documentElement].filter((element) =>
      hasOverflow(element, 'overflowY', /hidden|clip/),
    );
    for (const element of root.querySelectorAll<HTMLElement>(controls)) {
      if (!isShown(element) || element.matches(':disabled')) continue;
      element.scrollIntoView({ block: 'nearest', inline: 'nearest' });
      const { left, top, width, height } = element.getBoundingClientRect();
      const hit = document.elementFromPoint(left + width / 2, top + height / 2);
      const label = element.closest('label');
      if (!hit || !(element.contains(hit) || hit.contains(element) || label?.contains(hit))) {
        issues.add(
          `${nameOf(element)} cannot be reached: ${hit ? `${nameOf(hit)} covers it` : 'it is outside of the window'}`,
        );
      }
      for (const ancestor of unscrollable) {
        if (ancestor.scrollTop === 0 && ancestor.scrollLeft === 0) continue;
        issues.add(
          `${nameOf(element)} is clipped by ${nameOf(ancestor).split(' ')[0] ?? ''}, which cannot be scrolled`,
        );
        ancestor.scrollTo(0, 0);
      }
    }
    return [...issues];
  }, interactiveSelector);
}

/**
 * Finds targets smaller than 24 by 24 px (WCAG 2.5.8). Exceptions: links in a sentence, and targets whose 24 px circle
 * touches no other target.
 */
export function findSmallTargets(page: Page): Promise<string[]> {
  return page.evaluate((controls) => {
    const minSize = 24;
    const targets = [...document.querySelectorAll<HTMLElement>(controls)]
      .filter(
        (element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest('[aria-hidden="true"]'),
      )
      .map((element) => {
        // A label, and the cell around a checkbox, are part of the target.
        const boxes = [
          element,
          ...('labels' in element ? ((element.labels as NodeListOf<HTMLElement> | null) ?? []) : []),
          element.closest('.checkbox-cell'),
          element.closest('label'),
        ]
          .filter((part) => part !== null)
          .map((part) => part.getBoundingClientRect());
        const [left, top] = [Math.min(...boxes.map((box) => box.left)), Math.min(...boxes.map((box) => box.top))];
        const [right, bottom] = [
          Math.max(...boxes.map((box) => box.right)),
          Math.max(...boxes.map((box) => box.bottom)),
        ];
        return {
          element,
          left,
          top,
          right,
          bottom,
          isSmall: right - left < minSize - 0.5 || bottom - top < minSize - 0.5,
        };
      })
      .filter(({ left, right, top, bottom }) => right - left > 1 && bottom - top > 1);
    return targets
      .filter(({ element, isSmall, left, right, top, bottom }) => {
        if (!isSmall) return false;
        if (
          element.matches('a') &&
          getComputedStyle(element).display === 'inline' &&
          element.closest('p, li, dd')?.textContent.trim() !== element.textContent.trim()
        )
          return false;
        const [x, y] = [(left + right) / 2, (top + bottom) / 2];
        return targets.some((other) => {
          if (other.element === element) return false;
          const [nearX, nearY] = other.isSmall
            ? [(other.left + other.right) / 2, (other.top + other.bottom) / 2]
            : [Math.min(Math.max(x, other.left), other.right), Math.min(Math.max(y, other.top), other.bottom)];
          return Math.hypot(nearX - x, nearY - y) < (other.isSmall ? minSize : minSize / 2);
        });
      })
      .map(
        ({ element, left, right, top, bottom }) =>
          `${element.outerHTML.slice(0, 120)}: ${Math.round(right - left)} by ${Math.round(bottom - top)} px`,
      );
  }, interactiveSelector);
}
