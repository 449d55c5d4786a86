/** What the specs of verdicts share: a connection in the list, and the whole of what its last test is said to have found. */
import type { Locator, Page } from '@playwright/test';
import { practiceAccounts } from '../../src-main/core/simulator/index.ts';
import { expect } from './fixtures.ts';
import { addConnection } from './steps.ts';

export interface ExpectedTestResult {
  /** Title, sentences, the provider's words and the code, line by line as they stand there. */
  readonly lines: readonly (string | RegExp)[];
  /** Every button that the verdict offers, by name. */
  readonly actions: readonly string[];
}

export function connectionItem(page: Page, name: string): Locator {
  return page.getByRole('listitem').filter({ has: page.getByRole('heading', { name, exact: true }) });
}

export function testResultOf(page: Page, name: string): Locator {
  return connectionItem(page, name).locator('.test-result');
}

/** Connects an account of this name at `baseUrl`; the console tests it at once. */
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

/** Exactly these words and these acts: neither more nor less. */
export async function expectTestResult(
  page: Page,
  name: string,
  { lines, actions }: ExpectedTestResult,
  timeout = 10_000,
): Promise<void> {
  const verdict = testResultOf(page, name);
  const wanted = lines.map((line): unknown => (typeof line === 'string' ? line : expect.stringMatching(line)));
  await expect
    .poll(
      async () => {
        const buttons = await verdict
          .getByRole('button')
          .evaluateAll((all) => all.map((each) => each.getAttribute('aria-label') ?? each.textContent.trim()));
        const said = (await verdict.innerText())
          .split('\n')
          .map((line) => line.trim())
          .filter((line) => line !== '' && !buttons.includes(line));
        return { lines: said, acts: buttons };
      },
      { timeout },
    )
    .toEqual({ lines: wanted, acts: actions });
}
