/**
 * The second job as a whole: five thousand practice sessions from a filter to a result, through a pause, a change of pace and the death of
 * the process; and every one of them held against what the simulated providers themselves recorded.
 */
import { readFileSync } from 'node:fs';
import type { Locator, Page } from '@playwright/test';
import { batchItem, type BatchItem } from '../../src-main/contract/index.ts';
import { campaignReference } from '../../src-main/core/simulator/index.ts';
import { expect, test } from './fixtures.ts';
import { batchState, goTo, numberIn, openPractice, rowCount } from './steps.ts';
import { cancelsReceived, practiceTruth } from './provider-oracle.ts';

const count = 5_000;
type Line = Pick<BatchItem, 'outcome' | 'foundStatus' | 'reference'> & { readonly id: string };

const progress = (page: Page): Locator => page.getByRole('progressbar', { name: /^Batch/ });
const settled = async (page: Page): Promise<number> => Number(await progress(page).getAttribute('aria-valuenow'));

/** The whole campaign, by a search and Ctrl-A, as a plan. */
async function planTheCampaign(page: Page): Promise<void> {
  await page.keyboard.press('/');
  await page.keyboard.type(campaignReference);
  await expect.poll(() => rowCount(page)).toBe(count);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Control+a');
  await page.getByRole('button', { name: 'Cancel 5,000…' }).click();
  await expect(batchState(page, 'Not confirmed')).toBeVisible({ timeout: 30_000 });
}

async function confirm(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Cancel 5,000 sessions…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Cancel 5,000 sessions?' });
  await dialog.getByLabel('Reason').selectOption('Abandoned session');
  await dialog.getByLabel('Type 5,000 to confirm').fill('5,000');
  await dialog.getByRole('button', { name: 'Cancel 5,000 sessions' }).click();
}

/** Both connections as fast as the screen lets them be. */
async function atFullPace(page: Page): Promise<void> {
  for (const name of ['Flinks', 'Xendit']) {
    const slider = page.getByRole('slider', { name: new RegExp(`^Pace of ${name}`) });
    await slider.press('End');
    await expect(slider).toHaveAttribute('aria-valuetext', '1,000 requests a second');
    await expect(page.getByRole('listitem').filter({ has: slider })).toContainText('/s of 1,000/s');
  }
}

/** The chips over the sessions of a batch: each kind with its number, and as many rows behind it. */
async function countKinds(page: Page): Promise<Map<string, number>> {
  const kinds = page.getByRole('group', { name: 'Sessions by outcome' }).getByRole('button');
  const found = new Map<string, number>();
  for (const text of await kinds.allInnerTexts()) found.set(text.replace(/\s*[\d,]+$/, '').trim(), numberIn(text));
  for (const [name, sessions] of found) {
    await kinds.filter({ hasText: new RegExp(`^\\s*${name}\\s`) }).click();
    await expect.poll(() => rowCount(page), name).toBe(sessions);
    if (name !== 'All') await expect(page.getByRole('row').nth(1)).toContainText(name);
  }
  await kinds.first().click();
  return found;
}

