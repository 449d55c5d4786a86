import { expect, test } from './fixtures.ts';
import { navigateTo } from './steps.ts';

test('language: each language can be selected at runtime under the security policy and is stored', async ({ app }) => {
  const { page } = app;
  const refused: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') refused.push(message.text());
  });
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
  expect(refused).toEqual([]);
});
