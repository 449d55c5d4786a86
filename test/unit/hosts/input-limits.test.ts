import fc from 'fast-check';
import { expect, it } from 'vitest';
import { maxInputLength, validateInputLimits } from '../../../src-main/hosts/input-limits.ts';

function nestedValue(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = { inner: value };
  return value;
}

// Verifies I-02.
it('validateInputLimits: allows plain data up to the limits', () => {
  for (const input of [
    {},
    { a: undefined, b: null },
    { keys: Array.from({ length: 100_000 }, (_, index) => index) },
    { text: 'x'.repeat(maxInputLength - 4) },
  ]) {
    expect(validateInputLimits(input)).toBeUndefined();
  }
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => validateInputLimits(value) === undefined));
});

// Verifies I-02.
it('validateInputLimits: rejects values that are not plain data', () => {
  const values: unknown[] = [
    1n,
    Symbol('x'),
    () => 1,
    new Map(),
    new Set(),
    new Date(),
    /x/,
    new Uint8Array(4),
    new ArrayBuffer(8),
    Promise.resolve(),
    Object.create({ inherited: true }) as object,
  ];
  for (const value of values) expect(validateInputLimits({ value })).toBe('not_plain_data');
});

// Verifies I-02.
it('validateInputLimits: rejects a large input without traversing it', () => {
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  const exponential = Array.from({ length: 30 }).reduce<unknown>((inner) => [inner, inner], 'x');
  const sparse: unknown[] = [];
  sparse.length = 2 ** 32 - 1;
  // A traversal of the exponential or the sparse input would exceed the time-out of the test.
  for (const input of [
    circular,
    exponential,
    sparse,
    nestedValue(200_000),
    { text: 'x'.repeat(50_000_000) },
    { [`${'x'.repeat(maxInputLength)}y`]: 1 },
  ]) {
    expect(validateInputLimits(input)).toBe('too_large');
  }
}, 60_000);
