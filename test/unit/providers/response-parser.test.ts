import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  readAmountField,
  toPlainDecimal,
  readInstantField,
  isValidHeaderValue,
  parseBody,
  encodePathSegment,
  readTextField,
} from '../../../src-main/core/providers/response-parser.ts';

describe('an amount', () => {
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
  ])('of %s is %s', (text, expected) => {
    expect(readAmountField(parseBody(text))).toBe(expected);
  });

  it('keeps its value whatever way it is written', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 20n }), fc.integer({ min: -9, max: 9 }), (digits, shift) => {
        const text = toPlainDecimal(`${digits}e${shift}`) ?? '';
        const [whole = '', fraction = ''] = text.split('.');
        expect(BigInt(whole + fraction.padEnd(9, '0'))).toBe(digits * 10n ** BigInt(shift + 9));
      }),
    );
  });
});

describe('a body', () => {
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
  ])('that is no object is none: %.20s', (text) => {
    expect(parseBody(text)).toBeNull();
  });

  it('gives no field that it only inherits', () => {
    expect(readTextField(parseBody('{}'), 'constructor')).toBeNull();
    expect(readTextField(parseBody('{"__proto__":{"status":"CANCELED"}}'), 'status')).toBeNull();
  });

  it('gives no field that is not text, or empty', () => {
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

describe('an instant', () => {
  it.each([
    ['2025-11-18T14:36:48.6078123Z', '2025-11-18T14:36:48.607Z'],
    ['2026-11-20T20:00:00+07:00', '2026-11-20T13:00:00.000Z'],
    ['2026-11-20T13:00Z', '2026-11-20T13:00:00.000Z'],
    ['2026-11-20T13:00:00', null],
    ['2026-11-20', null],
    ['2026-13-40T00:00:00Z', null],
    ['yesterday', null],
    ['1', null],
  ])('%s is %s', (text, expected) => {
    expect(readInstantField({ at: text }, 'at')).toBe(expected);
  });
});

it('makes one part of a path of any id, or none', () => {
  expect(['a/b', 'a?b#c', '%2e%2e', '...'].map(encodePathSegment)).toEqual(['a%2Fb', 'a%3Fb%23c', '%252e%252e', '...']);
  expect(['', '.', '..', '\udfff'].map(encodePathSegment)).toEqual([null, null, null, null]);
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (id) => {
      const part = encodePathSegment(id);
      if (part === null) return;
      expect(new URL(`http://host/sessions/${part}/cancel`).pathname).toBe(`/sessions/${part}/cancel`);
      expect(decodeURIComponent(part)).toBe(id);
    }),
  );
});

it('takes for a header what a header can carry unchanged', () => {
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
