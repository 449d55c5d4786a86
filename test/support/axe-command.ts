/** Runs axe on the page of a component test: `commands.axe('.design')`. */
import AxeBuilder from '@axe-core/playwright';
import type { BrowserCommand } from 'vitest/node';

/** Returns the violations inside `selector`, one line each, in the colour scheme of the page. */
export const axe: BrowserCommand<[selector: string]> = async ({ page, iframe }, selector) => {
  const frame = await iframe.owner().getAttribute('data-vitest');
  const { violations } = await new AxeBuilder({ page })
    .include([frame === null ? 'iframe' : `iframe[data-vitest="${frame}"]`, selector])
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
    .analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
};

declare module 'vitest/browser' {
  interface BrowserCommands {
    axe(selector: string): Promise<string[]>;
  }
}
