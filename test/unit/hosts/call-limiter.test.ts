import { expect, it } from 'vitest';
import { callLimits, CallLimiter } from '../../../src-main/hosts/call-limiter.ts';

const okEnvelope = { ok: true, value: null } as const;
const refusedEnvelope = { ok: false, error: { code: 'too_many_calls', retryable: true } };

// Verifies I-04.
it('lets through what a screen asks, and refuses what floods', async () => {
  let now = 0;
  const limiter = new CallLimiter({ burst: 3, perSecond: 10, maxPending: 100 }, () => now);
  const ask = () => limiter.run(() => Promise.resolve(okEnvelope));
  for (let count = 0; count < 3; count += 1) expect(await ask()).toEqual(okEnvelope);
  expect(await ask()).toMatchObject(refusedEnvelope);
  now = 100;
  expect(await ask()).toEqual(okEnvelope);
  expect(await ask()).toMatchObject(refusedEnvelope);
  now = 60_000;
  for (let count = 0; count < 3; count += 1) expect(await ask()).toEqual(okEnvelope);
  expect(await ask()).toMatchObject(refusedEnvelope);
});

// Verifies I-04.
it('lets only so many wait, whether they end well or not', async () => {
  const limiter = new CallLimiter({ ...callLimits, maxPending: 1 });
  let end: (error: Error) => void = () => {};
  const first = limiter.run(() => new Promise((_resolve, reject) => (end = reject)));
  expect(await limiter.run(() => Promise.resolve(okEnvelope))).toMatchObject(refusedEnvelope);
  end(new Error('over'));
  await expect(first).rejects.toThrow('over');
  expect(await limiter.run(() => Promise.resolve(okEnvelope))).toEqual(okEnvelope);
});
