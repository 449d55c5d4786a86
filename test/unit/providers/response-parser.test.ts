import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  readAmountField,
  toPlainDecimal,
  readInstantField,
  isValidHeaderValue,
  parseBody,
  toPathSegment,
  readTextField,
} from '../../../src-main/core/providers/response-parser.ts';

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
