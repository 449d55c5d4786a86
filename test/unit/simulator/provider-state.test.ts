import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ProviderState, startAutoProgress } from '../../../src-main/core/simulator/provider-state.ts';
import { nonEmpty } from '../../support/non-empty.ts';

const minutes = (count: number) => count * 60_000;
beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-20T14:00:00.000Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Runs the automatic changes for this many minutes, and waits as long after their end. */
function runAutoProgress(minuteCount: number) {
  const providerState = new ProviderState({ seed: 3, sessionCount: 300, logFile: null, clock: Date.now });
  const stop = startAutoProgress(providerState);
  vi.advanceTimersByTime(minutes(minuteCount));
  stop();
  vi.advanceTimersByTime(minutes(minuteCount));
  const effects = providerState.eventLog.records().filter((record) => record.kind === 'effect');
  return { providerState, steps: effects.filter((effect) => effect.by === 'payer') };
}

describe('startAutoProgress', () => {
  it('auto progress: changes three sessions per minute, and none after it was stopped', () => {
    expect(runAutoProgress(20).steps).toHaveLength(60);
  });

  it('auto progress: the same seed gives the same changes', () => {
    const [first, second] = [runAutoProgress(10), runAutoProgress(10)].map(({ steps }) =>
      steps.map(({ id, state }) => `${id} ${state}`),
    );
    expect(first).toEqual(second);
  });

  it('auto progress: starts and completes payments, but not of training sessions', () => {
    const { providerState, steps } = runAutoProgress(30);
    expect(new Set(steps.map((step) => step.state))).toEqual(new Set(['in_progress', 'completed']));
    for (const { id } of nonEmpty(steps)) expect(providerState.find(id)?.reference ?? '').not.toMatch(/^Training/);
  });
});
