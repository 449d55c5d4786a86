/** How big an input is, found out without ever doing more work than the limits allow. */

/** The longest input taken, in characters of its texts and names. Far above any form, far below what could stall the process. */
export const maxInputLength = 1_000_000;
/** A selection of 100,000 sessions is the biggest that the screen sends. */
const maxInputValues = 250_000;
/** No input of the contract is half as deep. */
const maxInputDepth = 16;

/** Why an input is not looked at further, or undefined. Plain data alone passes: what JSON could carry, and `undefined`. */
export function validateInputLimits(input: unknown): 'too_large' | 'not_plain_data' | undefined {
  let characters = 0;
  let values = 0;
  const waiting: [value: unknown, depth: number][] = [[input, 0]];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [value, depth] = next;
    if (typeof value === 'string') characters += value.length;
    else if (typeof value === 'object' && value !== null) {
      const prototype: unknown = Object.getPrototypeOf(value);
      if (prototype !== Object.prototype && prototype !== Array.prototype && prototype !== null)
        return 'not_plain_data';
      // An array may claim four thousand million places and hold nothing.
      const size = Array.isArray(value) ? value.length : Object.keys(value).length;
      if ((values += size) > maxInputValues || depth >= maxInputDepth) return 'too_large';
      for (const [name, inner] of Object.entries(value)) {
        characters += Array.isArray(value) ? 0 : name.length;
        waiting.push([inner, depth + 1]);
      }
    } else if (typeof value === 'bigint' || typeof value === 'function' || typeof value === 'symbol')
      return 'not_plain_data';
    if (characters > maxInputLength) return 'too_large';
  }
  return undefined;
}
