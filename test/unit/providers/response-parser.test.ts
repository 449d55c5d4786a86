import fc from 'fast-check';
import {
  readAmountField,
  toPlainDecimal,
  readInstantField,
  isValidHeaderValue,
  parseBody,
  toPathSegment,
  readTextField,
  parseRateLimit,
  parseRetryAfterMs,
} from '../../../src-main/core/providers/response-parser.ts';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

describe('readAmountField', () => {
  it.each([
    ['{"amount":10000}', '10000'],
    ['{"amount":10000.10}', '10000.10'],
    ['{"amount":"0"}', '0'],
    ['{"amount":" 12.50 "}', '12.50'],
    ['{"amount":9007199254740993}', '9007199254740993'],
    ['{"amount":0.1000000000000000055}', '0.1000000000000000055'],
    ['{"amount":1e3}', '1000'],
    ['{"amount":1.5E+2}', '150'],
    ['{"amount":25e-1}', '2.5'],
    ['{"amount":-5}', '-5'],
    ['{"amount":null}', null],
    ['{"amount":"1,000"}', null],
    ['{"amount":"Rp 500"}', null],
    ['{"amount":{}}', null],
    ['{"amount":1e999}', null],
    ['{}', null],
  ])('amount: %s is read as %s', (text, expected) => {
    expect(readAmountField(parseBody(text))).toBe(expected);
  });

  it('amount: every notation of a number keeps the exact value', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 20n }), fc.integer({ min: -9, max: 9 }), (digits, shift) => {
        const text = toPlainDecimal(`${digits}e${shift}`) ?? '';
        const [whole = '', fraction = ''] = text.split('.');
        expect(BigInt(whole + fraction.padEnd(9, '0'))).toBe(digits * 10n ** BigInt(shift + 9));
      }),
    );
  });
});

describe('parseBody', () => {
  it.each([
    '',
    'null',
    '"text"',
    '42',
    '[]',
    '[{"a":1}]',
    '{"a":1',
    '{"a":1,}',
    '<html>',
    '\u0000',
    '['.repeat(500_000),
  ])('body: a text that is not a JSON object gives null: %.20s', (text) => {
    expect(parseBody(text)).toBeNull();
  });

  it('body: inherited fields are not read', () => {
    expect(readTextField(parseBody('{}'), 'constructor')).toBeNull();
    expect(readTextField(parseBody('{"__proto__":{"status":"CANCELED"}}'), 'status')).toBeNull();
  });

  it('body: fields that are blank or not text are not read', () => {
    const body = parseBody('{"a":["CANCELED"],"b":{"c":"CANCELED"},"d":" ","e":null,"f":true,"g":" x "}');
    expect(['a', 'b', 'd', 'e', 'f', 'g'].map((name) => readTextField(body, name))).toEqual([
      null,
      null,
      null,
      null,
      null,
      'x',
    ]);
  });
});

describe('readInstantField', () => {
  it.each([
    ['2025-11-18T14:36:48.6078123Z', '2025-11-18T14:36:48.607Z'],
    ['2026-11-20T20:00:00+07:00', '2026-11-20T13:00:00.000Z'],
    ['2026-11-20T13:00Z', '2026-11-20T13:00:00.000Z'],
    ['2026-11-20T13:00:00', null],
    ['2026-11-20', null],
    ['2026-13-40T00:00:00Z', null],
    ['yesterday', null],
    ['1', null],
  ])('time: %s is read as %s', (text, expected) => {
    expect(readInstantField({ at: text }, 'at')).toBe(expected);
  });
});

describe('toPathSegment', () => {
  // Verifies S-10.
  it('path segment: only an ID of letters, digits, hyphens and underscores is sent', () => {
    expect(toPathSegment('ps-65f0_A')).toBe('ps-65f0_A');
    for (const id of ['../v2/payouts/x', 'a/b', 'a?b#c', '%2e%2e', '...', '', '.', '..', '\udfff', 'a b', 'ä', 'a\n'])
      expect(toPathSegment(id), id).toBeNull();
    expect(toPathSegment('x'.repeat(201))).toBeNull();
    const allowed = fc.stringMatching(/^[\w-]{1,40}$/);
    let segments = 0;
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'grapheme' }), allowed), (id) => {
        const segment = toPathSegment(id);
        if (segment === null) return;
        segments += 1;
        expect(segment).toBe(id);
        expect(new URL(`http://host/sessions/${segment}/cancel`).pathname).toBe(`/sessions/${segment}/cancel`);
      }),
    );
    expect(segments).toBeGreaterThan(20);
  });
});

describe('isValidHeaderValue', () => {
  it('header value: only printable ASCII without outer spaces is valid', () => {
    expect(['abc', 'a b', '~!'].map(isValidHeaderValue)).toEqual([true, true, true]);
    expect(['', ' a', 'a ', 'a\nb', 'ü', 'a\u0000', 'a\r\nx-more: 1'].map(isValidHeaderValue)).toEqual([
      false,
      false,
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});

describe('parseRetryAfterMs', () => {
  it.each([
    [{ 'rate-limit-reset': '58.37', 'retry-after': '1' }, 58_370],
    [{ 'rate-limit-reset': '0.0004' }, 1],
    [{ 'rate-limit-reset': '0' }, 0],
    [{ 'retry-after': '12' }, 12_000],
    [{ 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' }, 0],
    [{ 'rate-limit-reset': 'soon', 'retry-after': '3' }, 3_000],
    [{ 'rate-limit-reset': '-5' }, 5_000],
    [{ 'retry-after': 'tomorrow' }, 5_000],
    [{ 'retry-after': '1e9' }, 5_000],
    [{ 'retry-after': '999999999' }, 3_600_000],
    [{}, 5_000],
  ])('wait after a 429: the headers %o give %i ms', (headers, expected) => {
    expect(parseRetryAfterMs(headers)).toBe(expected);
  });

  it('wait after a 429: a date in Retry-After gives the time until that date', () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-20T14:02:00Z') });
    onTestFinished(() => void vi.useRealTimers());
    expect(parseRetryAfterMs({ 'retry-after': 'Fri, 20 Nov 2026 14:03:30 GMT' })).toBe(90_000);
  });
});

describe('parseRateLimit', () => {
  it('rate limit: needs both the remaining requests and the reset time', () => {
    expect(parseRateLimit({ 'rate-limit-remaining': '0', 'rate-limit-reset': '1.5' })).toEqual({
      remaining: 0,
      resetMs: 1_500,
    });
    expect(parseRateLimit({ 'rate-limit-remaining': '4' })).toBeNull();
    expect(parseRateLimit({ 'rate-limit-remaining': 'many', 'rate-limit-reset': '1' })).toBeNull();
  });
});
