/** Limits of call inputs. The check stops as soon as an input exceeds a limit. */

/** Maximum total length of all texts and property names of an input, in characters. */
export const maxInputLength = 1_000_000;
/** The largest input of the renderer is a selection of 100,000 sessions. */
const maxInputValues = 250_000;
/** More than twice the depth of the deepest input of the contract. */
const maxInputDepth = 16;

/** Why an input is rejected, or undefined. Allows only JSON values and `undefined`. */
export function validateInputLimits(input: unknown): 'too_large' | 'not_plain_data' | undefined {
  let characters = 0;
  let values = 0;
  const pending: [value: unknown, depth: number][] = [[input, 0]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [value, depth] = next;
    if (typeof value === 'string') characters += value.length;
    else if (typeof value === 'object' && value !== null) {
      const prototype: unknown = Object.getPrototypeOf(value);
      if (prototype !== Object.prototype && prototype !== Array.prototype && prototype !== null)
        return 'not_plain_data';
      // A sparse array can have a length of 4 billion without elements.
      const size = Array.isArray(value) ? value.length : Object.keys(value).length;
      if ((values += size) > maxInputValues || depth >= maxInputDepth) return 'too_large';
      for (const [name, inner] of Object.entries(value)) {
        characters += Array.isArray(value) ? 0 : name.length;
        pending.push([inner, depth + 1]);
      }
    } else if (typeof value === 'bigint' || typeof value === 'function' || typeof value === 'symbol')
      return 'not_plain_data';
    if (characters > maxInputLength) return 'too_large';
  }
  return undefined;
}
