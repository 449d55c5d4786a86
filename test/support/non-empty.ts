/**
 * Returns `items` as an array. Throws if there are none: a loop without a round, a filter of nothing and a table of no
 * cases would pass without a check.
 */
export function nonEmpty<T>(items: Iterable<T>): T[] {
  const list = Array.isArray(items) ? (items as T[]) : [...items];
  if (list.length === 0) throw new Error('There is nothing to check: the collection is empty.');
  return list;
}
