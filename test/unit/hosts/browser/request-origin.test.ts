import { describe, expect, it } from 'vitest';
import { validateRequestOrigin } from '../../../../src-main/hosts/browser/request-origin.ts';

const host = '127.0.0.1:4711';
const origin = `http://${host}`;

describe('validateRequestOrigin', () => {
  it.each([
    ['GET', { host }],
    ['GET', { host, 'sec-fetch-site': 'none' }],
    ['GET', { host, origin, 'sec-fetch-site': 'same-origin' }],
    ['POST', { host, origin, 'sec-fetch-site': 'same-origin' }],
    ['GET', { host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }],
  ])('accepts a request of the Session Desk page: %s %j', (method, headers) => {
    expect(validateRequestOrigin(method, headers, host)).toBeUndefined();
  });

  // Verifies B-02, B-03, B-04.
  it.each([
    ['GET', {}],
    ['GET', { host: 'evil.example:4711' }],
    ['GET', { host: 'localhost:4711' }],
    ['GET', { host: '127.0.0.1:4712' }],
    ['POST', { host }],
    ['POST', { host, origin: 'null' }],
    ['POST', { host, origin: 'https://127.0.0.1:4711' }],
    ['POST', { host, origin, 'sec-fetch-site': 'cross-site' }],
    ['POST', { host, origin, 'sec-fetch-site': 'same-site' }],
    ['GET', { host, origin: 'http://127.0.0.1:4712' }],
    ['GET', { host, 'sec-fetch-site': 'cross-site' }],
    ['GET', { host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }],
  ])('rejects a request of another page or host: %s %j', (method, headers) => {
    expect(validateRequestOrigin(method, headers, host)).toBeTypeOf('string');
  });
});
