/** Accessibility checks of a page with axe-core. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import type { run } from 'axe-core';

const source = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
const wcagTags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/**
 * The violations of WCAG 2.2 A and AA below the elements that `selector` matches, one line each. `rules` limits the
 * check to rules with these names. Throws an error if nothing matches `selector`.
 */
export async function findAxeViolations(page: Page, selector: string, rules?: readonly string[]): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(source);
  return await page.evaluate(
    async ({ context, runOnly }) => {
      const { axe: checker } = window as unknown as { axe: { run: typeof run } };
      // Details of passed checks would take most of the time.
      const { violations } = await checker.run(context, { runOnly, resultTypes: ['violations'] });
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    },
    { context: selector, runOnly: [...(rules ?? wcagTags)] },
  );
}
