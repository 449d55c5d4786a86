import { beforeEach, describe, expect, it } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { fakeConnection } from '../support/fake-desk.ts';
import { mountScreen } from './mount.ts';

const dialog = () => page.getByRole('dialog');
const secretField = () => page.getByLabelText('Client secret', { exact: true });
const secretText = 'a-secret-nobody-may-keep';

async function fillIn(): Promise<void> {
  await page.getByLabelText('Client id').fill('client-1');
  await secretField().fill(secretText);
  await dialog().getByRole('button', { name: 'Connect a provider' }).click();
}

beforeEach(() => page.viewport(1280, 800));

describe('connecting a provider', () => {
  it('fills in the address of the provider and environment', async () => {
    await mountScreen({}, '/connections?add=1');
    await expect.element(page.getByLabelText('Base URL')).toHaveValue('https://payments-uat.flinksapp.com');
    await dialog().getByText('Production', { exact: true }).click();
    await expect.element(page.getByLabelText('Base URL')).toHaveValue('https://payments.flinksapp.com');
    await dialog().getByText('Xendit', { exact: true }).click();
    await expect.element(page.getByLabelText('Base URL')).toHaveValue('https://api.xendit.co');
  });

  it('hands the secret over once and keeps it nowhere', async () => {
    const { desk } = await mountScreen({}, '/connections?add=1');
    await fillIn();
    await expect.element(dialog()).not.toBeInTheDocument();
    expect(desk.asked.filter(({ name }) => name === 'connections.add').length).toBe(1);
    expect(document.documentElement.outerHTML + JSON.stringify(localStorage) + location.href).not.toContain(secretText);
    await page.getByRole('button', { name: 'Connect a provider' }).click();
    await expect.element(secretField()).toHaveValue('');
  });

  it('says at the field what was declined', async () => {
    await mountScreen({
      errors: { 'connections.add': { code: 'base_url_refused', message: 'Only https will do.', retryable: false, details: { field: 'baseUrl' } } },
    }, '/connections?add=1');
    await fillIn();
    await expect.element(page.getByLabelText('Base URL')).toHaveAccessibleDescription(/Only https will do\./);
    await expect.poll(() => document.activeElement?.getAttribute('aria-invalid')).toBe('true');
  });

  it('offers to keep the secret for this run only when there is no keychain, and asks for it explicitly', async () => {
    const { desk } = await mountScreen({
      errors: { 'connections.add': { code: 'keychain_unavailable', message: 'No keychain answers.', retryable: false, details: {} } },
    }, '/connections?add=1');
    await fillIn();
    await expect.element(dialog().getByText('No keychain answers.')).toBeVisible();
    await dialog().getByRole('button', { name: 'Keep it for this run only' }).click();
    await expect.poll(() => desk.asked.filter(({ name }) => name === 'connections.add').map(({ input }) => (input as { keepForThisRun: boolean }).keepForThisRun))
      .toEqual([false, true]);
  });
});

describe('a connection', () => {
  it('that is in use is not removed, and the reason is said', async () => {
    await mountScreen({
      connections: [fakeConnection(1)],
      errors: { 'connections.remove': { code: 'connection_in_use', message: 'It has 5 tracked sessions.', retryable: false, details: {} } },
    }, '/connections');
    await page.getByRole('button', { name: 'More for Flinks Canada' }).click();
    await page.getByRole('menuitem', { name: 'Remove…' }).click();
    await expect.poll(() => document.activeElement?.textContent).toContain('Keep connection');
    await page.getByRole('button', { name: 'Remove connection' }).click();
    await expect.element(dialog().getByText('It has 5 tracked sessions.')).toBeVisible();
    await userEvent.keyboard('{Escape}');
    await expect.element(page.getByRole('heading', { name: 'Flinks Canada' })).toBeVisible();
  });

  it('without its secret asks for it', async () => {
    await mountScreen({ connections: [fakeConnection(1, { credential: { state: 'missing', lastFour: null, storedAt: null } })] }, '/connections');
    await expect.element(page.getByText('Secret missing: enter it again')).toBeVisible();
    await expect.element(page.getByRole('button', { name: 'Test' })).toBeDisabled();
    await expect.element(page.getByRole('button', { name: 'Enter secret…' })).toBeVisible();
  });

  it.each([
    ['unauthorized', 'refused', 'Replace secret…'], ['address_not_allowed', 'refused', 'Try again'], ['connect_failed', 'unreachable', 'Try again'],
    ['throttled', 'throttled', 'Try again'], ['answer_unreadable', 'unreadable', 'Try again'],
  ] as const)('whose test ends with %s says so, with the one action that helps', async (cause, verdict, action) => {
    const { desk } = await mountScreen({ connections: [fakeConnection(1)] }, '/connections');
    const call = desk.call.bind(desk);
    desk.call = async (name, input) => {
      if (name !== 'connections.test') return call(name, input);
      return { ok: true, value: { verdict, cause, message: 'What to do about it.', durationMs: 12 } } as Awaited<ReturnType<typeof call<typeof name>>>;
    };
    await page.getByRole('button', { name: 'Test', exact: true }).click();
    await expect.element(page.getByText('What to do about it.')).toBeVisible();
    await expect.element(page.getByRole('button', { name: action, exact: true })).toBeVisible();
  });
});
