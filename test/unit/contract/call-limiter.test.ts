import { expect, it } from 'vitest';
import { AppError, createMessage } from '../../../src-main/contract/index.ts';
import { callLimits, CallLimiter, tooManyCalls } from '../../../src-main/contract/call-limiter.ts';

const okEnvelope = { ok: true, value: null } as const;
const limitedEnvelope = { ok: false, error: { code: 'too_many_calls', retryable: true } };

// Verifies I-04.
it('CallLimiter: allows a burst, then the sustained rate, and rejects calls above it', async () => {
  let now = 0;
  const limiter = new CallLimiter({ burst: 3, perSecond: 10, maxPending: 100 }, () => now);
  const call = () => limiter.run(() => Promise.resolve(okEnvelope));
  for (let count = 0; count < 3; count += 1) expect(await call()).toEqual(okEnvelope);
  expect(await call()).toMatchObject(limitedEnvelope);
  now = 100;
  expect(await call()).toEqual(okEnvelope);
  expect(await call()).toMatchObject(limitedEnvelope);
  now = 60_000;
  for (let count = 0; count < 3; count += 1) expect(await call()).toEqual(okEnvelope);
  expect(await call()).toMatchObject(limitedEnvelope);
});

// Verifies I-04.
it('CallLimiter: limits pending calls, and frees a slot after a failed call', async () => {
  const limiter = new CallLimiter({ ...callLimits, maxPending: 1 });
  let rejectFirst: (error: Error) => void = () => {};
  const first = limiter.run(() => new Promise((_resolve, reject) => (rejectFirst = reject)));
  expect(await limiter.run(() => Promise.resolve(okEnvelope))).toMatchObject(limitedEnvelope);
  rejectFirst(new Error('failed'));
  await expect(first).rejects.toThrow('failed');
  expect(await limiter.run(() => Promise.resolve(okEnvelope))).toEqual(okEnvelope);
});

// Verifies I-04.
it('CallLimiter: a rejected call starts nothing and creates no error', async () => {
  const limiter = new CallLimiter({ ...callLimits, burst: 0 }, () => 0);
  let startedCount = 0;
  const start = () => {
    startedCount += 1;
    return Promise.resolve(okEnvelope);
  };
  expect(await limiter.run(start)).toBe(tooManyCalls);
  expect(startedCount).toBe(0);
});

it('tooManyCalls: is the envelope of an error of the contract', () => {
  expect(tooManyCalls).toEqual({
    ok: false,
    error: new AppError('too_many_calls', createMessage('app.tooManyCalls'), { retryable: true }).toCallError(),
  });
});
