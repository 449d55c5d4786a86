/** A million sessions in a real database, in the real console: thrown about by the scroll bar, narrowed, gone on with by keyboard. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Locator, Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { connect, goTo } from './steps.ts';

const count = 1_000_000;
const grid = (page: Page): Locator => page.getByRole('grid', { name: 'Sessions' });
const focused = (page: Page): Locator => page.locator('[role="row"]:focus');
const rowAt = (page: Page, index: number): Locator => grid(page).locator(`[role="row"][aria-rowindex="${index + 2}"]`);

/** Newest first, and all seen at the same moment: the last that was written comes first. */
const reference = (index: number): string => `Order-${count - index}`;

async function expectAt(row: Locator, index: number): Promise<void> {
  await expect(row.locator('.reference')).toHaveText(reference(index));
}

/** Beside the connection that is there: by SQL, with every trigger and index of the real schema at work. */
function seed(dataFolder: string): void {
  const database = new DatabaseSync(join(dataFolder, 'work', 'desk.sqlite'));
  // Nothing else reads it, and a run that is broken off throws it away: no journal, and memory for the random order of the indexes.
  database.exec(`PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -600000; BEGIN;
    WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < ${count})
    INSERT INTO sessions (connection_id, product, id, reference, amount, currency, status, source, first_seen_at)
    SELECT (SELECT id FROM connections), 'geft', printf('86095db9-0a9b-4f63-9d0e-%012d', number), 'Order-' || number, '65.00', 'CAD',
      CASE number % 4 WHEN 0 THEN 'active' WHEN 1 THEN 'completed' WHEN 2 THEN 'expired' ELSE 'cancelled' END, 'imported',
      '2026-11-20T14:02:00.000Z' FROM numbers;
    COMMIT; PRAGMA journal_mode = WAL`);
  database.close();
}

const words = (number: number): string => number.toLocaleString('en');

/** As the scroll bar does when it is thrown: to a part of the whole, from 0 to 1. */
async function throwTo(page: Page, part: number): Promise<void> {
  await grid(page).evaluate((element, to) => {
    element.scrollTop = to * (element.scrollHeight - element.clientHeight);
  }, part);
}

/** The place in the list of the row in the middle of what is seen. */
async function middleIndex(page: Page): Promise<number> {
  return grid(page).evaluate((element) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    const row = document.elementFromPoint(left + width / 2, top + height / 2)?.closest('[aria-rowindex]');
    return Number(row?.getAttribute('aria-rowindex')) - 2;
  });
}

test('a million sessions are scrolled, filtered and gone through by keyboard', async ({ desk, simulator }) => {
  // A machine that is busy with other things takes minutes for the seeding alone; one that is not, about twenty seconds.
  test.setTimeout(600_000);
  await connect(desk.page, 'flinks', simulator);
  await expect(desk.page.getByText('Flinks CA is connected.', { exact: true })).toBeVisible();
  await desk.stop();
  const began = performance.now();
  seed(desk.dataFolder);
  test.info().annotations.push({
    type: 'seeded',
    description: `${count} sessions in ${Math.round(performance.now() - began)} ms`,
  });
  await desk.restart();
  const { page } = desk;
  await goTo(page, 'Sessions');
  await expect(grid(page)).toHaveAttribute('aria-rowcount', String(count + 1));
  await expectAt(rowAt(page, 0), 0);

  await throwTo(page, 0.5);
  await expect.poll(() => middleIndex(page)).toBeGreaterThan(count / 2 - 100);
  const middle = await middleIndex(page);
  expect(middle).toBeLessThan(count / 2 + 100);
  await expectAt(rowAt(page, middle), middle);
  await throwTo(page, 1);
  await expectAt(rowAt(page, count - 1), count - 1);
  await expect(rowAt(page, count - 1)).toBeInViewport({ ratio: 0.9 });

  await rowAt(page, count - 3).focus();
  await page.keyboard.press('ArrowDown');
  await expectAt(focused(page), count - 2);
  await page.keyboard.press('PageUp');
  await expect(focused(page).locator('.reference')).toHaveText(/^Order-\d{2}$/);
  await page.keyboard.press('Home');
  await expectAt(focused(page), 0);

  await page.getByRole('tab', { name: `Active ${words(count / 4)}` }).click();
  await expect(grid(page)).toHaveAttribute('aria-rowcount', String(count / 4 + 1));
  await throwTo(page, 0.5);
  await expect.poll(() => middleIndex(page)).toBeGreaterThan(count / 8 - 100);
  const active = await middleIndex(page);
  await expectAt(rowAt(page, active), 4 * active);
  await rowAt(page, active).focus();
  await page.keyboard.press('ArrowDown');
  await expectAt(focused(page), 4 * (active + 1));
  await page.keyboard.press('ControlOrMeta+a');
  for (const step of [1, 2, 3]) await rowAt(page, active + step).click({ modifiers: ['ControlOrMeta'] });
  await expect(page.getByRole('region', { name: 'What is selected' })).toContainText(
    `${words(count / 4 - 3)} selected`,
  );

  await page.keyboard.press('/');
  const searched = `Order-${count / 2}`;
  await page.keyboard.type(searched);
  await expect(grid(page)).toHaveAttribute('aria-rowcount', '2');
  await page.keyboard.press('Enter');
  await expect(focused(page)).toContainText(searched);
  // The search is one step, the filter another.
  await page.goBack();
  await expect(grid(page)).toHaveAttribute('aria-rowcount', String(count / 4 + 1));
  await page.goBack();
  await expect(grid(page)).toHaveAttribute('aria-rowcount', String(count + 1));
});
