/** The messages of a locale by their full keys. */
export function flattenMessages(tree: object, prefix = ''): Map<string, string> {
  return new Map(
    Object.entries(tree).flatMap(([name, value]: [string, unknown]): [string, string][] =>
      typeof value === 'string' ? [[prefix + name, value]] : [...flattenMessages(value as object, `${prefix}${name}.`)],
    ),
  );
}

/** Makes messages 40% longer, as translations may be, with breakable and unbreakable words. */
export function lengthenMessages(messages: object): object {
  return Object.fromEntries(
    Object.entries(messages).map(([key, value]: [string, unknown]) => [
      key,
      typeof value === 'string'
        ? value
            .split(' | ')
            .map((form) => {
              const length = form.replaceAll(/\{\w+\}/g, '').length;
              const extraLength = Math.ceil(length * 0.4);
              return /\p{L}/u.test(form)
                ? `${form} ${'längere Wörter '
                    .repeat(20)
                    .slice(0, Math.max(1, extraLength - 1))
                    .trimEnd()}`.trimEnd()
                : form;
            })
            .join(' | ')
        : lengthenMessages(value as object),
    ]),
  );
}
