import { expect, test } from './fixtures.ts';
import { navigateTo } from './steps.ts';

// The fixture checks that the security policy refused nothing.
test('language: each language can be selected at runtime under the security policy and is stored', async ({
  workApp: { page },
}) => {
  await navigateTo(page, 'Settings');
  for (const [name, title, language] of [
    ['Français (Canada)', 'Paramètres', 'fr-CA'],
    ['Bahasa Indonesia', 'Pengaturan', 'id'],
    ['English', 'Settings', 'en'],
    ['Français (Canada)', 'Paramètres', 'fr-CA'],
  ] as const) {
    await page.getByText(name, { exact: true }).click();
    await expect(page.getByRole('heading', { name: title, level: 1 })).toBeVisible();
    await expect(page.locator('html')).toHaveAttribute('lang', language);
  }
  await page.reload();
  await expect(page.getByRole('navigation').getByText('Séances', { exact: true })).toBeVisible();
  await page.getByRole('navigation').getByRole('link', { name: 'Paramètres' }).click();
  await page.getByText('English', { exact: true }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
});
