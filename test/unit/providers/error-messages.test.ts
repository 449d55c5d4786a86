import { describe, expect, it } from 'vitest';
import { cause, createMessage } from '../../../src-main/contract/index.ts';
import { formatErrorMessage, type Evidence } from '../../../src-main/core/providers/index.ts';
import { nonEmpty } from '../../support/non-empty.ts';

const host = 'api.example.test';
const emptyEvidence: Evidence = {
  httpStatus: null,
  providerCode: null,
  providerMessage: null,
  requestId: null,
  durationMs: 1,
};

describe('formatErrorMessage', () => {
  it.each(nonEmpty(cause.options))('error message: the text for %s is a complete sentence', (each) => {
    const { message, messageKey } = formatErrorMessage(each, host, emptyEvidence);
    expect(messageKey).toMatch(/^provider\./);
    expect(message).toMatch(/^(?:[A-Z]|api\.).{30,}\.$/);
    expect(message).not.toMatch(/\bError\b|\bOK\b|went wrong|undefined|null|[{}]/);
  });

  it.each([
    ['certificate_refused', 'CERT_HAS_EXPIRED', 'provider.certificateRefused'],
    ['connect_failed', 'ECONNREFUSED', 'provider.connectFailed'],
    ['connect_failed', 'PROXY_407', 'provider.proxyFailed'],
  ] as const)('error message: %s with the network code %s contains the code', (each, networkCode, key) => {
    expect(formatErrorMessage(each, host, { ...emptyEvidence, networkCode })).toMatchObject({
      messageKey: 'provider.withCode',
      params: { sentence: { messageKey: key, params: { host } }, code: networkCode },
    });
  });

  it('error message: an unexpected status contains the HTTP status', () => {
    expect(formatErrorMessage('status_unexpected', host, { ...emptyEvidence, httpStatus: 418 })).toMatchObject({
      messageKey: 'provider.withCode',
      params: { sentence: { messageKey: 'provider.statusUnexpected' }, code: 'HTTP 418' },
    });
  });

  it('error message: the code and message of the provider follow the sentence', () => {
    const evidence = { ...emptyEvidence, providerCode: 'REQUEST_FORBIDDEN_ERROR', providerMessage: 'No.' };
    expect(formatErrorMessage('forbidden', host, evidence)).toEqual(
      createMessage('provider.withProviderText', {
        sentence: createMessage('provider.forbidden', { host }),
        text: 'REQUEST_FORBIDDEN_ERROR, No.',
      }),
    );
  });

  it('error message: a rejected IP address is named if the provider names it', () => {
    const evidence = { ...emptyEvidence, providerMessage: 'IP 203.0.113.7 refused' };
    expect(formatErrorMessage('address_not_allowed', host, evidence)).toMatchObject({
      params: { sentence: { messageKey: 'provider.addressNotAllowed', params: { address: '203.0.113.7' } } },
    });
    expect(formatErrorMessage('address_not_allowed', host, emptyEvidence).messageKey).toBe(
      'provider.computerNotAllowed',
    );
  });

  it('error message: a 401 names both a wrong key and a missing permission', () => {
    expect(formatErrorMessage('unauthorized', host, { ...emptyEvidence, httpStatus: 401 }).message).toMatch(
      /wrong.*does not have permission/,
    );
  });
});
