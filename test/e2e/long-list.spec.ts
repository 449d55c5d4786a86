/**
 * A million sessions in a real database, and fewer in `npm test`: scrolling by scroll bar, filtering and keyboard
 * navigation.
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Locator, Page } from '@playwright/test';
import { roundsOf } from '../support/suite.ts';
import { expect, test } from './fixtures.ts';
import { addConnection, navigateTo } from './steps.ts';

const sessionCount = roundsOf({ quick: 40_000, full: 1_000_000 });
const grid = (page: Page): Locator => page.getByRole('grid', { name: 'Sessions' });
const focusedRow = (page: Page): Locator => page.locator('[role="row"]:focus');
const rowAt = (page: Page, index: number): Locator => grid(page).locator(`[role="row"][aria-rowindex="${index + 2}"]`);

/** The list is sorted newest first. All rows have the same time, so the row that was inserted last comes first. */
const referenceAt = (index: number): string => `Order-${sessionCount - index}`;

async function expectRowAt(row: Locator, index: number): Promise<void> {
  await expect(row.locator('.reference')).toHaveText(referenceAt(index));
}

/** Inserts sessions of the existing connection by SQL, with all triggers and indexes of the schema. */
function seedSessions(dataFolder: string): void {
  const database = new DatabaseSync(join(dataFolder, 'work', 'desk.sqlite'));
  // No other process reads the file and a failed run discards it: no journal, and a large cache for the indexes.
  database.exec(`PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -600000; BEGIN;
    WITH RECURSIVE numbers (number) AS (
      SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < ${sessionCount})
    INSERT INTO sessions (connection_id, product, id, reference, amount, currency, status, source, first_seen_at)
    SELECT (SELECT id FROM connections), 'geft', printf('86095db9-0a9b-4f63-9d0e-%012d', number),
      'Order-' || number, '65.00', 'CAD',
      CASE number % 4 WHEN 0 THEN 'active' WHEN 1 THEN 'completed' WHEN 2 THEN 'expired' ELSE 'cancelled' END,
      'imported', '2026-11-20T14:02:00.000Z' FROM numbers;
    COMMIT; PRAGMA journal_mode = WAL`);
  database.close();
}

const formatCount = (number: number): string => number.toLocaleString('en');

/** Scrolls to a fraction of the list, from 0 to 1, like dragging the scroll bar. */
async function scrollToFraction(page: Page, part: number): Promise<void> {
  await grid(page).evaluate((element, to) => {
    element.scrollTop = to * (element.scrollHeight - element.clientHeight);
  }, part);
}

/** The list index of the row in the middle of the viewport. */
async function middleIndex(page: Page): Promise<number> {
  return grid(page).evaluate((element) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    const row = document.elementFromPoint(left + width / 2, top + height / 2)?.closest('[aria-rowindex]');
    return Number(row?.getAttribute('aria-rowindex')) - 2;
  });
}

test('session list: a long list can be scrolled, filtered and navigated by keyboard', async ({ app, simulator }) => {
  // Seeding a million sessions takes about 20 seconds, and minutes on a busy machine.
  test.setTimeout(600_000);
  await addConnection(app.page, 'flinks', simulator);
  await expect(app.page.getByText('Flinks CA is connected.', { exact: true })).toBeVisible();
  await app.stop();
  const began = performance.now();
  seedSessions(app.dataFolder);
  test.info().annotations.push({
    type: 'seeded',
    description: `${sessionCount} sessions in ${Math.round(performance.now() - began)} ms`,
  });
  await app.restart();
  const { page } = app;
  await navigateTo(page, 'Sessions');
  await expect(grid(page)).toHaveAttribute('aria-rowcount', String(sessionCount + 1));
  await expectRowAt(rowAt(page, 0), 0);

  await scrollToFraction(page, 0.5);
  await expect.poll(() => middleIndex(page)).toBeGreaterThan(sessionCount / 2 - 100);
  const middle = await middleIndex(page);
  expect(middle).toBeLessThan(sessionCount / 2 + 100);
  await expectRowAt(rowAt(page, middle), middle);
  await scrollToFraction(page, 1);
  await expectRowAt(rowAt(page, sessionCount - 1), sessionCount - 1);
  await expect(rowAt(page, sessionCount - 1)).toBeInViewport({ ratio: 0.9 });

  await rowAt(page, sessionCount - 3).focus();
  await page.keyboard.press('ArrowDown');
  await expectRowAt(focusedRow(page), sessionCount - 2);
  await page.keyboard.press('PageUp');
  await expect(focusedRow(page).locator('.reference')).toHaveText(/^Order-\d{2}$/);
  await page.keyboard.press('Home');
  await expectRowAt(focusedRow(page), 0);

  await page.getByRole('tab', { name: `Active ${formatCount(sessionCount / 4)}` }).click();
  await expect(grid(page)).toHaveAttribute('aria-rowcount', String(sessionCount / 4 + 1));
  await scrollToFraction(page, 0.5);
  await expect.poll(() => middleIndex(page)).toBeGreaterThan(sessionCount / 8 - 100);
  const active = await middleIndex(page);
  await expectRowAt(rowAt(page, active), 4 * active);
  await rowAt(page, active).focus();
  await page.keyboard.press('ArrowDown');
  await expectRowAt(focusedRow(page), 4 * (active + 1));
  await page.keyboard.press('ControlOrMeta+a');
  for (const step of [1, 2, 3]) await rowAt(page, active + step).click({ modifiers: ['ControlOrMeta'] });
  await expect(page.getByRole('region', { name: 'Selection' })).toContainText(
    `${formatCount(sessionCount / 4 - 3)} selected`,
  );

  await page.keyboard.press('/');
  const searched = `Order-${sessionCount / 2}`;
  await page.keyboard.type(searched);
  await expect(grid(page)).toHaveAttribute('aria-rowcount', '2');
  await page.keyboard.press('Enter');
  await expect(focusedRow(page)).toContainText(searched);
  // The search and the filter are separate history entries.
  await page.goBack();
  await expect(grid(page)).toHaveAttribute('aria-rowcount', String(sessionCount / 4 + 1));
  await page.goBack();
  await expect(grid(page)).toHaveAttribute('aria-rowcount', String(sessionCount + 1));
});
