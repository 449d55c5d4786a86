/** axe on every place and state of the walking skeleton, light and dark. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { goTo, openPractice } from './steps.ts';

async function expectNoFinding(page: Page, state: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    // The page as it is, not a copy of it in a frame of axe's own, which the policy would not let in.
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`), `${state}, ${colorScheme}`).toEqual([]);
  }
}

test('axe finds nothing in any place', async ({ desk }) => {
  test.setTimeout(120_000);
  const { page } = desk;
  await expect(page.getByRole('heading', { name: 'Cancel payment sessions, and prove it' })).toBeVisible();
  await expectNoFinding(page, 'first run');
  await goTo(page, 'Connections');
  await page.getByRole('button', { name: 'Connect a provider' }).first().click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await expectNoFinding(page, 'a new connection');
  await page.keyboard.press('Escape');
  await goTo(page, 'Sessions');
  await openPractice(page);
  await expectNoFinding(page, 'sessions');
  await page.getByRole('row').filter({ hasText: 'Active' }).first().click();
  await page.getByRole('button', { name: 'Cancel session…' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await expectNoFinding(page, 'the cancel dialog');
  await page.keyboard.press('c');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Close' }).last()).toBeFocused();
  await expectNoFinding(page, 'an outcome');
  await page.keyboard.press('Enter');
  await expectNoFinding(page, 'the panel with its story');
  await page.getByRole('button', { name: 'Add session' }).first().click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await expectNoFinding(page, 'a new session');
  await page.keyboard.press('Escape');
  for (const place of ['Audit', 'Connections', 'Settings'] as const) {
    await goTo(page, place);
    await expect(page.getByRole('heading', { name: place, level: 1 })).toBeVisible();
    await expectNoFinding(page, place);
  }
});
