import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { CircuitBreaker } from '../../../src-main/core/rate-limit/index.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

it('recordFailure: failures of the same kind pause the connection, and a success starts the count again', () => {
  const breaker = new CircuitBreaker<'refused' | 'other', string>({ refused: 2, other: 3 });
  const fail = (kind: 'refused' | 'other') => breaker.recordFailure('a', kind, `The issue is ${kind}.`);
  expect([fail('other'), fail('refused'), fail('other')]).toEqual([false, false, false]);
  breaker.recordSuccess('a');
  expect([fail('refused'), fail('refused'), fail('refused')]).toEqual([false, true, false]);
  expect([breaker.getIssue('a'), breaker.getIssue('b')]).toEqual(['The issue is refused.', null]);
  breaker.reset('a');
  expect(breaker.getIssue('a')).toBeNull();
});

it('trip: a pause with a duration ends by itself, and the first issue stays until then', () => {
  const breaker = new CircuitBreaker<'failed', string>({ failed: 1 }, 1_000);
  expect([breaker.trip('a', 'first'), breaker.trip('a', 'second'), breaker.getIssue('a')]).toEqual([
    true,
    false,
    'first',
  ]);
  vi.advanceTimersByTime(1_000);
  expect([breaker.getIssue('a'), breaker.trip('a', 'third'), breaker.getIssue('a')]).toEqual([null, true, 'third']);
});
