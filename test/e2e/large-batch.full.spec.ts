/**
 * A batch of 5,000 practice sessions: filter, plan, pause, change of the rate limit, kill, resume and results.
 * Every outcome is compared with the event log of the simulated providers.
 */
import { readFileSync } from 'node:fs';
import type { Locator, Page } from '@playwright/test';
import { batchItem, type BatchItem } from '../../src-main/contract/index.ts';
import { bulkReferencePrefix } from '../../src-main/core/simulator/index.ts';
import { expect, test } from './fixtures.ts';
import { batchStateLabel, navigateTo, parseNumber, openPractice, readRowCount } from './steps.ts';
import { countCancelRequests, readProviderOracle } from './provider-oracle.ts';
import { nonEmpty } from '../support/non-empty.ts';

const sessionCount = 5_000;
type ExportedLine = Pick<BatchItem, 'outcome' | 'foundStatus' | 'reference'> & { readonly id: string };

const progressBar = (page: Page): Locator => page.getByRole('progressbar', { name: /^Batch/ });
const readSettledCount = async (page: Page): Promise<number> =>
  Number(await progressBar(page).getAttribute('aria-valuenow'));

/** Creates a plan for the complete campaign with a search and Ctrl-A. */
async function planCampaign(page: Page): Promise<void> {
  await page.keyboard.press('/');
  await page.keyboard.type(bulkReferencePrefix);
  await expect.poll(() => readRowCount(page)).toBe(sessionCount);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Control+a');
  await page.getByRole('button', { name: 'Cancel 5,000…' }).click();
  await expect(batchStateLabel(page, 'Not confirmed')).toBeVisible({ timeout: 30_000 });
}

async function confirmPlan(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Cancel 5,000 sessions…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Cancel 5,000 sessions?' });
  await dialog.getByLabel('Reason').selectOption('Abandoned session');
  await dialog.getByLabel('Type 5,000 to confirm').fill('5,000');
  await dialog.getByRole('button', { name: 'Cancel 5,000 sessions' }).click();
}

/** Sets both rate limits to the maximum of the slider. */
async function setMaxRateLimits(page: Page): Promise<void> {
  for (const name of ['Flinks', 'Xendit']) {
    const slider = page.getByRole('slider', { name: new RegExp(`^Rate limit of ${name}`) });
    await slider.press('End');
    await expect(slider).toHaveAttribute('aria-valuetext', '1,000 requests per second');
    await expect(page.getByRole('listitem').filter({ has: slider })).toContainText('/s of 1,000/s');
  }
}

/** Checks the outcome chips of a batch: each shows a count and lists the same number of rows. */
async function countByOutcome(page: Page): Promise<Map<string, number>> {
  const kinds = page.getByRole('group', { name: 'Sessions by outcome' }).getByRole('button');
  const found = new Map<string, number>();
  for (const text of await kinds.allInnerTexts()) found.set(text.replace(/\s*[\d,]+$/, '').trim(), parseNumber(text));
  for (const [name, sessions] of nonEmpty(found)) {
    await kinds.filter({ hasText: new RegExp(`^\\s*${name}\\s`) }).click();
    await expect.poll(() => readRowCount(page), name).toBe(sessions);
    if (name !== 'All') await expect(page.getByRole('row').nth(1)).toContainText(name);
  }
  await kinds.first().click();
  return found;
}

