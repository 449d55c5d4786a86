import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBaseUrl } from '../../../src-main/core/connections/base-url.ts';

const check =
  (text: string, environment: 'sandbox' | 'production' = 'sandbox') =>
  () =>
    parseBaseUrl(text, 'flinks', environment);

describe('a base URL', () => {
  it.each([
    ['https://payments-uat.flinksapp.com', 'https://payments-uat.flinksapp.com'],
    ['  https://Payments-UAT.flinksapp.com/  ', 'https://payments-uat.flinksapp.com'],
    ['https://pay.example.test:8443', 'https://pay.example.test:8443'],
    ['http://127.0.0.1:4010', 'http://127.0.0.1:4010'],
    ['http://localhost:4010/', 'http://localhost:4010'],
    ['http://[::1]:4010', 'http://[::1]:4010'],
  ])('%s is taken as %s', (text, origin) => expect(check(text)()).toBe(origin));

  it.each([
    ['http://payments-uat.flinksapp.com', 'must begin with https://'],
    ['http://127.0.0.1.example.test', 'must begin with https://'],
    ['http://localhost.example.test', 'must begin with https://'],
    ['ftp://127.0.0.1', 'must begin with https://'],
    ['payments-uat.flinksapp.com', 'is not a URL'],
    ['https://', 'is not a URL'],
    ['{baseurl}', 'is not a URL'],
    ['https://user:password@payments-uat.flinksapp.com', 'must not hold a user name or password'],
    ['https://payments-uat.flinksapp.com/api/v2', 'must end after the host'],
    ['https://payments-uat.flinksapp.com/?a=b', 'must end after the host'],
  ])('%s is refused: %s', (text, words) => {
    expect(check(text)).toThrow(
      expect.objectContaining({
        code: 'base_url_refused',
        message: expect.stringContaining(words),
        details: { field: 'baseUrl' },
      }),
    );
  });

  it('of the other environment is refused, either way round', () => {
    expect(check('https://payments.flinksapp.com', 'sandbox')).toThrow("provider's production host");
    expect(check('https://payments-uat.flinksapp.com', 'production')).toThrow("provider's sandbox host");
    expect(parseBaseUrl('https://api.xendit.co', 'xendit', 'production')).toBe('https://api.xendit.co');
    expect(parseBaseUrl('https://api.xendit.co', 'xendit', 'sandbox')).toBe('https://api.xendit.co');
  });

  // Verifies S-06.
  it('is an origin over https or loopback, or a refusal, whatever is typed', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl({ withFragments: true, withQueryParameters: true })), (text) => {
        try {
          const url = new URL(parseBaseUrl(text, 'flinks', 'production'));
          expect(url.origin).toBe(url.href.replace(/\/$/, ''));
          expect(url.protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'base_url_refused' });
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
