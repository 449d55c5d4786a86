import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { parseRateLimit, parseRetryAfterMs } from '../../../src-main/core/providers/retry-after.ts';

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
