/** Bytes of a file or a paste on their way to the console. */

/** Rejects where the file cannot be read any more, e.g. was moved. */
export function toBase64(bytes: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(typeof reader.result === 'string' ? (reader.result.split(',')[1] ?? '') : '');
    reader.onerror = () => reject(reader.error ?? new DOMException('The file cannot be read.'));
    reader.readAsDataURL(bytes);
  });
}

/**
 * A list of ids alone, under a line with the column's name; null for anything else. An id holds a digit and no separator,
 * and the name of a column holds none.
 */
export async function prependIdHeader(bytes: Blob): Promise<Blob | null> {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(await bytes.slice(0, 1_000).arrayBuffer());
  const marked = text.startsWith('\uFEFF');
  const [first = ''] = text.slice(marked ? 1 : 0).split(/\r?\n|\r/, 1);
  const isId = /^[^\s,;|[{\0][^\s,;|\0]*$/.test(first.trim()) && /\d/.test(first);
  return isId ? new Blob(['session_id\n', bytes.slice(marked ? 3 : 0)]) : null;
}
