import { describe, expect, it } from 'vitest';
import {
  formatAmount,
  formatShortDateTime,
  formatTimeZone,
  toLargestUnit,
} from '../../../src-renderer/composables/formats.ts';
import { isFinal, looksLikeAnyId, looksLikeId } from '../../../src-renderer/session-values.ts';
import { sessionStatus, statusOrder } from '../../../src-main/contract/index.ts';

/** Replaces the no-break spaces that Intl inserts. */
const withPlainSpaces = (text: string): string => text.replaceAll(/[\u00a0\u202f]/g, ' ');

describe('formatAmount', () => {
  it.each([
    ['65', 'CAD', 'CAD 65.00'],
    ['65.5', 'CAD', 'CAD 65.50'],
    ['0.125', 'CAD', 'CAD 0.125'],
    ['150000', 'IDR', 'IDR 150,000'],
    ['150000.50', 'IDR', 'IDR 150,000.50'],
    ['5935000', 'VND', 'VND 5,935,000'],
    ['12345678901234567890.12', 'CAD', 'CAD 12,345,678,901,234,567,890.12'],
    ['7', null, '7'],
    ['1e3', 'CAD', 'CAD 1e3'],
    ['n/a', null, 'n/a'],
    ['5', 'not a currency', 'not a currency 5'],
  ])('an amount of %s %s is written as %s and keeps every digit', (amount, currency, expected) => {
    expect(withPlainSpaces(formatAmount('en', amount, currency))).toBe(expected);
  });
});

describe('toLargestUnit', () => {
  it('a span is counted in its largest unit and rounded down', () => {
    expect(toLargestUnit(0)).toEqual({ unit: 'second', count: 0 });
    expect(toLargestUnit(59_999)).toEqual({ unit: 'second', count: 59 });
    expect(toLargestUnit(-7_500_000)).toEqual({ unit: 'hour', count: 2 });
    expect(toLargestUnit(200_000_000)).toEqual({ unit: 'day', count: 2 });
  });
});

describe('formatShortDateTime', () => {
  const instant = '2026-11-20T14:02:05.000Z';
  const [sameDay, monthLater] = [Date.parse(instant), Date.parse('2026-12-20T14:02:05.000Z')];

  it.each([
    ['en', /^\d\d:\d\d:05$/, /^Nov 2[01], \d\d:\d\d:05$/],
    ['fr-CA', /^\d\d h \d\d min 05 s$/, /^2[01] nov\., \d\d h \d\d min 05 s$/],
    ['id', /^\d\d\.\d\d\.05$/, /^2[01] Nov, \d\d\.\d\d\.05$/],
  ] as const)('a time of the audit log has seconds in %s, and a date unless it is of today', (locale, time, dated) => {
    expect(withPlainSpaces(formatShortDateTime(locale, instant, sameDay, true))).toMatch(time);
    expect(withPlainSpaces(formatShortDateTime(locale, instant, monthLater, true))).toMatch(dated);
  });

  it('a time without seconds ends with the minutes', () => {
    expect(formatShortDateTime('en', instant, sameDay)).toMatch(/^\d\d:\d\d$/);
  });
});

describe('formatTimeZone', () => {
  it.each([
    ['en', 'America/Toronto', 'EST/EDT'],
    ['fr-CA', 'America/Toronto', 'HNE/HAE'],
    ['id', 'Asia/Jakarta', 'WIB'],
    ['en', 'Asia/Jakarta', 'GMT+7'],
    ['en', 'UTC', 'UTC'],
  ])('the zone in %s of %s is %s', (locale, timeZone, expected) => {
    expect(formatTimeZone(locale, 2026, timeZone)).toBe(expected);
  });
});

describe('looksLikeId', () => {
  it('a session ID is recognised by the format that its provider uses', () => {
    expect(looksLikeId('86095DB9-0a9b-4f63-9d0e-4be0d7a28463', 'flinks')).toBe(true);
    expect(looksLikeId('ps-661f87c614802d6c402cd82d', 'xendit')).toBe(true);
    expect(looksLikeId('ps-661f87c614802d6c402cd82d', 'flinks')).toBe(false);
    expect(looksLikeAnyId('Order-20491')).toBe(false);
  });
});

describe('session status', () => {
  it('statusOrder: every status has a tab', () => {
    expect([...statusOrder].sort()).toEqual([...sessionStatus.options].sort());
  });

  it('isFinal: sessions that are active, in progress, unfinished or unknown can be cancelled', () => {
    expect(sessionStatus.options.filter((status) => !isFinal(status))).toEqual([
      'active',
      'in_progress',
      'completed_unfinished',
      'unknown',
    ]);
  });
});
