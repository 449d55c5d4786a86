/** A mark, a text, or a plain value, with the space before it. */
const tokenPattern = new RegExp(
  [
    String.raw`[ \t\n\r]*(?:([{}[\],:])`,
    String.raw`("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")`,
    String.raw`(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null))`,
  ].join('|'),
  'y',
);
const whitespacePattern = /[ \t\n\r]*/y;

/** What may come next: a value, a key or the end of an object, a key, a colon, or a comma or the end of what is open. */
type ExpectedToken = 'value' | 'value_or_end' | 'key' | 'key_or_end' | 'colon' | 'comma_or_end' | 'nothing';

/** Where a text stops being JSON, from 0; null where it is JSON. The engine's own message does not always say. */
export function findJsonErrorOffset(text: string): number | null {
  const open: ('{' | '[')[] = [];
  let expected: ExpectedToken = 'value';
  let at = 0;
  for (;;) {
    tokenPattern.lastIndex = at;
    const [whole, mark, string, other] = tokenPattern.exec(text) ?? [];
    const start: number =
      whole === undefined ? skipWhitespace(text, at) : at + whole.length - (mark ?? string ?? other ?? '').length;
    if (whole === undefined) return start >= text.length && expected === 'nothing' ? null : start;
    const next: ExpectedToken | null = nextExpected(expected, mark ?? (string !== undefined ? '"' : '1'), open);
    if (next === null) return start;
    expected = next;
    at += whole.length;
  }
}

function skipWhitespace(text: string, from: number): number {
  whitespacePattern.lastIndex = from;
  return from + (whitespacePattern.exec(text)?.[0].length ?? 0);
}

function nextExpected(expected: ExpectedToken, mark: string, open: ('{' | '[')[]): ExpectedToken | null {
  const closed = (): ExpectedToken => (open.length === 0 ? 'nothing' : 'comma_or_end');
  const isValue = expected === 'value' || expected === 'value_or_end';
  if (mark === '"' && (expected === 'key' || expected === 'key_or_end')) return 'colon';
  if (isValue && (mark === '"' || mark === '1')) return closed();
  if (isValue && (mark === '{' || mark === '[')) {
    open.push(mark);
    return mark === '{' ? 'key_or_end' : 'value_or_end';
  }
  if (mark === ':') return expected === 'colon' ? 'value' : null;
  if (mark === ',') return expected === 'comma_or_end' ? (open.at(-1) === '{' ? 'key' : 'value') : null;
  const mayEnd = expected === 'comma_or_end' || expected === (mark === '}' ? 'key_or_end' : 'value_or_end');
  if ((mark === '}' || mark === ']') && mayEnd && open.at(-1) === (mark === '}' ? '{' : '[')) {
    open.pop();
    return closed();
  }
  return null;
}
