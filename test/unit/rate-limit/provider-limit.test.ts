/** A provider that takes so many requests in any one second, asked at a pace: its limit is used, and hardly ever hit. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Pace } from '../../../src-main/core/rate-limit/index.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

const forever = new AbortController().signal;
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The same numbers between 0 and 1 each time (a linear congruential generator). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32) / 2 ** 32;
}

interface Limited {
  readonly perSecond: number;
  readonly tells: boolean;
  readonly jitterMs: number;
}

function provider({ perSecond, tells, jitterMs }: Limited) {
  const next = numbers(1);
  const taken: number[] = [];
  return async () => {
    await wait(5 + jitterMs * next());
    const now = performance.now();
    while ((taken[0] ?? now) <= now - 1_000) taken.shift();
    const isFree = taken.length < perSecond;
    if (isFree) taken.push(now);
    const resetMs = Math.ceil(((taken[Math.max(0, taken.length - perSecond)] ?? now) + 1_000 - now) / 10) * 10;
    const evidence = tells ? { rateLimit: { remaining: perSecond - taken.length, resetMs } } : {};
    await wait(40 + jitterMs * next());
    return isFree ? { kind: 'cancelled', evidence } : { kind: 'throttled', waitMs: 5_000, isWaitTold: false, evidence };
  };
}

/** Each asked until it is taken, behind a commit that takes a few milliseconds. Answers with milliseconds, and how often it was refused. */
async function carriedOut(pace: Pace, count: number, limited: Limited): Promise<{ ms: number; refused: number }> {
  const ask = provider(limited);
  const commit = numbers(2);
  let refused = 0;
  const from = performance.now();
  const one = async (): Promise<void> => {
    let begunAt = 0;
    const prepare = async () => {
      await wait(2 + (limited.jitterMs / 3) * commit());
      return true;
    };
    const begin = () => {
      begunAt = performance.now();
      return ask();
    };
    const answer = await pace.preparedTurn('a', forever, prepare, begin);
    if (!answer) throw new Error('It gave its turn back.');
    pace.learn('a', answer, begunAt);
    if (answer.kind === 'cancelled') return;
    refused += 1;
    await one();
  };
  let left = count;
  const workers = Array.from({ length: 50 }, async () => {
    while (left > 0) {
      left -= 1;
      await one();
    }
  });
  let ended = 0;
  void Promise.all(workers).then(() => (ended = performance.now()));
  while (ended === 0) await vi.advanceTimersByTimeAsync(1_000);
  return { ms: ended - from, refused };
}

const count = 1_500;
it.each([
  { asked: 50, perSecond: 50, tells: true, jitterMs: 1 },
  { asked: 100, perSecond: 50, tells: true, jitterMs: 6 },
  { asked: 50, perSecond: 50, tells: false, jitterMs: 1 },
  { asked: 50, perSecond: 50, tells: false, jitterMs: 6 },
  { asked: 100, perSecond: 50, tells: false, jitterMs: 6 },
  { asked: 20, perSecond: 10, tells: false, jitterMs: 6 },
])(
  'asked at $asked a second, one that takes $perSecond (told: $tells, $jitterMs ms of jitter) is used and hardly hit',
  async ({ asked, ...limited }) => {
    const pace = new Pace(() => ({ perSecond: asked, inFlight: 25 }));
    const { ms, refused } = await carriedOut(pace, count, limited);
    const share = { time: ms / ((count / limited.perSecond) * 1_000), refused: refused / count };
    expect(share.time).toBeLessThan(1.03);
    expect(share.refused).toBeLessThan(0.01);
  },
  60_000,
);
