import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBaseUrl } from '../../../src-main/core/connections/connection-fields.ts';

const parse =
  (text: string, environment: 'sandbox' | 'production' = 'sandbox') =>
  () =>
    parseBaseUrl(text, 'flinks', environment);

describe('parseBaseUrl', () => {
  it.each([
    ['https://payments-uat.flinksapp.com', 'https://payments-uat.flinksapp.com'],
    ['  https://Payments-UAT.flinksapp.com/  ', 'https://payments-uat.flinksapp.com'],
    ['https://pay.example.test:8443', 'https://pay.example.test:8443'],
    ['http://127.0.0.1:4010', 'http://127.0.0.1:4010'],
    ['http://localhost:4010/', 'http://localhost:4010'],
    ['http://[::1]:4010', 'http://[::1]:4010'],
  ])('base URL: %s is accepted as %s', (text, origin) => expect(parse(text)()).toBe(origin));

  it.each([
    ['http://payments-uat.flinksapp.com', 'connection.baseUrlNotHttps'],
    ['http://127.0.0.1.example.test', 'connection.baseUrlNotHttps'],
    ['http://localhost.example.test', 'connection.baseUrlNotHttps'],
    ['ftp://127.0.0.1', 'connection.baseUrlNotHttps'],
    ['payments-uat.flinksapp.com', 'connection.baseUrlInvalid'],
    ['https://', 'connection.baseUrlInvalid'],
    ['{baseurl}', 'connection.baseUrlInvalid'],
    ['https://user:password@payments-uat.flinksapp.com', 'connection.baseUrlHasCredentials'],
    ['https://payments-uat.flinksapp.com/api/v2', 'connection.baseUrlHasPath'],
    ['https://payments-uat.flinksapp.com/?a=b', 'connection.baseUrlHasPath'],
  ])('base URL: %s is refused with %s', (text, messageKey) => {
    expect(parse(text)).toThrow(
      expect.objectContaining({
        code: 'base_url_refused',
        messageKey,
        details: { field: 'baseUrl' },
      }),
    );
  });

  it('base URL: the preset of the other environment is refused', () => {
    expect(parse('https://payments.flinksapp.com', 'sandbox')).toThrow(
      expect.objectContaining({ messageKey: 'connection.baseUrlIsProduction' }),
    );
    expect(parse('https://payments-uat.flinksapp.com', 'production')).toThrow(
      expect.objectContaining({ messageKey: 'connection.baseUrlIsSandbox' }),
    );
    expect(parseBaseUrl('https://api.xendit.co', 'xendit', 'production')).toBe('https://api.xendit.co');
    expect(parseBaseUrl('https://api.xendit.co', 'xendit', 'sandbox')).toBe('https://api.xendit.co');
  });

  // Verifies S-06.
  it('base URL: any text gives an https or loopback origin, or is refused', () => {
    let accepted = 0;
    let refused = 0;
    const origins = fc.webUrl({ validSchemes: ['http', 'https'] }).map((url) => new URL(url).origin);
    const texts = fc.oneof(fc.string(), fc.webUrl({ withFragments: true, withQueryParameters: true }), origins);
    fc.assert(
      fc.property(texts, (text) => {
        try {
          const url = new URL(parseBaseUrl(text, 'flinks', 'production'));
          expect(url.origin).toBe(url.href.replace(/\/$/, ''));
          expect(url.protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)).toBe(true);
          accepted += 1;
        } catch (error) {
          refused += 1;
          expect(error).toMatchObject({ code: 'base_url_refused' });
        }
      }),
      { numRuns: 2_000 },
    );
    expect(Math.min(accepted, refused)).toBeGreaterThan(100);
  });
});
