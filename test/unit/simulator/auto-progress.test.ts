import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ProviderState } from '../../../src-main/core/simulator/provider-state.ts';
import { startAutoProgress } from '../../../src-main/core/simulator/auto-progress.ts';

const minutes = (count: number) => count * 60_000;
beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-20T14:00:00.000Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

/** What payers did in so many minutes of practice. */
function runAutoProgress(count: number) {
  const providerState = new ProviderState({ seed: 3, sessionCount: 300, logFile: null, clock: Date.now });
  const end = startAutoProgress(providerState);
  vi.advanceTimersByTime(minutes(count));
  end();
  vi.advanceTimersByTime(minutes(count));
  const effects = providerState.eventLog.records().filter((record) => record.kind === 'effect');
  return { providerState, steps: effects.filter((effect) => effect.by === 'payer') };
}

describe('lively practice', () => {
  it('is gentle: three small steps a minute, and none after its end', () => {
    expect(runAutoProgress(20).steps).toHaveLength(60);
  });

  it('is the same for the same seed', () => {
    const [one, other] = [runAutoProgress(10), runAutoProgress(10)].map(({ steps }) =>
      steps.map(({ id, state }) => `${id} ${state}`),
    );
    expect(one).toEqual(other);
  });

  it('lets payers begin and pay, and leaves the training sessions alone', () => {
    const { providerState, steps } = runAutoProgress(30);
    expect(new Set(steps.map((step) => step.state))).toEqual(new Set(['in_progress', 'completed']));
    for (const { id } of steps) expect(providerState.find(id)?.reference ?? '').not.toMatch(/^Training/);
  });
});
