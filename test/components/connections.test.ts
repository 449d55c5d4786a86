import { beforeEach, describe, expect, it } from 'vitest';
import { h } from 'vue';
import { page, userEvent } from 'vitest/browser';
import type { ConnectionTestResult } from '../../src-main/contract/index.ts';
import ConnectionTestResultView from '../../src-renderer/views/connections/ConnectionTestResult.vue';
import { fakeConnection } from '../support/fake-api-client.ts';
import { mountApp, mountComponent } from './mount-app.ts';
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

describe('connection form', () => {
  it('connection form: it starts with the provider and offers its host for each environment', async () => {
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

  it('connection form: the secret field of each account type explains where to find the secret', async () => {
    await mountApp({}, '/connections?add=1');
    for (const [provider, environment, label, hint] of [
      ['Flinks Pay', 'Sandbox', 'Client secret', /one pair for UAT/],
      ['Xendit', 'Sandbox', 'Secret key', /xnd_development_/],
      ['Xendit', 'Production', 'Secret key', /xnd_production_.*IP allowlist/],
    ] as const) {
      await selectOption(provider);
      await selectOption(environment);
      await expect.element(page.getByLabelText(label, { exact: true })).toHaveAccessibleDescription(hint);
    }
  });

  it('connection form: a custom address is accepted, and a test address for production shows a warning', async () => {
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

  it('connection form: production needs an explicit consent, and another environment clears it', async () => {
    const { client } = await mountApp({}, '/connections?add=1');
    await selectOption('Production');
    await fillConnectionForm();
    const consent = dialog().getByLabelText(/^This is a production account/);
    await expect.element(consent).toHaveFocus();
    await expect.element(consent).toHaveAccessibleDescription('Confirm that you want to connect a production account.');
    await consent.click();
    await selectOption('Sandbox');
    await selectOption('Production');
    await expect.element(consent).not.toBeChecked();
    expect(client.calls.some(({ name }) => name === 'connections.add')).toBe(false);
  });

  it('connection form: the session window accepts only whole minutes', async () => {
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

  it('connection form: the secret is sent once and stays in no page state', async () => {
    const { client } = await mountApp({}, '/connections?add=1');
    await fillConnectionForm();
    await expect.element(dialog()).not.toBeInTheDocument();
    expect(client.calls.filter(({ name }) => name === 'connections.add').length).toBe(1);
    expect(document.documentElement.outerHTML + JSON.stringify(localStorage) + location.href).not.toContain(secretText);
    await page.getByRole('button', { name: 'Connect a provider' }).click();
    await expect.element(secretField()).toHaveValue('');
  });

  it('connection form: a declined value is marked at its field', async () => {
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

  it('connection form: without a keychain the secret is kept until Session Desk closes only on request', async () => {
    const { client } = await mountApp(
      {
        errors: {
          'connections.add': fakeCallError('keychain_unavailable', 'No keychain responds.'),
        },
      },
      '/connections?add=1',
    );
    await fillConnectionForm();
    await expect.element(dialog().getByText('No keychain responds.')).toBeVisible();
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

describe('connection', () => {
  it('connection: one that is in use is not removed and shows the reason', async () => {
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

  it('connection: a missing secret is reported and can be entered', async () => {
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
    ['connect_failed', 'unreachable', { code: 'PROXY_407' }, /Could not connect through the proxy/, 'Test again'],
    ['throttled', 'throttled', { retryAfterMs: 11_300 }, /requires a wait of 12 s/, 'Test again'],
    ['throttled', 'throttled', {}, /is limiting the number of requests and does not say for how long/, 'Test again'],
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
      /certificate is for a different host name/,
      'Test again',
    ],
    [
      'certificate_refused',
      'unreachable',
      { code: 'CERT_HAS_EXPIRED' },
      /Check the date and time of this computer/,
      'Test again',
    ],
    ['redirected', 'unreadable', { code: 'HTTP 302' }, /address redirects to another address/, 'Connect a provider'],
    ['answer_unreadable', 'unreadable', { code: 'HTTP 200' }, /Not a valid response from Flinks Pay/, 'Test again'],
    ['request_invalid', 'unreachable', {}, /client ID or the sub-account/, 'Change…'],
  ] as const)(
    'connection test: the result %s (%s) shows its explanation and its action',
    async (cause, result, overrides, text, action) => {
      const testResult: ConnectionTestResult = {
        result,
        cause,
        durationMs: 12,
        retryAfterMs: null,
        code: null,
        rejectedIpAddress: null,
        providerMessage: 'Said so',
        ...overrides,
      };
      await mountComponent(() => h(ConnectionTestResultView, { connection: fakeConnection(1), testResult }));
      await expect.element(page.getByText(text).first()).toBeVisible();
      await expect.element(page.getByText('Message from the provider: Said so')).toBeVisible();
      await expect.element(page.getByRole('button', { name: action, exact: true })).toBeVisible();
    },
  );

  it('connection test: a declined secret shows the reason and can be replaced', async () => {
    const testResult: ConnectionTestResult = {
      result: 'refused',
      cause: 'unauthorized',
      durationMs: 12,
      retryAfterMs: null,
      code: null,
      rejectedIpAddress: null,
      providerMessage: null,
    };
    const responses = { 'connections.test': testResult };
    await mountApp({ connections: [fakeConnection(1)], responses }, '/connections');
    await page.getByRole('button', { name: 'Test', exact: true }).click();
    await expect.element(page.getByText(/credential was refused/).first()).toBeVisible();
    await page.getByRole('button', { name: 'Replace secret…', exact: true }).last().click();
    await expect.element(dialog().getByLabelText('Client secret')).toBeVisible();
  });

  it('connection test: a locked keychain is reported, and the test can be repeated after unlocking', async () => {
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

  it('connection: a changed name and changed options are saved and tested', async () => {
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

  it('connection: a declined change of the account is marked at its field', async () => {
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

  it('connection: deleting the secret asks first, with the focus on "Keep secret"', async () => {
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
    'connections view: a keychain that is %s is reported and can be checked again',
    async (keychain) => {
      const { client } = await mountApp({ connections: [fakeConnection(1)], state: { keychain } }, '/connections');
      await expect
        .element(page.getByText(keychain === 'locked' ? 'The keychain is locked' : 'No keychain'))
        .toBeVisible();
      Object.assign(client.options.state ?? {}, { keychain: 'available' });
      const callsBefore = client.calls.filter(({ name }) => name === 'app.getState').length;
      await page.getByRole('button', { name: 'Check again' }).click();
      await expect.poll(() => client.calls.filter(({ name }) => name === 'app.getState').length).toBe(callsBefore + 1);
    },
  );
});
