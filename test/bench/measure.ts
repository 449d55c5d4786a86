/** Milliseconds that `action` takes, once. */
export async function measureMs(action: () => Promise<unknown> | unknown): Promise<number> {
  const started = performance.now();
  await action();
  return performance.now() - started;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** One line: what, how long ours and the simple thing took, and the ratio. */
export function reportComparison(what: string, ours: number, simple: number, beside: string): void {
  const ratio = (ours / simple).toFixed(2).padStart(7);
  console.log(`${what.padEnd(58)} ${ours.toFixed(2).padStart(9)} ms  ${ratio} ×  ${beside} (${simple.toFixed(2)} ms)`);
}
