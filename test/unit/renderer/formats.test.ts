import { describe, expect, it } from 'vitest';
import { formatAmount, toLargestUnit } from '../../../src-renderer/composables/formats.ts';
import { maskId } from '../../../src-renderer/composables/mask-id.ts';
import { isFinal, looksLikeAnyId, looksLikeId, parseStatus } from '../../../src-renderer/composables/session-utils.ts';
import { sessionStatus, statusOrder } from '../../../src-main/contract/index.ts';

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

describe('an amount', () => {
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
  ])('of %s %s is written %s, with no digit lost', (amount, currency, expected) => {
    expect(plain(formatAmount('en', amount, currency))).toBe(expected);
  });
});

describe('a span', () => {
  it('is counted in its largest unit, rounded down', () => {
    expect(toLargestUnit(0)).toEqual({ unit: 'second', count: 0 });
    expect(toLargestUnit(59_999)).toEqual({ unit: 'second', count: 59 });
    expect(toLargestUnit(-7_500_000)).toEqual({ unit: 'hour', count: 2 });
    expect(toLargestUnit(200_000_000)).toEqual({ unit: 'day', count: 2 });
  });
});

describe('a session id', () => {
  it('is masked in its middle, so that it cannot be used', () => {
    expect(maskId('86095db9-0a9b-4f63-9d0e-4be0d7a28463')).toBe('86095db9…8463');
    expect(maskId('short')).toBe('short');
  });

  it('is recognised by its provider’s usual look', () => {
    expect(looksLikeId('86095DB9-0a9b-4f63-9d0e-4be0d7a28463', 'flinks')).toBe(true);
    expect(looksLikeId('ps-661f87c614802d6c402cd82d', 'xendit')).toBe(true);
    expect(looksLikeId('ps-661f87c614802d6c402cd82d', 'flinks')).toBe(false);
    expect(looksLikeAnyId('Order-20491')).toBe(false);
  });
});

describe('statuses', () => {
  it('all have a tab', () => {
    expect([...statusOrder].sort()).toEqual([...sessionStatus.options].sort());
  });

  it('are read from an address only where they exist', () => {
    expect(parseStatus('unknown')).toBe('unknown');
    expect(parseStatus('nonsense')).toBeNull();
  });

  it('that are unfinished or unknown can still be cancelled', () => {
    expect(sessionStatus.options.filter((status) => !isFinal(status))).toEqual([
      'active',
      'in_progress',
      'completed_unfinished',
      'unknown',
    ]);
  });
});
