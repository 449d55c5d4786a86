/**
 * `npm run screenshots`: does the three jobs of README in practice, as its reader would, and photographs each in light and dark into
 * `resources/screenshots`. Look at them before they are kept.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import type { Page } from 'playwright';
import { bulkReferencePrefix } from '../../src-main/core/simulator/bulk-seed.ts';
import { chromiumPath } from './chromium.ts';
import { runCommand, runWithKeyring } from './run-command.ts';
import { launchBrowserHost } from './launch-hosts.ts';
import { quantizePng } from './png-quantize.ts';

const screenshotFolder = fileURLToPath(new URL('../../resources/screenshots/', import.meta.url));
const dialog = (page: Page) => page.getByRole('dialog');
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).first();
const row = (page: Page, text: string | RegExp) => page.getByRole('row').filter({ hasText: text }).first();

async function takeScreenshots(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    writeFileSync(
      join(screenshotFolder, `${name}-${colorScheme}.png`),
      quantizePng(await page.screenshot({ scale: 'css', caret: 'hide' })),
    );
  }
}

/** By keyboard: from a reference to the question, and to what came of it. */
async function captureSingleCancellation(page: Page): Promise<void> {
  await page.getByRole('tab', { name: /^Active/ }).click();
  const wanted = row(page, /Order-\d/);
  const reference = /Order-\d+/.exec(await wanted.innerText())?.[0] ?? '';
  await page.keyboard.press('/');
  await page.keyboard.type(reference);
  await row(page, reference).waitFor();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await page.getByRole('complementary').getByText('Timeline').waitFor();
  await page.keyboard.press('Delete');
  await dialog(page).getByLabel('Reason').waitFor();
  await page.keyboard.press('c');
  await takeScreenshots(page, 'one');
  await page.keyboard.press('Enter');
  await dialog(page).getByRole('button', { name: 'Close' }).last().waitFor();
  await page.keyboard.press('Escape');
}

/** What a campaign left behind: planned, confirmed, and photographed running. */
async function captureBatch(page: Page): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name: 'Sessions' }).click();
  await page.keyboard.press('/');
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type(bulkReferencePrefix);
  await row(page, bulkReferencePrefix).waitFor();
  await page.keyboard.press('Enter');
  await page.keyboard.press('ControlOrMeta+a');
  await button(page, /^Cancel [\d,]+…$/).click();
  const confirm = button(page, /^Cancel [\d,]+ sessions…$/);
  await confirm.click({ timeout: 60_000 });
  await dialog(page).getByLabel('Reason').selectOption('Abandoned session');
  const title = await dialog(page).getByRole('heading').first().innerText();
  await dialog(page)
    .getByLabel(/^Type [\d,]+ to confirm$/)
    .fill(/[\d,]+/.exec(title)?.[0] ?? '');
  await page.keyboard.press('Enter');
  await button(page, 'Pause').waitFor();
  for (const slider of await page.getByRole('slider').all())
    for (let step = 0; step < 4; step += 1) await slider.press('ArrowRight');
  // Long enough for a chart of what came of it.
  await page
    .getByText(/^[4-9]\d\d of [\d,]+/)
    .first()
    .waitFor({ timeout: 240_000 });
  await takeScreenshots(page, 'many');
  await button(page, 'Stop').click();
  await dialog(page).getByRole('button', { name: 'Stop batch' }).click();
  await page.locator('header .state').getByText('Stopped', { exact: true }).waitFor();
}

async function captureAudit(page: Page): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name: 'Audit' }).click();
  await button(page, 'Verify').click();
  await page.getByText('Intact: every record is as it was written').waitFor({ timeout: 60_000 });
  await row(page, /Cancel settled.*Cancelled/).click();
  await page
    .getByRole('complementary')
    .getByText(/^Correctly follows record/)
    .waitFor();
  await takeScreenshots(page, 'prove');
}

/** Whoever runs this is in no picture, nor is the machine. */
const anonymizingModule =
  `import os from"node:os";import{syncBuiltinESMExports}from"node:module";os.hostname=()=>"desk-04";const{userInfo}=os;` +
  'os.userInfo=()=>({...userInfo(),username:"maria"});syncBuiltinESMExports()';

async function captureAll(): Promise<void> {
  mkdirSync(screenshotFolder, { recursive: true });
  const data = mkdtempSync(join(tmpdir(), 'session-desk-pictures-'));
  const browser = await chromium.launch({
    executablePath: chromiumPath(),
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  try {
    const { page, stop } = await launchBrowserHost(
      {
        ...(process.env as Record<string, string>),
        SESSION_DESK_DATA: data,
        NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(anonymizingModule)}`,
      },
      browser,
    );
    await page.setViewportSize({ width: 1280, height: 800 });
    await button(page, 'Open practice').click();
    await page.getByRole('row').nth(1).waitFor();
    await captureSingleCancellation(page);
    await captureBatch(page);
    await captureAudit(page);
    await stop();
  } finally {
    await browser.close();
    rmSync(data, { recursive: true, force: true, maxRetries: 5 });
  }
}

if (process.argv.includes('--take')) await captureAll();
else {
  const built = await runCommand(['electron-vite', 'build', '--logLevel', 'warn']);
  process.exitCode =
    built && (await runWithKeyring([process.execPath, 'test/support/screenshots.ts', '--take'])) ? 0 : 1;
}
