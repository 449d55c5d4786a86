import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Bank } from '../../../src-main/core/simulator/provider-state.ts';
import { startLife } from '../../../src-main/core/simulator/auto-progress.ts';

const minutes = (count: number) => count * 60_000;
beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-20T14:00:00.000Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

/** What payers did in so many minutes of practice. */
function live(count: number) {
  const bank = new Bank({ seed: 3, count: 300, logFile: null, clock: Date.now });
  const end = startLife(bank);
  vi.advanceTimersByTime(minutes(count));
  end();
  vi.advanceTimersByTime(minutes(count));
  const effects = bank.log.records().filter((record) => record.kind === 'effect');
  return { bank, steps: effects.filter((effect) => effect.by === 'payer') };
}

describe('lively practice', () => {
  it('is gentle: three small steps a minute, and none after its end', () => {
    expect(live(20).steps).toHaveLength(60);
  });

  it('is the same for the same seed', () => {
    const [one, other] = [live(10), live(10)].map(({ steps }) => steps.map(({ id, state }) => `${id} ${state}`));
    expect(one).toEqual(other);
  });

  it('lets payers begin and pay, and leaves the training sessions alone', () => {
    const { bank, steps } = live(30);
    expect(new Set(steps.map((step) => step.state))).toEqual(new Set(['in_progress', 'completed']));
    for (const { id } of steps) expect(bank.find(id)?.reference ?? '').not.toMatch(/^Training/);
  });
});
