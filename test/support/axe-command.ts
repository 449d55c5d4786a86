/** axe on the page of a component test, from outside of it: `commands.axe('.design')`. */
import AxeBuilder from '@axe-core/playwright';
import type { BrowserCommand } from 'vitest/node';

/** What axe finds within `selector`, one line each; the colour scheme is that of the page. */
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