async function exportWhole(page: Page): Promise<Line[]> {
  await page.getByRole('button', { name: 'Export…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('JSON lines').click();
  await dialog.getByLabel('Whole session ids').check();
  await dialog.getByRole('button', { name: 'Export 5,000 sessions' }).click();
  await expect(dialog.getByText('5,000 sessions written')).toBeVisible();
  const file = (await dialog.getByText(/^\S+\.jsonl$/).textContent()) ?? '';
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  const lines = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.at(-1)).toMatchObject({
    rows: count,
    batch: { state: 'finished', planned: { sessions: count, asked: count } },
  });
  const facts = batchItem.pick({ outcome: true, foundStatus: true, reference: true });
  return lines.slice(1, -1).map((line) => ({ ...facts.parse(line), id: String(line['id']) }));
}

test('5,000 sessions from plan to result: paused, made faster, killed, gone on with, every one accounted for', async ({
  desk,
}) => {
  // A minute or two; a machine that is busy with other things takes its time.
  test.setTimeout(420_000);
  await openPractice(desk.page);
  await planTheCampaign(desk.page);
  await expect(desk.page.getByText('Cancel all 5,000 sessions.')).toBeVisible();
  // Nothing has left yet, and two requests a second would take most of an hour.
  await expect(desk.page.getByText(/^Takes about \d+m at the pace set/)).toBeVisible();
  expect(cancelsReceived(desk.dataFolder)).toBe(0);
  await confirm(desk.page);
  await expect(desk.page.getByText(/^5,000 sessions will be cancelled in \d s$/)).toBeVisible();
  expect(cancelsReceived(desk.dataFolder)).toBe(0);

  await expect(batchState(desk.page, 'Running')).toBeVisible();
  await atFullPace(desk.page);
  await expect.poll(() => settled(desk.page), { timeout: 60_000 }).toBeGreaterThan(400);
  await desk.page.getByRole('button', { name: 'Pause' }).click();
  await expect(batchState(desk.page, 'Paused')).toBeVisible();
  await test.step('what is paused stands still', async () => {
    await expect(desk.page.getByText('0 in flight')).toHaveCount(2);
    // The last answers are on record too.
    const waiting = desk.page.getByRole('link', { name: /^Waiting/ });
    await expect.poll(async () => numberIn(await waiting.textContent()) + (await settled(desk.page))).toBe(count);
    const [asked, done] = [cancelsReceived(desk.dataFolder), await settled(desk.page)];
    const slider = desk.page.getByRole('slider', { name: /^Pace of Flinks/ });
    await slider.press('ArrowLeft');
    await expect(desk.page.getByText('/s of 500/s')).toBeVisible();
    expect([cancelsReceived(desk.dataFolder), await settled(desk.page)]).toEqual([asked, done]);
  });
  await desk.page.getByRole('button', { name: 'Resume', exact: true }).click();
  await expect.poll(() => settled(desk.page), { timeout: 60_000 }).toBeGreaterThan(1_500);

  await desk.kill();
  const asked = cancelsReceived(desk.dataFolder);
  expect(asked).toBeLessThan(count);
  await desk.restart();
  await openPractice(desk.page);
  await expect(desk.page.getByRole('navigation', { name: 'Places' }).getByText('1 waits for you')).toBeAttached();
  await goTo(desk.page, 'Batches');
  await desk.page.getByRole('row').filter({ hasText: 'Interrupted' }).click();
  await expect(desk.page.getByText('The console ended while this batch ran')).toBeVisible();
  const left = desk.page.getByText(/^Resume asks for the [\d,]+ sessions that are left/);
  const [waiting, done] = [numberIn(await left.textContent()), await settled(desk.page)];
  expect(waiting + done).toBe(count);
  expect(done).toBeGreaterThan(1_500);
  // It waits for the operator: what was under way was read, and nothing was asked for again.
  expect(cancelsReceived(desk.dataFolder)).toBe(asked);

  await desk.page.getByRole('button', { name: 'Resume', exact: true }).click();
  await expect(batchState(desk.page, 'Finished')).toBeVisible({ timeout: 240_000 });
  const kinds = await countKinds(desk.page);
  const outcomes = [...kinds].filter(([name]) => name !== 'All').map(([, sessions]) => sessions);
  expect(kinds.get('All')).toBe(count);
  expect(outcomes.reduce((sum, each) => sum + each, 0)).toBe(count);
  const lines = await exportWhole(desk.page);

  await desk.page.getByRole('button', { name: /^Retry [\d,]+ that failed…$/ }).click();
  await expect(batchState(desk.page, 'Not confirmed')).toBeVisible();
  await expect(desk.page.getByText('Again what failed')).toBeVisible();
  await desk.stop();
  await holdAgainstTruth(desk.dataFolder, lines, kinds);
});

/** No outcome says more than the providers did, none less, and no session beside the plan was touched. */
async function holdAgainstTruth(
  dataFolder: string,
  lines: readonly Line[],
  kinds: ReadonlyMap<string, number>,
): Promise<void> {
  const { session, effects, asked } = await practiceTruth(dataFolder);
  expect(new Set(lines.map(({ id }) => id)).size).toBe(count);
  expect([...asked].filter((id) => !session(id)?.reference?.startsWith(campaignReference))).toEqual([]);
  const wrong = lines.filter(({ id, outcome, foundStatus }) => {
    const truth = session(id);
    switch (outcome) {
      case 'cancelled':
        return truth?.state !== 'cancelled' || effects(id) !== 1;
      case 'already_final':
        return truth?.state !== foundStatus || effects(id) !== 0;
      case 'not_found':
        return truth?.account !== 'other';
      case 'still_active':
        return truth?.state === 'cancelled';
      default:
        return true;
    }
  });
  expect(wrong).toEqual([]);
  expect(lines.filter(({ outcome }) => outcome === 'cancelled')).toHaveLength(kinds.get('Cancelled') ?? 0);
}
