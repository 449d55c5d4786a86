/** The duration of one run of `action` in milliseconds. */
export async function measureMs(action: () => Promise<unknown> | unknown): Promise<number> {
  const started = performance.now();
  await action();
  return performance.now() - started;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Prints one line: label, duration of the app in ms, the ratio and the duration of the baseline in ms. */
export function reportComparison(label: string, appMs: number, baselineMs: number, baselineName: string): void {
  const ratio = (appMs / baselineMs).toFixed(2).padStart(7);
  console.log(
    `${label.padEnd(58)} ${appMs.toFixed(2).padStart(9)} ms  ${ratio} ×  ${baselineName} (${baselineMs.toFixed(2)} ms)`,
  );
}
