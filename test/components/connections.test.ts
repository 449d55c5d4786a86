import { beforeEach, describe, expect, it } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import type { ConnectionTestResult } from '../../src-main/contract/index.ts';
import { fakeConnection } from '../support/fake-api-client.ts';
import { mountApp } from './mount-app.ts';
import { fakeCallError } from '../support/fake-messages.ts';

const dialog = () => page.getByRole('dialog');
const secretField = () => page.getByLabelText('Client secret', { exact: true });
const connectButton = () => dialog().getByRole('button', { name: /^Connect (?:production )?and test$/ });
const selectOption = (name: string) => dialog().getByRole('radio', { name, exact: true }).click();
const secretText = 'a-secret-nobody-may-keep';

async function fillConnectionForm(): Promise<void> {
  await page.getByLabelText('Client ID').fill('client-1');
  await secretField().fill(secretText);
  await connectButton().click();
}

beforeEach(() => page.viewport(1280, 800));

describe('connecting a provider', () => {
  it('begins with the provider, and offers its host for each environment', async () => {
    const { client } = await mountApp({}, '/connections?add=1');
    await expect.element(page.getByRole('radio', { name: 'Flinks Pay', exact: true })).toHaveFocus();
    await expect.element(dialog().getByText('payments-uat.flinksapp.com')).toBeVisible();
    await selectOption('Production');
    await expect.element(dialog().getByText('payments.flinksapp.com')).toBeVisible();
    await selectOption('Xendit');
    await expect.element(dialog().getByText('api.xendit.co')).toBeVisible();
    await expect.element(page.getByLabelText('Base URL')).not.toBeInTheDocument();
    await selectOption('Sandbox');
    await page.getByLabelText('Secret key').fill(secretText);
    await connectButton().click();
    await expect.element(dialog()).not.toBeInTheDocument();
    expect(client.calls.find(({ name }) => name === 'connections.add')?.input).toMatchObject({
      name: 'Xendit sandbox',
      environment: 'sandbox',
      baseUrl: 'https://api.xendit.co',
      options: { provider: 'xendit', forUserId: null },
    });
  });

  it.each([
    ['Flinks Pay', 'Sandbox', 'Client secret', /one pair for UAT/],
    ['Xendit', 'Sandbox', 'Secret key', /xnd_development_/],
    ['Xendit', 'Production', 'Secret key', /xnd_production_.*IP allowlist/],
  ])('says where the secret of %s is found for %s', async (provider, environment, label, words) => {
    await mountApp({}, '/connections?add=1');
    await selectOption(provider);
    await selectOption(environment);
    await expect.element(page.getByLabelText(label, { exact: true })).toHaveAccessibleDescription(words);
  });

  it('takes another address, and warns of one that looks like a test for production', async () => {
    const { client } = await mountApp({}, '/connections?add=1');
    await selectOption('Production');
    await selectOption('Custom address');
    await page.getByLabelText('Base URL').fill('https://pay-uat.example.com');
    await expect.element(dialog().getByText(/pay-uat\.example\.com looks like a test address/)).toBeVisible();
    await page.getByLabelText('Base URL').fill('https://pay.example.com');
    await expect.element(dialog().getByText(/looks like a test address/)).not.toBeInTheDocument();
    await dialog()
      .getByLabelText(/^This is a production account/)
      .click();
    await fillConnectionForm();
    expect(client.calls.find(({ name }) => name === 'connections.add')?.input).toMatchObject({
      environment: 'production',
      baseUrl: 'https://pay.example.com',
    });
  });

  it('asks for production twice: nothing is connected before that is agreed to, and another choice takes it back', async () => {
    const { client } = await mountApp({}, '/connections?add=1');
    await selectOption('Production');
    await fillConnectionForm();
    const agreement = dialog().getByLabelText(/^This is a production account/);
    await expect.element(agreement).toHaveFocus();
    await expect
      .element(agreement)
      .toHaveAccessibleDescription('Confirm that you want to connect a production account.');
    await agreement.click();
    await selectOption('Sandbox');
    await selectOption('Production');
    await expect.element(agreement).not.toBeChecked();
    expect(client.calls.some(({ name }) => name === 'connections.add')).toBe(false);
  });

  it('takes the session window in whole minutes alone', async () => {
    const { client } = await mountApp({}, '/connections?add=1');
    await dialog()
      .getByText(/^Options:/)
      .click();
    const field = page.getByLabelText(/^Session window/);
    await field.fill('half an hour');
    await fillConnectionForm();
    await expect.element(field).toHaveAccessibleDescription(/Enter whole minutes/);
    await expect.element(field).toHaveFocus();
    await field.fill('30');
    await connectButton().click();
    await expect.element(dialog()).not.toBeInTheDocument();
    expect(
      client.calls
        .filter(({ name }) => name === 'connections.add')
        .map(({ input }) => (input as { options: unknown }).options),
    ).toEqual([expect.objectContaining({ provider: 'flinks', clientId: 'client-1', windowMinutes: 30 })]);
  });

  it('hands the secret over once and keeps it nowhere', async () => {
    const { client } = await mountApp({}, '/connections?add=1');
    await fillConnectionForm();
    await expect.element(dialog()).not.toBeInTheDocument();
    expect(client.calls.filter(({ name }) => name === 'connections.add').length).toBe(1);
    expect(document.documentElement.outerHTML + JSON.stringify(localStorage) + location.href).not.toContain(secretText);
    await page.getByRole('button', { name: 'Connect a provider' }).click();
    await expect.element(secretField()).toHaveValue('');
  });

  it('says at the field what was declined', async () => {
    await mountApp(
      {
        errors: {
          'connections.add': fakeCallError('base_url_refused', 'Only https will do.', {
            details: { field: 'baseUrl' },
          }),
        },
      },
      '/connections?add=1',
    );
    await selectOption('Custom address');
    await page.getByLabelText('Base URL').fill('http://example.test');
    await fillConnectionForm();
    await expect.element(page.getByLabelText('Base URL')).toHaveAccessibleDescription(/Only https will do\./);
    await expect.poll(() => document.activeElement?.getAttribute('aria-invalid')).toBe('true');
  });

  it('offers to keep the secret for this run only when there is no keychain, and asks for it explicitly', async () => {
    const { client } = await mountApp(
      {
        errors: {
          'connections.add': fakeCallError('keychain_unavailable', 'No keychain answers.'),
        },
      },
      '/connections?add=1',
    );
    await fillConnectionForm();
    await expect.element(dialog().getByText('No keychain answers.')).toBeVisible();
    await dialog().getByRole('button', { name: 'Keep until Session Desk closes' }).click();
    await expect
      .poll(() =>
        client.calls
          .filter(({ name }) => name === 'connections.add')
          .map(({ input }) => (input as { allowInMemory: boolean }).allowInMemory),
      )
      .toEqual([false, true]);
  });
});

