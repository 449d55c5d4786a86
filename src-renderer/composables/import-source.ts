/** Preparation of files and pasted text for an import. */

/** Rejects if the file can no longer be read, e.g. because it was moved. */
export function toBase64(bytes: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(typeof reader.result === 'string' ? (reader.result.split(',')[1] ?? '') : '');
    reader.onerror = () => reject(reader.error ?? new DOMException('The file cannot be read.'));
    reader.readAsDataURL(bytes);
  });
}

/**
 * Adds a header line to a plain list of IDs. Returns null for any other content. The first line is an ID if it contains
 * a digit and no separator: column names contain no digits.
 */
export async function prependIdHeader(bytes: Blob): Promise<Blob | null> {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(await bytes.slice(0, 1_000).arrayBuffer());
  const hasByteOrderMark = text.startsWith('\uFEFF');
  const [firstLine = ''] = text.slice(hasByteOrderMark ? 1 : 0).split(/\r?\n|\r/, 1);
  const isId = /^[^\s,;|[{\0][^\s,;|\0]*$/.test(firstLine.trim()) && /\d/.test(firstLine);
  return isId ? new Blob(['session_id\n', bytes.slice(hasByteOrderMark ? 3 : 0)]) : null;
}
