import { describe, expect, it } from 'vitest';
import { parseRateLimit, parseRetryAfterMs } from '../../../src-main/core/providers/retry-after.ts';

describe('the wait after a 429', () => {
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
  ])('for %o is %i ms', (headers, expected) => {
    expect(parseRetryAfterMs(headers)).toBe(expected);
  });

  it('until a date is the time left', () => {
    const wait = parseRetryAfterMs({ 'retry-after': new Date(Date.now() + 90_000).toUTCString() });
    expect(wait).toBeGreaterThan(85_000);
    expect(wait).toBeLessThanOrEqual(90_000);
  });
});

it('reads what is left of the window, and nothing from half of it', () => {
  expect(parseRateLimit({ 'rate-limit-remaining': '0', 'rate-limit-reset': '1.5' })).toEqual({
    remaining: 0,
    resetMs: 1_500,
  });
  expect(parseRateLimit({ 'rate-limit-remaining': '4' })).toBeNull();
  expect(parseRateLimit({ 'rate-limit-remaining': 'many', 'rate-limit-reset': '1' })).toBeNull();
});