async function exportAllSessions(page: Page): Promise<ExportedLine[]> {
  await page.getByRole('button', { name: 'Export…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('JSON Lines').click();
  await dialog.getByLabel('Full session IDs').check();
  await dialog.getByRole('button', { name: 'Export 5,000 sessions' }).click();
  await expect(dialog.getByText('5,000 sessions exported')).toBeVisible();
  const file = (await dialog.getByText(/^\S+\.jsonl$/).textContent()) ?? '';
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  const lines = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.at(-1)).toMatchObject({
    rows: sessionCount,
    batch: { state: 'finished', planned: { sessions: sessionCount, asked: sessionCount } },
  });
  const facts = batchItem.pick({ outcome: true, foundStatus: true, reference: true });
  return lines.slice(1, -1).map((line) => ({ ...facts.parse(line), id: String(line['id']) }));
}

test('large batch: 5,000 sessions are paused, sped up, killed and resumed, and every outcome is correct', async ({
  app,
}) => {
  // The test takes one to two minutes, and longer on a busy machine.
  test.setTimeout(420_000);
  await openPractice(app.page);
  await planCampaign(app.page);
  await expect(app.page.getByText('Cancel all 5,000 sessions.')).toBeVisible();
  // Nothing is sent yet. Two requests per second would take most of an hour.
  await expect(app.page.getByText(/^Takes about \d+m at the current rate limit/)).toBeVisible();
  expect(countCancelRequests(app.dataFolder)).toBe(0);
  await confirmPlan(app.page);
  await expect(app.page.getByText(/^5,000 sessions will be cancelled in \d s$/)).toBeVisible();
  expect(countCancelRequests(app.dataFolder)).toBe(0);

  await expect(batchStateLabel(app.page, 'Running')).toBeVisible();
  await setMaxRateLimits(app.page);
  await expect.poll(() => readSettledCount(app.page), { timeout: 60_000 }).toBeGreaterThan(400);
  await app.page.getByRole('button', { name: 'Pause' }).click();
  await expect(batchStateLabel(app.page, 'Paused')).toBeVisible();
  await test.step('a paused batch sends nothing', async () => {
    await expect(app.page.getByText('0 in progress')).toHaveCount(2);
    // The last responses are recorded too.
    const waiting = app.page.getByRole('link', { name: /^Waiting/ });
    await expect
      .poll(async () => parseNumber(await waiting.textContent()) + (await readSettledCount(app.page)))
      .toBe(sessionCount);
    const [requestCount, done] = [countCancelRequests(app.dataFolder), await readSettledCount(app.page)];
    const slider = app.page.getByRole('slider', { name: /^Rate limit of Flinks/ });
    await slider.press('ArrowLeft');
    await expect(app.page.getByText('/s of 500/s')).toBeVisible();
    expect([countCancelRequests(app.dataFolder), await readSettledCount(app.page)]).toEqual([requestCount, done]);
  });
  await app.page.getByRole('button', { name: 'Resume', exact: true }).click();
  await expect.poll(() => readSettledCount(app.page), { timeout: 60_000 }).toBeGreaterThan(1_500);

  await app.kill();
  const requestCount = countCancelRequests(app.dataFolder);
  expect(requestCount).toBeLessThan(sessionCount);
  await app.restart();
  await openPractice(app.page);
  await expect(app.page.getByRole('navigation', { name: 'Main' }).getByText('1 needs attention')).toBeAttached();
  await navigateTo(app.page, 'Batches');
  await app.page.getByRole('row').filter({ hasText: 'Interrupted' }).click();
  await expect(app.page.getByText('Session Desk ended while this batch was running')).toBeVisible();
  const left = app.page.getByText(/^Resume continues with the [\d,]+ sessions that are left/);
  const [waiting, done] = [parseNumber(await left.textContent()), await readSettledCount(app.page)];
  expect(waiting + done).toBe(sessionCount);
  expect(done).toBeGreaterThan(1_500);
  // The batch waits for the operator: running cancellations were checked, and no request was sent again.
  expect(countCancelRequests(app.dataFolder)).toBe(requestCount);

  await app.page.getByRole('button', { name: 'Resume', exact: true }).click();
  await expect(batchStateLabel(app.page, 'Finished')).toBeVisible({ timeout: 240_000 });
  const kinds = await countByOutcome(app.page);
  const outcomes = [...kinds].filter(([name]) => name !== 'All').map(([, sessions]) => sessions);
  expect(kinds.get('All')).toBe(sessionCount);
  expect(outcomes.reduce((sum, each) => sum + each, 0)).toBe(sessionCount);
  const lines = await exportAllSessions(app.page);

  await app.page.getByRole('button', { name: /^Retry [\d,]+ failed…$/ }).click();
  await expect(batchStateLabel(app.page, 'Not confirmed')).toBeVisible();
  await expect(app.page.getByText('Retry of failed sessions')).toBeVisible();
  await app.stop();
  await compareWithProvider(app.dataFolder, lines, kinds);
});

/** Every outcome matches the event log of the providers, and no session outside the plan was changed. */
async function compareWithProvider(
  dataFolder: string,
  lines: readonly ExportedLine[],
  kinds: ReadonlyMap<string, number>,
): Promise<void> {
  const { session, effects, requestedIds } = await readProviderOracle(dataFolder);
  expect(new Set(lines.map(({ id }) => id)).size).toBe(sessionCount);
  expect(nonEmpty(requestedIds).filter((id) => !session(id)?.reference?.startsWith(bulkReferencePrefix))).toEqual([]);
  const wrong = nonEmpty(lines).filter(({ id, outcome, foundStatus }) => {
    const actualSession = session(id);
    switch (outcome) {
      case 'cancelled':
        return actualSession?.state !== 'cancelled' || effects(id) !== 1;
      case 'already_final':
        return actualSession?.state !== foundStatus || effects(id) !== 0;
      case 'not_found':
        return actualSession?.account !== 'other';
      case 'still_active':
        return actualSession?.state === 'cancelled';
      default:
        return true;
    }
  });
  expect(wrong).toEqual([]);
  expect(lines.filter(({ outcome }) => outcome === 'cancelled')).toHaveLength(kinds.get('Cancelled') ?? 0);
}
