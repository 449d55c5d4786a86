import { describe, expect, it } from 'vitest';
import { cause } from '../../../src-main/contract/index.ts';
import { formatErrorMessage, type Evidence } from '../../../src-main/core/providers/index.ts';

const emptyEvidence: Evidence = {
  httpStatus: null,
  providerCode: null,
  providerMessage: null,
  requestId: null,
  durationMs: 1,
};

describe.each(cause.options)('%s', (each) => {
  it('is explained in plain words that end in a full stop', () => {
    const sentence = formatErrorMessage(each, 'api.example.test', emptyEvidence);
    expect(sentence).toMatch(/^(?:[A-Z]|api\.).{30,}\.$/);
    expect(sentence).not.toMatch(/\bError\b|\bOK\b|went wrong|undefined|null/);
  });
});

it('shows the network’s code and the provider’s words where there are some', () => {
  expect(formatErrorMessage('certificate_refused', 'h', { ...emptyEvidence, networkCode: 'CERT_HAS_EXPIRED' })).toMatch(
    /\(CERT_HAS_EXPIRED\).*certificate store/,
  );
  expect(formatErrorMessage('connect_failed', 'h', { ...emptyEvidence, networkCode: 'PROXY_407' })).toMatch(
    /proxy.*\(PROXY_407\)/i,
  );
  expect(
    formatErrorMessage('forbidden', 'h', {
      ...emptyEvidence,
      providerCode: 'REQUEST_FORBIDDEN_ERROR',
      providerMessage: 'No.',
    }),
  ).toMatch(/The provider’s words: REQUEST_FORBIDDEN_ERROR, No\.$/);
});

it('names the address that was turned away, if the provider did', () => {
  expect(
    formatErrorMessage('address_not_allowed', 'h', { ...emptyEvidence, providerMessage: 'IP 203.0.113.7 refused' }),
  ).toMatch(/the address 203\.0\.113\.7: .*allowlist.*fixed/s);
  expect(formatErrorMessage('address_not_allowed', 'h', emptyEvidence)).toMatch(/this machine’s address/);
});

it('says of a 401 that the key may be wrong or lack a permission', () => {
  expect(formatErrorMessage('unauthorized', 'h', { ...emptyEvidence, httpStatus: 401 })).toMatch(
    /wrong.*lacks the permission/,
  );
});