describe('a connection', () => {
  it('that is in use is not removed, and the reason is said', async () => {
    await mountApp(
      {
        connections: [fakeConnection(1)],
        errors: {
          'connections.remove': fakeCallError('connection_in_use', 'It has 5 tracked sessions.'),
        },
      },
      '/connections',
    );
    await page.getByRole('button', { name: 'More actions for Flinks Canada' }).click();
    await page.getByRole('menuitem', { name: 'Remove…' }).click();
    await expect.poll(() => document.activeElement?.textContent).toContain('Keep connection');
    await page.getByRole('button', { name: 'Remove connection' }).click();
    await expect.element(dialog().getByText('It has 5 tracked sessions.')).toBeVisible();
    await userEvent.keyboard('{Escape}');
    await expect.element(page.getByRole('heading', { name: 'Flinks Canada' })).toBeVisible();
  });

  it('without its secret asks for it', async () => {
    await mountApp(
      { connections: [fakeConnection(1, { credential: { state: 'missing', lastFour: null, storedAt: null } })] },
      '/connections',
    );
    await expect.element(page.getByText('Secret missing: enter it again')).toBeVisible();
    await expect.element(page.getByRole('button', { name: 'Test' })).toBeDisabled();
    await expect.element(page.getByRole('button', { name: 'Enter secret…' })).toBeVisible();
  });

  it.each([
    ['unauthorized', 'refused', {}, /credential was refused/, 'Replace secret…'],
    ['forbidden', 'refused', {}, /permission is missing/, 'Test again'],
    [
      'address_not_allowed',
      'refused',
      { rejectedIpAddress: '203.0.113.7' },
      /no requests from 203\.0\.113\.7/,
      'Copy address',
    ],
    [
      'connect_failed',
      'unreachable',
      { code: 'ECONNREFUSED' },
      /payments\.flinksapp\.com could not be reached/,
      'Test again',
    ],
    ['connect_failed', 'unreachable', { code: 'PROXY_407' }, /proxy did not open a way/, 'Test again'],
    ['throttled', 'throttled', { retryAfterMs: 11_300 }, /asks to wait 12 s/, 'Test again'],
    ['throttled', 'throttled', {}, /asks to slow down, and does not say for how long/, 'Test again'],
    [
      'certificate_refused',
      'unreachable',
      { code: 'SELF_SIGNED_CERT_IN_CHAIN' },
      /certificate is not trusted/,
      'Test again',
    ],
    [
      'certificate_refused',
      'unreachable',
      { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
      /certificate is for another name/,
      'Test again',
    ],
    [
      'certificate_refused',
      'unreachable',
      { code: 'CERT_HAS_EXPIRED' },
      /Check the date and time of this machine/,
      'Test again',
    ],
    ['redirected', 'unreadable', { code: 'HTTP 302' }, /address leads elsewhere/, 'Connect a provider'],
    ['answer_unreadable', 'unreadable', { code: 'HTTP 200' }, /not how Flinks Pay answers/, 'Test again'],
    ['request_invalid', 'unreachable', {}, /client id or the sub-account/, 'Change…'],
  ] as const)(
    'whose test ends with %s (%s) says so, with the one act that helps',
    async (cause, result, facts, words, act) => {
      const answer: ConnectionTestResult = {
        result,
        cause,
        durationMs: 12,
        retryAfterMs: null,
        code: null,
        rejectedIpAddress: null,
        providerMessage: 'Said so',
        ...facts,
      };
      const { client } = await mountApp({ connections: [fakeConnection(1)] }, '/connections');
      const call = client.call.bind(client);
      client.call = async (name, input) =>
        name === 'connections.test'
          ? ({ ok: true, value: answer } as Awaited<ReturnType<typeof call<typeof name>>>)
          : call(name, input);
      await page.getByRole('button', { name: 'Test', exact: true }).click();
      await expect.element(page.getByText(words).first()).toBeVisible();
      await expect.element(page.getByText('Message from the provider: Said so')).toBeVisible();
      await expect.element(page.getByRole('button', { name: act, exact: true }).last()).toBeVisible();
    },
  );

  it('whose keychain is locked says so, and tests again where that was mended', async () => {
    const { client } = await mountApp(
      {
        connections: [fakeConnection(1)],
        errors: {
          'connections.test': fakeCallError('keychain_locked', 'The system keychain is locked.', { retryable: true }),
        },
      },
      '/connections',
    );
    await page.getByRole('button', { name: 'Test', exact: true }).click();
    await expect.element(page.getByText('The secret could not be read')).toBeVisible();
    const errors = client.options.errors;
    if (errors) delete errors['connections.test'];
    await page.getByRole('button', { name: 'Test again' }).click();
    await expect.element(page.getByText(/^The credential works\./)).toBeVisible();
  });

  it('is changed in its name and options, and tested again', async () => {
    const { client } = await mountApp(
      { connections: [fakeConnection(1)] },
      '/connections?change=00000000-0000-4000-8000-000000000001',
    );
    await expect.element(page.getByLabelText('Name')).toHaveValue('Flinks Canada');
    await expect.element(page.getByLabelText('Name')).toHaveFocus();
    await page.getByLabelText('Name').fill('Flinks East');
    await page.getByLabelText('Cancel e-Transfer sessions').click();
    await page.getByLabelText(/^Session window/).fill('45');
    await dialog().getByRole('button', { name: 'Save' }).click();
    await expect.element(page.getByRole('heading', { name: 'Flinks East' })).toBeVisible();
    await expect.element(page.getByText('Sessions expire after 45 minutes')).toBeVisible();
    await expect.element(page.getByText('No e-Transfer cancellations')).toBeVisible();
    await expect.poll(() => client.calls.filter(({ name }) => name === 'connections.test').length).toBe(1);
  });

  it('that may not become another account says so at the field', async () => {
    await mountApp(
      {
        connections: [fakeConnection(1)],
        errors: {
          'connections.change': fakeCallError('connection_immutable', 'It has 5 tracked sessions of this account.', {
            details: { field: 'clientId' },
          }),
        },
      },
      '/connections?change=00000000-0000-4000-8000-000000000001',
    );
    await page.getByLabelText('Client ID').fill('another');
    await dialog().getByRole('button', { name: 'Save' }).click();
    await expect.element(page.getByLabelText('Client ID')).toHaveAccessibleDescription(/It has 5 tracked sessions/);
  });

  it('forgets its secret after a question whose safe answer comes first', async () => {
    const { client } = await mountApp({ connections: [fakeConnection(1)] }, '/connections');
    await page.getByRole('button', { name: 'More actions for Flinks Canada' }).click();
    await page.getByRole('menuitem', { name: 'Delete secret…' }).click();
    await expect.poll(() => document.activeElement?.textContent).toContain('Keep secret');
    expect(client.calls.some(({ name }) => name === 'connections.deleteSecret')).toBe(false);
    await dialog().getByRole('button', { name: 'Delete secret' }).click();
    await expect.element(page.getByText('Secret missing: enter it again')).toBeVisible();
    await expect.element(page.getByRole('button', { name: 'Enter secret…' })).toBeVisible();
  });

  it.each(['locked', 'unavailable'] as const)(
    'is not alone with a keychain that is %s: the page says it',
    async (keychain) => {
      const { client } = await mountApp({ connections: [fakeConnection(1)], state: { keychain } }, '/connections');
      await expect
        .element(page.getByText(keychain === 'locked' ? 'The keychain is locked' : 'No keychain'))
        .toBeVisible();
      Object.assign(client.options.state ?? {}, { keychain: 'available' });
      const asked = client.calls.filter(({ name }) => name === 'app.state').length;
      await page.getByRole('button', { name: 'Check again' }).click();
      await expect.poll(() => client.calls.filter(({ name }) => name === 'app.state').length).toBe(asked + 1);
    },
  );
});
