import { describe, expect, it } from 'vitest';
import { cause } from '../../../src-main/contract/index.ts';
import { explain, type Evidence } from '../../../src-main/core/providers/index.ts';

const nothing: Evidence = {
  httpStatus: null,
  providerCode: null,
  providerMessage: null,
  requestId: null,
  durationMs: 1,
};

describe.each(cause.options)('%s', (each) => {
  it('is explained in plain words that end in a full stop', () => {
    const sentence = explain(each, 'api.example.test', nothing);
    expect(sentence).toMatch(/^(?:[A-Z]|api\.).{30,}\.$/);
    expect(sentence).not.toMatch(/\bError\b|\bOK\b|went wrong|undefined|null/);
  });
});

it('shows the network’s code and the provider’s words where there are some', () => {
  expect(explain('certificate_refused', 'h', { ...nothing, networkCode: 'CERT_HAS_EXPIRED' })).toMatch(
    /\(CERT_HAS_EXPIRED\).*certificate store/,
  );
  expect(explain('connect_failed', 'h', { ...nothing, networkCode: 'PROXY_407' })).toMatch(/proxy.*\(PROXY_407\)/i);
  expect(
    explain('forbidden', 'h', { ...nothing, providerCode: 'REQUEST_FORBIDDEN_ERROR', providerMessage: 'No.' }),
  ).toMatch(/The provider’s words: REQUEST_FORBIDDEN_ERROR, No\.$/);
});

it('names the address that was turned away, if the provider did', () => {
  expect(explain('address_not_allowed', 'h', { ...nothing, providerMessage: 'IP 203.0.113.7 refused' })).toMatch(
    /the address 203\.0\.113\.7: .*allowlist.*fixed/s,
  );
  expect(explain('address_not_allowed', 'h', nothing)).toMatch(/this machine’s address/);
});

it('says of a 401 that the key may be wrong or lack a permission', () => {
  expect(explain('unauthorized', 'h', { ...nothing, httpStatus: 401 })).toMatch(/wrong.*lacks the permission/);
});
