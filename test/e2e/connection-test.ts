/** Helpers for the connection test specs: a connection in the list and the text of its last test result. */
import type { Locator, Page } from '@playwright/test';
import { practiceAccounts } from '../../src-main/core/simulator/index.ts';
import { expect } from './fixtures.ts';
import { addConnection } from './steps.ts';

export interface ExpectedTestResult {
  /** Title, sentences, message from the provider and code, one per line on screen. */
  readonly lines: readonly (string | RegExp)[];
  /** The names of all buttons of the result. */
  readonly actions: readonly string[];
}

export function connectionItem(page: Page, name: string): Locator {
  return page.getByRole('listitem').filter({ has: page.getByRole('heading', { name, exact: true }) });
}

export function testResultOf(page: Page, name: string): Locator {
  return connectionItem(page, name).locator('.test-result');
}

/** Adds a connection with this name and base URL. Session Desk tests it at once. */
export async function connectNamed(
  page: Page,
  provider: 'flinks' | 'xendit',
  name: string,
  baseUrl: string,
): Promise<void> {
  await addConnection(page, provider, { url: baseUrl, credentials: practiceAccounts }, { name });
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(connectionItem(page, name)).toBeVisible();
}

export async function rerunTest(page: Page, name: string): Promise<void> {
  await connectionItem(page, name).getByRole('button', { name: 'Test', exact: true }).click();
}

/** Expects exactly these lines and actions. */
export async function expectTestResult(
  page: Page,
  name: string,
  { lines, actions }: ExpectedTestResult,
  timeout = 10_000,
): Promise<void> {
  const testResult = testResultOf(page, name);
  const expectedLines = lines.map((line): unknown => (typeof line === 'string' ? line : expect.stringMatching(line)));
  await expect
    .poll(
      async () => {
        const buttons = await testResult
          .getByRole('button')
          .evaluateAll((all) => all.map((each) => each.getAttribute('aria-label') ?? each.textContent.trim()));
        const actualLines = (await testResult.innerText())
          .split('\n')
          .map((line) => line.trim())
          .filter((line) => line !== '' && !buttons.includes(line));
        return { lines: actualLines, actions: buttons };
      },
      { timeout },
    )
    .toEqual({ lines: expectedLines, actions });
}
