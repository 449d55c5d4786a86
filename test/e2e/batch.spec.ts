/** Batches in practice: filter, plan, confirmation (enforced by the main process), run and results. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { maxSessionsWithoutTypedCount } from '../../src-main/contract/index.ts';
import { callApi } from './api-calls.ts';
import { expect, test } from './fixtures.ts';
import { countCancelRequests, readProviderOracle } from './provider-oracle.ts';
import { batchStateLabel as state, navigateTo, openPractice, parseNumber } from './steps.ts';
import { nonEmpty } from '../support/non-empty.ts';

/** Filters the list to active sessions whose reference contains the text and returns their number. */
async function filterActiveSessions(page: Page, search: string): Promise<number> {
  const rows = async () => Number(await page.getByRole('grid', { name: 'Sessions' }).getAttribute('aria-rowcount')) - 1;
  const all = await rows();
  await page.getByRole('tab', { name: /^Active/ }).click();
  await expect.poll(rows).toBeLessThan(all);
  const active = await rows();
  await page.keyboard.press('/');
  await page.keyboard.type(search);
  // The first row can contain the text by chance before the search result is shown.
  await expect.poll(rows).toBeLessThan(active);
  await expect(page.getByRole('row').nth(1)).toContainText(search);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('row').nth(1)).toBeFocused();
  return await rows();
}

/** Enters the count if the number of sessions requires it. */
async function confirmPlan(page: Page, count: number): Promise<void> {
  await page.getByRole('button', { name: /^Cancel \d+ sessions…$/ }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('button', { name: 'Keep sessions' })).toBeFocused();
  await dialog.getByLabel('Reason').selectOption('Abandoned session');
  if (count > maxSessionsWithoutTypedCount) await dialog.getByLabel(/^Type \d+ to confirm$/).fill(String(count));
  await dialog.getByRole('button', { name: /^Cancel \d+ sessions$/ }).click();
}

async function countAuditedCancels(page: Page): Promise<number> {
  await navigateTo(page, 'Audit');
  await expect(page.getByText('Batch aborted').first()).toBeVisible();
  return page.getByText('Cancellation requested').count();
}

