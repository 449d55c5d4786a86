import { expect, it } from 'vitest';
import { callLimits, Turnstile } from '../../../src-main/hosts/call-limiter.ts';

const answered = { ok: true, value: null } as const;
const refused = { ok: false, error: { code: 'too_many_calls', retryable: true } };

// Keeps I-04.
it('lets through what a screen asks, and refuses what floods', async () => {
  let now = 0;
  const turnstile = new Turnstile({ burst: 3, perSecond: 10, waiting: 100 }, () => now);
  const ask = () => turnstile.pass(() => Promise.resolve(answered));
  for (let count = 0; count < 3; count += 1) expect(await ask()).toEqual(answered);
  expect(await ask()).toMatchObject(refused);
  now = 100;
  expect(await ask()).toEqual(answered);
  expect(await ask()).toMatchObject(refused);
  now = 60_000;
  for (let count = 0; count < 3; count += 1) expect(await ask()).toEqual(answered);
  expect(await ask()).toMatchObject(refused);
});

// Keeps I-04.
it('lets only so many wait, whether they end well or not', async () => {
  const turnstile = new Turnstile({ ...callLimits, waiting: 1 });
  let end: (error: Error) => void = () => {};
  const first = turnstile.pass(() => new Promise((_resolve, reject) => (end = reject)));
  expect(await turnstile.pass(() => Promise.resolve(answered))).toMatchObject(refused);
  end(new Error('over'));
  await expect(first).rejects.toThrow('over');
  expect(await turnstile.pass(() => Promise.resolve(answered))).toEqual(answered);
});
