/**
 * Accounts, targets and bodies for tests, written by hand from providers.md because samples are invalid (contradiction
 * 17).
 */
import type { FlinksOptions, Product } from '../../../src-main/contract/index.ts';
import type { Account, Target } from '../../../src-main/core/providers/provider.ts';

export const neverAborted = new AbortController().signal;

export const flinksId = '3f2b8c1e-5a4d-4e6f-9b7a-0c1d2e3f4a5b';
export const otherFlinksId = '9d0c1b2a-7f6e-4d5c-8b9a-1e2f3a4b5c6d';
export const xenditId = 'ps-5e1f00ab12cd34ef56ab78cd';
export const otherXenditId = 'ps-5e1f00ab12cd34ef56ab78ce';

export const flinksSecret = 'fl1nks+secret/of=length';
export const xenditKey = 'xnd_development_Zm9yLXRlc3RzLW9ubHk';

export function flinksAccount(baseUrl: string, options: Partial<FlinksOptions> = {}): Account {
  return {
    connectionId: 'flinks-1',
    environment: 'sandbox',
    baseUrl,
    secret: flinksSecret,
    options: {
      provider: 'flinks',
      authMode: 'oauth',
      clientId: 'test-client',
      sendClientId: false,
      credentialsIn: 'header',
      reuseToken: false,
      eTransferCancel: true,
      windowMinutes: null,
      ...options,
    },
  };
}

export function xenditAccount(baseUrl: string, forUserId: string | null = null): Account {
  return {
    connectionId: 'xendit-1',
    environment: 'sandbox',
    baseUrl,
    secret: xenditKey,
    options: { provider: 'xendit', forUserId },
  };
}

export const flinksTarget = (product: Product = 'geft', id = flinksId): Target => ({ id, product, subAccount: null });
export const xenditTarget = (subAccount: string | null = null, id = xenditId): Target => ({
  id,
  product: 'payment_session',
  subAccount,
});

export const tokenBody = (token = 'tok-4711', expiresIn: unknown = 299) => ({
  access_token: token,
  token_type: 'bearer',
  expires_in: expiresIn,
});

/** The body of Flinks' responses to status and cancel. */
export const flinksBody = (
  status: unknown,
  statusDetails: unknown = null,
  overrides: Record<string, unknown> = {},
) => ({
  sessionId: flinksId,
  referenceId: 'ORDER-88',
  status,
  statusDetails,
  ...overrides,
});

/** Xendit's session object, including fields that Session Desk must discard. */
export const xenditBody = (status: unknown, overrides: Record<string, unknown> = {}) => ({
  payment_session_id: xenditId,
  created: '2026-11-20T13:00:00.123456Z',
  updated: '2026-11-20T13:05:00Z',
  reference_id: 'INV-2026-77',
  session_type: 'PAY',
  currency: 'IDR',
  amount: 250000,
  country: 'ID',
  mode: 'PAYMENT_LINK',
  expires_at: '2026-11-20T13:30:00Z',
  locale: 'id',
  status,
  payment_link_url: 'https://checkout.xendit.co/sessions/abc',
  components_sdk_key: 'sdkKeyThatOpensTheSession99',
  customer_id: 'cust-7f8a',
  metadata: { note: 'private' },
  business_id: '5e1f00ab',
  ...overrides,
});

export const problemDetails = (status: number, title: string, detail: string | null = null) => ({
  type: null,
  title,
  status,
  detail,
  instance: null,
});
export const oauthError = (error: string, description: string) => ({ error, error_description: description });
export const xenditError = (code: string, message: string) => ({ error_code: code, message });
