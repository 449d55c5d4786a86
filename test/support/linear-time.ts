/** Detects code whose time grows with the square of its input. */
import { expect } from 'vitest';

const [shortLength, longLength] = [4_000, 64_000];

/** Milliseconds of processor time, which other processes do not change. */
function measure(run: (length: number) => unknown, length: number): number {
  const before = process.cpuUsage();
  run(length);
  return process.cpuUsage(before).user / 1_000;
}

/**
 * Fails if `run` needs clearly more than 16 times the time for a text 16 times as long; quadratic code needs 256 times.
 * Short runs are too short to measure: below 5 ms they count as 5 ms.
 */
export function expectLinearTime(run: (length: number) => unknown): void {
  run(shortLength);
  const shortMs = Math.max(5, measure(run, shortLength));
  expect(measure(run, longLength) / shortMs, `growth from ${shortMs} ms`).toBeLessThan(100);
}
