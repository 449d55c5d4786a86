/**
 * `npm run screenshots`: performs the three jobs of README in the practice workspace and writes a light and a dark
 * screenshot of each to `resources/screenshots`. Review the screenshots before committing them.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import type { Page } from 'playwright';
import { bulkReferencePrefix } from '../../src-main/core/simulator/seed.ts';
import { chromiumPath } from './chromium.ts';
import { runCommand, runWithKeyring } from './run-command.ts';
import { launchBrowserHost } from './launch-hosts.ts';
import { animatePng, quantizePng } from './png-quantize.ts';

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

/** Takes the frames of the demo: one session from its reference to the verified audit log, 20 seconds in all. */
async function captureDemo(page: Page): Promise<void> {
  const frames: { png: Buffer; durationMs: number }[] = [];
  const addFrame = async (durationMs: number): Promise<void> => {
    frames.push({ png: await page.screenshot({ scale: 'css', caret: 'hide' }), durationMs });
  };
  await page.mouse.move(0, 0);
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await page.getByRole('navigation').getByRole('link', { name: 'Sessions' }).click();
  await page.keyboard.press('/');
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.press('Backspace');
  await page
    .getByRole('row')
    .filter({ hasText: /Order-\d/ })
    .nth(1)
    .waitFor();
  await page.getByRole('tab', { name: /^Active/ }).click();
  const reference = /Order-\d+/.exec(await row(page, /Order-\d/).innerText())?.[0] ?? '';
  await addFrame(2_500);
  await page.keyboard.press('/');
  await page.keyboard.type(reference);
  await page.getByText('1 match', { exact: true }).waitFor();
  await addFrame(2_000);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await page.getByRole('complementary').getByText('Timeline').waitFor();
  await addFrame(2_500);
  await page.keyboard.press('Delete');
  await dialog(page).getByLabel('Reason').waitFor();
  await page.keyboard.press('c');
  await addFrame(3_500);
  await page.keyboard.press('Enter');
  await dialog(page).getByRole('button', { name: 'Close' }).last().waitFor();
  await addFrame(3_000);
  await page.keyboard.press('Escape');
  await page.getByRole('navigation').getByRole('link', { name: 'Audit' }).click();
  await row(page, /Cancellation completed.*Cancelled/).waitFor();
  await addFrame(2_500);
  await button(page, 'Verify').click();
  await page.getByText('Intact: every record is as it was written').waitFor({ timeout: 60_000 });
  await addFrame(4_000);
  writeFileSync(join(screenshotFolder, 'demo.png'), animatePng(frames));
}

/** Cancels one session by keyboard, from its reference to the outcome. */
async function captureSingleCancellation(page: Page): Promise<void> {
  await page.getByRole('tab', { name: /^Active/ }).click();
  const sessionRow = row(page, /Order-\d/);
  const reference = /Order-\d+/.exec(await sessionRow.innerText())?.[0] ?? '';
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

/** Plans and confirms a batch, and takes screenshots while it runs. */
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
  // Wait until the outcome chart has enough data.
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
  // The verification adds a record, which moves the rows.
  await row(page, 'Audit log verified').waitFor();
  await row(page, /Cancellation completed.*Cancelled/).click();
  await page
    .getByRole('complementary')
    .getByText(/^Correctly follows record/)
    .waitFor();
  await takeScreenshots(page, 'prove');
}

/** Replaces host name and user name in the screenshots. */
const anonymizingModule =
  'import os from"node:os";import{syncBuiltinESMExports}from"node:module";' +
  'os.hostname=()=>"desk-04";const{userInfo}=os;' +
  'os.userInfo=()=>({...userInfo(),username:"maria"});syncBuiltinESMExports()';

async function captureAll(): Promise<void> {
  mkdirSync(screenshotFolder, { recursive: true });
  const dataFolder = mkdtempSync(join(tmpdir(), 'session-desk-screenshots-'));
  const browser = await chromium.launch({
    executablePath: chromiumPath(),
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  try {
    const { page, stop } = await launchBrowserHost(
      {
        ...(process.env as Record<string, string>),
        SESSION_DESK_DATA: dataFolder,
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
    await captureDemo(page);
    await stop();
  } finally {
    await browser.close();
    rmSync(dataFolder, { recursive: true, force: true, maxRetries: 5 });
  }
}

if (process.argv.includes('--take')) await captureAll();
else {
  const isBuilt = await runCommand(['electron-vite', 'build', '--logLevel', 'warn']);
  process.exitCode =
    isBuilt && (await runWithKeyring([process.execPath, 'test/support/screenshots.ts', '--take'])) ? 0 : 1;
}
