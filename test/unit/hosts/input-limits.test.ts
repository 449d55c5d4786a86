import fc from 'fast-check';
import { expect, it } from 'vitest';
import { maxInputLength, validateInputLimits } from '../../../src-main/hosts/input-limits.ts';

function nestedValue(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = { inner: value };
  return value;
}

// Verifies I-02.
it('takes plain data, as big as the screen’s biggest', () => {
  for (const input of [
    {},
    { a: undefined, b: null },
    { keys: Array.from({ length: 100_000 }, (_, place) => place) },
    { text: 'x'.repeat(maxInputLength - 4) },
  ]) {
    expect(validateInputLimits(input)).toBeUndefined();
  }
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => validateInputLimits(value) === undefined));
});

// Verifies I-02.
it('takes nothing beyond plain data', () => {
  const made: unknown[] = [
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
  for (const value of made) expect(validateInputLimits({ value })).toBe('not_plain_data');
});

// Verifies I-02.
it('finds out that an input is too big without going through it', () => {
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  const bomb = Array.from({ length: 30 }).reduce<unknown>((inner) => [inner, inner], 'x');
  const sparse: unknown[] = [];
  sparse.length = 2 ** 32 - 1;
  const began = performance.now();
  for (const input of [
    circular,
    bomb,
    sparse,
    nestedValue(200_000),
    { text: 'x'.repeat(50_000_000) },
    { [`${'x'.repeat(maxInputLength)}y`]: 1 },
  ]) {
    expect(validateInputLimits(input)).toBe('too_large');
  }
  expect(performance.now() - began).toBeLessThan(1_000);
});
