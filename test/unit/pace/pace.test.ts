import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Pace, pacedProviders, usualLimits } from '../../../src-main/core/pace/index.ts';
import type { Account, Evidence, Provider, Providers, ReadAnswer } from '../../../src-main/core/providers/index.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

const forever = new AbortController().signal;

/** Asks `count` times at once; answers with when each began. */
function burst(pace: Pace, count: number, durationMs = 0): number[] {
  const begun: number[] = [];
  const from = performance.now();
  for (let index = 0; index < count; index += 1) {
    void pace.turn('a', forever, async () => {
      begun.push(performance.now() - from);
      await new Promise((resolve) => setTimeout(resolve, durationMs));
    });
  }
  return begun;
}

describe('a pace', () => {
  it('spaces requests evenly and saves no pause up', async () => {
    const pace = new Pace(() => ({ perSecond: 10, inFlight: 4 }));
    await vi.advanceTimersByTimeAsync(5_000);
    const begun = burst(pace, 21);
    await vi.advanceTimersByTimeAsync(2_050);
    expect(begun).toHaveLength(21);
    expect(begun.every((at, index) => at >= index * 100 - 1)).toBe(true);
  });

  it('never has more in flight than allowed', async () => {
    const pace = new Pace(() => ({ perSecond: 1_000, inFlight: 2 }));
    const begun = burst(pace, 6, 500);
    await vi.advanceTimersByTimeAsync(400);
    expect(begun).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1_200);
    expect(begun).toHaveLength(6);
  });

  it('lets an operator’s own request begin at once, and the others wait the longer for it', async () => {
    const pace = new Pace(() => ({ perSecond: 1, inFlight: 1 }));
    const begun = burst(pace, 3);
    await vi.advanceTimersByTimeAsync(10);
    let mine = -1;
    void pace.first('a', () => Promise.resolve(void (mine = performance.now())));
    const asked = performance.now();
    await vi.advanceTimersByTimeAsync(1_500);
    expect(mine).toBe(asked);
    expect(begun).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1_600);
    expect(begun).toHaveLength(3);
  });

  it('waits as long as the provider asks, and no connection waits for another', async () => {
    const pace = new Pace(() => ({ perSecond: 100, inFlight: 4 }));
    pace.hold('a', 5_000);
    pace.hold('a', 10);
    const begun = burst(pace, 2);
    let other = 0;
    void pace.turn('b', forever, () => Promise.resolve(void (other += 1)));
    await vi.advanceTimersByTimeAsync(4_900);
    expect([begun.length, other]).toEqual([0, 1]);
    expect(pace.heldFor('a')).toBeGreaterThan(50);
    await vi.advanceTimersByTimeAsync(200);
    expect(begun).toHaveLength(2);
  });

  it('can be changed while requests wait', async () => {
    const pace = new Pace(() => ({ perSecond: 0.1, inFlight: 4 }));
    const begun = burst(pace, 5);
    pace.setLimits('a', { perSecond: 100, inFlight: 4 });
    await vi.advanceTimersByTimeAsync(10_200);
    expect(begun).toHaveLength(5);
  });

  it('frees the place of a request whose caller stops', async () => {
    const pace = new Pace(() => ({ perSecond: 1, inFlight: 1 }));
    const stop = new AbortController();
    burst(pace, 1);
    const waiting = pace.turn('a', stop.signal, () => Promise.resolve('asked'));
    const outcome = expect(waiting).rejects.toThrow();
    stop.abort();
    await outcome;
    await expect(pace.turn('a', stop.signal, () => Promise.resolve('asked'))).rejects.toThrow();
  });
});

describe('paced providers', () => {
  const evidence: Evidence = { httpStatus: 200, providerCode: null, providerMessage: null, requestId: null, durationMs: 1 };
  const account = { connectionId: 'a' } as Account;
  const withAnswer = (answer: ReadAnswer): Providers => {
    const provider = { read: () => Promise.resolve(answer) } as unknown as Provider;
    return { flinks: provider, xendit: provider };
  };

  it('hold the others back when the provider says to slow down, by 429 or by its window', async () => {
    const pace = new Pace(() => ({ perSecond: 100, inFlight: 4 }));
    const throttled = pacedProviders(withAnswer({ kind: 'throttled', cause: 'throttled', waitMs: 7_000, evidence }), pace, 'operator');
    await throttled.xendit.read(account, { id: '1', product: 'payment_session', subAccount: null }, forever);
    expect(pace.heldFor('a')).toBe(7_000);
    const spent = pacedProviders(withAnswer({ kind: 'not_found', cause: null, evidence: { ...evidence, rateLimit: { remaining: 0, resetMs: 9_000 } } }), pace, 'operator');
    await spent.xendit.read(account, { id: '1', product: 'payment_session', subAccount: null }, forever);
    expect(pace.heldFor('a')).toBe(9_000);
  });

  it('answer as not sent where the caller stops before the turn comes', async () => {
    const pace = new Pace(() => ({ perSecond: 100, inFlight: 4 }));
    pace.hold('a', 60_000);
    const stop = new AbortController();
    const providers = pacedProviders(withAnswer({ kind: 'not_found', cause: null, evidence }), pace, 'background');
    const reading = providers.flinks.read(account, { id: '1', product: 'geft', subAccount: null }, stop.signal);
    stop.abort();
    expect(await reading).toMatchObject({ kind: 'not_sent', cause: 'stopped_before_sending' });
  });

  it('have the limits that the providers publish', () => {
    const of = (provider: 'flinks' | 'xendit', environment: 'sandbox' | 'production') => usualLimits({ environment, options: { provider } as never });
    expect([of('flinks', 'production'), of('xendit', 'sandbox'), of('xendit', 'production')]).toEqual([
      { perSecond: 2, inFlight: 2 }, { perSecond: 1, inFlight: 4 }, { perSecond: 10, inFlight: 4 },
    ]);
  });
});
