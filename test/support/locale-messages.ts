/** The words of a language by their whole keys. */
export function flattenMessages(tree: object, prefix = ''): Map<string, string> {
  return new Map(
    Object.entries(tree).flatMap(([name, value]: [string, unknown]): [string, string][] =>
      typeof value === 'string' ? [[prefix + name, value]] : [...flattenMessages(value as object, `${prefix}${name}.`)],
    ),
  );
}

/** As long as other languages may be: two fifths more, in words that can break and words that cannot. */
export function lengthenMessages(part: object): object {
  return Object.fromEntries(
    Object.entries(part).map(([key, value]: [string, unknown]) => [
      key,
      typeof value === 'string'
        ? value
            .split(' | ')
            .map((form) => {
              const bare = form.replaceAll(/\{\w+\}/g, '').length;
              const more = Math.ceil(bare * 0.4);
              return /\p{L}/u.test(form)
                ? `${form} ${'längere Wörter '
                    .repeat(20)
                    .slice(0, Math.max(1, more - 1))
                    .trimEnd()}`.trimEnd()
                : form;
            })
            .join(' | ')
        : lengthenMessages(value as object),
    ]),
  );
}
