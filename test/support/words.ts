/** The words of a language by their whole keys. */
export function flatten(tree: object, prefix = ''): Map<string, string> {
  return new Map(Object.entries(tree).flatMap(([name, value]: [string, unknown]): [string, string][] =>
    typeof value === 'string' ? [[prefix + name, value]] : [...flatten(value as object, `${prefix}${name}.`)]));
}
