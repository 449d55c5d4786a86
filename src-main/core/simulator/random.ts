/** Seeded random numbers: the same seed gives the same practice sessions on every computer. Not for secrets. */
export type RandomSource = () => number;

/** Numbers in [0, 1) from a 32-bit seed (mulberry32). */
export function seededRandom(seed: number): RandomSource {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A separate stream for each index, so that more numbers for one session change no other session. */
export function createRandomStream(seed: number, index: number): RandomSource {
  return seededRandom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));
}

/** A whole number from `min` to `max`, both included. */
export function randomInteger(random: RandomSource, min: number, max: number): number {
  return min + Math.floor(random() * (max - min + 1));
}

export function pick<Value>(random: RandomSource, values: readonly Value[]): Value {
  const value = values[Math.floor(random() * values.length)];
  if (value === undefined) throw new Error('The list to pick from is empty.');
  return value;
}

/** One of the values; the probability is proportional to the weight. */
export function pickWeighted<Value>(random: RandomSource, weighted: readonly (readonly [Value, number])[]): Value {
  let remaining = random() * weighted.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [value, weight] of weighted) {
    remaining -= weight;
    if (remaining < 0) return value;
  }
  return pick(random, weighted)[0];
}

export function randomHex(random: RandomSource, length: number): string {
  return Array.from({ length }, () => randomInteger(random, 0, 15).toString(16)).join('');
}

/** A version 4 UUID. */
export function randomUuidV4(random: RandomSource): string {
  const variant = pick(random, ['8', '9', 'a', 'b']);
  const hex = (length: number) => randomHex(random, length);
  return `${hex(8)}-${hex(4)}-4${hex(3)}-${variant}${hex(3)}-${hex(12)}`;
}
