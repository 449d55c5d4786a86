/** Steps that several specs share. */
import type { Locator, Page } from '@playwright/test';
import type { SimulatedSession } from '../../src-main/core/simulator/index.ts';
import type { SpawnedSimulator } from '../support/spawn-simulator.ts';
import { expect } from './fixtures.ts';

export async function openPractice(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Open practice' }).click();
  // The first start creates thousands of sessions.
  await expect(page.getByRole('row').nth(1)).toBeVisible({ timeout: 30_000 });
}

export async function navigateTo(
  page: Page,
  view: 'Sessions' | 'Batches' | 'Audit' | 'Connections' | 'Settings',
): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name: view }).click();
}

/** Fills in the form of a new connection and submits it. */
export async function addConnection(
  page: Page,
  provider: 'flinks' | 'xendit',
  simulator: Pick<SpawnedSimulator, 'url' | 'credentials'>,
  changes: {
    baseUrl?: string;
    secret?: string;
    environment?: 'Sandbox' | 'Production';
    name?: string;
  } = {},
): Promise<void> {
  const { flinks, xendit } = simulator.credentials;
  await navigateTo(page, 'Connections');
  await page.getByRole('button', { name: 'Connect a provider' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('radio', { name: provider === 'flinks' ? 'Flinks Pay' : 'Xendit', exact: true }).check();
  await dialog.getByRole('radio', { name: changes.environment ?? 'Sandbox' }).check();
  await dialog.getByRole('radio', { name: 'Custom address' }).check();
  if (changes.environment === 'Production') await dialog.getByLabel(/^This is a production account/).check();
  await dialog.getByLabel(/^Name/).fill(changes.name ?? (provider === 'flinks' ? 'Flinks CA' : 'Xendit ID'));
  await dialog.getByLabel(/^Base URL/).fill(changes.baseUrl ?? simulator.url);
  if (provider === 'flinks') await dialog.getByLabel(/^Client ID/).fill(flinks.clientId);
  await dialog
    .getByLabel(provider === 'flinks' ? /^Client secret/ : /^Secret key/)
    .fill(changes.secret ?? (provider === 'flinks' ? flinks.clientSecret : xendit.secretKey));
  await dialog.getByRole('button', { name: /^Connect (?:production )?and test$/ }).click();
}

/** Adds a session by its ID and waits until it is tracked. */
export async function addSession(
  page: Page,
  connection: 'Flinks CA' | 'Xendit ID',
  session: Pick<SimulatedSession, 'id' | 'product'>,
): Promise<void> {
  await submitSession(page, connection, session);
  await expect(page.getByRole('dialog')).toBeHidden();
}

export async function submitSession(
  page: Page,
  connection: 'Flinks CA' | 'Xendit ID',
  { id, product }: Pick<SimulatedSession, 'id' | 'product'>,
): Promise<void> {
  const dialog = page.getByRole('dialog', { name: 'Add session' });
  if (!(await dialog.isVisible())) {
    await navigateTo(page, 'Sessions');
    await page.getByRole('button', { name: 'Add session' }).first().click();
  }
  await dialog.getByLabel(/^Connection/).selectOption({ label: `${connection} · Sandbox` });
  if (product !== 'payment_session') await dialog.getByLabel(/^Product/).selectOption(product);
  await dialog.getByLabel(/^Session ID/).fill(id);
  await dialog.getByRole('button', { name: 'Add session' }).click();
}

/** Cancels a session by keyboard: `/`, the search, Enter, Delete, the first letter of a reason, Enter. */
export async function cancelByKeyboard(page: Page, search: string, reasonLetter = 'c'): Promise<void> {
  await page.keyboard.press('/');
  await page.keyboard.type(search);
  // Waits until the first row is a result of the search.
  await expect(page.getByRole('row').nth(1)).toContainText(search.length > 20 ? search.slice(0, 8) : search);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Delete');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press(reasonLetter);
  await page.keyboard.press('Enter');
}

/** The state label of the open plan or batch. */
export function batchStateLabel(page: Page, label: string): Locator {
  return page.locator('header .state').getByText(label, { exact: true });
}

/** The first number in a text: `Cancel 5,000 sessions…` is 5000. */
export function parseNumber(text: string | null): number {
  return Number(/\d[\d,]*/.exec(text ?? '')?.[0].replaceAll(',', '') ?? Number.NaN);
}

/** The number of rows of the session grid. */
export async function readRowCount(page: Page): Promise<number> {
  return Number(await page.getByRole('grid', { name: 'Sessions' }).getAttribute('aria-rowcount')) - 1;
}

/** Presses Tab until the focused element has this name. Throws after 60 steps. */
export async function pressTabUntil(page: Page, name: RegExp, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  for (let step = 0; step < 60; step += 1) {
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      return element?.getAttribute('aria-label') ?? element?.textContent.trim() ?? '';
    });
    if (name.test(focused)) return;
    await page.keyboard.press(key);
  }
  throw new Error(`No ${key} leads to ${String(name)}.`);
}

/** Creates an active session at a simulated provider. */
export function createSession(
  simulator: SpawnedSimulator,
  provider: 'flinks' | 'xendit',
  values: Partial<SimulatedSession> = {},
): Promise<SimulatedSession> {
  createdCount += 1;
  return simulator.control('addSession', { connection: provider, reference: `Sale-${createdCount}`, ...values });
}
let createdCount = 0;