test('batch: a plan is confirmed, aborted, run, paused, rate-limited, stopped, retried and exported', async ({
  practiceApp: app,
}) => {
  test.setTimeout(150_000);
  const { page } = app;
  await navigateTo(page, 'Batches');
  await expect(page.getByRole('heading', { name: 'Batches', level: 1 })).toBeVisible();
  await navigateTo(page, 'Sessions');

  const matchCount = await filterActiveSessions(page, 'Order-21');
  expect(matchCount).toBeGreaterThan(60);
  await page.keyboard.press('Control+a');
  await page.getByRole('button', { name: `Cancel ${matchCount}…` }).click();
  await expect(state(page, 'Not confirmed')).toBeVisible();
  await expect(page.getByText(/^Valid for \d/)).toBeVisible();
  await expect(page.getByText(/^Takes about/)).toBeVisible();
  const button = page.getByRole('button', { name: /^Cancel \d+ sessions…$/ });
  const eligibleCount = Number(/\d+/.exec((await button.textContent()) ?? '')?.[0]);
  expect(eligibleCount).toBeGreaterThan(25);
  expect(eligibleCount).toBeLessThanOrEqual(matchCount);

  // The main process checks the count, not the dialog.
  await confirmPlan(page, eligibleCount - 1);
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('alert')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(state(page, 'Not confirmed')).toBeVisible();

  await confirmPlan(page, eligibleCount);
  await expect(page.getByRole('button', { name: 'Abort batch' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(state(page, 'Aborted')).toBeVisible();
  expect(await countAuditedCancels(page)).toBe(0);

  await navigateTo(page, 'Batches');
  await page.getByRole('row').nth(1).click();
  await page.getByRole('button', { name: `Retry ${eligibleCount} not sent…` }).click();
  await expect(state(page, 'Not confirmed')).toBeVisible();
  await confirmPlan(page, eligibleCount);
  await expect(page.getByRole('navigation', { name: 'Main' }).getByText('1 running')).toBeAttached();
  await expect(state(page, 'Running')).toBeVisible();
  await expect(page.getByRole('progressbar')).not.toHaveAttribute('aria-valuenow', '0');
  expect(await page.title()).toMatch(/^\d+% · Batches/);
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(state(page, 'Paused')).toBeVisible();

  const slider = page.getByRole('slider', { name: /^Rate limit of Flinks/ });
  await slider.focus();
  await page.keyboard.press('ArrowRight');
  await expect(slider).toHaveAttribute('aria-valuetext', '3 requests per second');
  await expect(page.getByText('above the default 2')).toBeVisible();
  await expect(page.getByText(/of 3\/s/)).toBeVisible();
  await page.getByRole('button', { name: 'Resume', exact: true }).click();
  await expect(state(page, 'Running')).toBeVisible();

  await page.getByRole('button', { name: 'Stop…' }).click();
  await expect(dialog.getByRole('button', { name: 'Keep running' })).toBeFocused();
  await dialog.getByRole('button', { name: 'Stop batch' }).click();
  await expect(state(page, 'Stopped')).toBeVisible();
  await expect(
    page.getByText(new RegExp(`^\\d+ of ${eligibleCount} planned sessions were cancelled\\.$`)),
  ).toBeVisible();

  await page
    .getByRole('group', { name: 'Sessions by outcome' })
    .getByRole('button', { name: /^Not sent/ })
    .click();
  await expect(page).toHaveURL(/outcome=not_sent/);
  await expect(page.getByRole('row').nth(1)).toContainText('Not sent');
  await page.getByRole('row').nth(1).click();
  await expect(page.getByRole('complementary').getByText('Timeline')).toBeVisible();
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Export…' }).click();
  await dialog.getByRole('button', { name: /^Export \d+ sessions$/ }).click();
  await expect(dialog.getByText(/^\d+ sessions exported$/)).toBeVisible();
  const file = await dialog.getByText(/^\S+\.csv$/).textContent();
  if (file === null) throw new Error('The dialog names no file.');
  expect(file.startsWith(join(app.dataFolder, 'practice', 'exports'))).toBe(true);
  expect(readFileSync(file, 'utf8')).toContain('not_sent');
  await page.keyboard.press('Enter');

  await page.getByRole('button', { name: /^(Retry|Plan) \d+/ }).click();
  await expect(state(page, 'Not confirmed')).toBeVisible();
  await page.getByRole('button', { name: 'Discard plan' }).click();
  await expect(page.getByRole('row').nth(1)).toContainText('Discarded');
});

test(
  'batch: a killed batch resumes, sends nothing twice, and every outcome is correct',
  { tag: '@smoke' },
  async ({ app }) => {
    test.setTimeout(120_000);
    await openPractice(app.page);
    const matchCount = await filterActiveSessions(app.page, 'Order-210');
    expect(matchCount).toBeGreaterThan(5);
    await app.page.keyboard.press('Control+a');
    await app.page.keyboard.press('Delete');
    await expect(state(app.page, 'Not confirmed')).toBeVisible();
    expect(countCancelRequests(app.dataFolder)).toBe(0);
    const button = app.page.getByRole('button', { name: /^Cancel \d+ sessions…$/ });
    await confirmPlan(app.page, parseNumber(await button.textContent()));
    await expect(state(app.page, 'Running')).toBeVisible();
    await expect(app.page.getByRole('progressbar')).not.toHaveAttribute('aria-valuenow', '0');

    await app.kill();
    const requestCount = countCancelRequests(app.dataFolder);
    await app.restart();
    await openPractice(app.page);
    await expect(app.page.getByRole('navigation', { name: 'Main' }).getByText('1 needs attention')).toBeAttached();
    await navigateTo(app.page, 'Batches');
    await app.page.getByRole('row').filter({ hasText: 'Interrupted' }).click();
    await expect(app.page.getByText('Session Desk ended while this batch was running')).toBeVisible();
    // The batch waits for the operator: running cancellations were checked, and no request was sent again.
    expect(countCancelRequests(app.dataFolder)).toBe(requestCount);
    // At the default rate limit, the rest of the batch would take most of the test.
    for (const { id } of await callApi(app.page, 'connections.list', {}))
      await callApi(app.page, 'rateLimits.change', { connectionId: id, perSecond: 1_000, maxInFlight: 4 });
    await app.page.getByRole('button', { name: 'Resume', exact: true }).click();
    await expect(state(app.page, 'Finished')).toBeVisible({ timeout: 60_000 });
    const summary = app.page.getByText(/planned sessions were cancelled\.$/);
    const cancelledCount = parseNumber(await summary.textContent());
    await app.stop();
    const { effects, requestedIds } = await readProviderOracle(app.dataFolder);
    const effectCounts = [...requestedIds].map(effects);
    expect(nonEmpty(effectCounts).filter((count) => count > 1)).toEqual([]);
    expect(effectCounts.filter((count) => count === 1)).toHaveLength(cancelledCount);
  },
);
