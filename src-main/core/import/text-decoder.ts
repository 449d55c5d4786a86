/** From bytes to text: UTF-8, or UTF-16 where a byte order mark says so. What is no text is said to be none. */

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

export interface DecodedText {
  readonly text: string;
  /** Set where the bytes stop being text after `text`; nothing more comes then. */
  readonly decodeError: string | null;
}

/** Files that are often chosen by mistake, by their first bytes. */
const binarySignatures: readonly { readonly magicBytes: readonly number[]; readonly message: string }[] = [
  {
    magicBytes: [0x50, 0x4b, 0x03, 0x04],
    message:
      'This is a spreadsheet or an archive (ZIP), not text. Save the sheet as CSV, or unpack the archive, and choose that file.',
  },
  {
    magicBytes: [0xd0, 0xcf, 0x11, 0xe0],
    message: 'This is an old spreadsheet or document, not text. Save the sheet as CSV and choose that file.',
  },
  { magicBytes: [0x1f, 0x8b], message: 'This file is compressed (gzip). Unpack it and choose the file inside.' },
  {
    magicBytes: [0x25, 0x50, 0x44, 0x46],
    message: 'This is a PDF, not a table. Choose a CSV, JSON or JSON lines file.',
  },
];
const notTextMessage =
  'From here on this is not text in UTF-8. Save the file as UTF-8 (in a spreadsheet: “CSV UTF-8”) and choose it again.';

/** Any cutting of the same bytes gives the same text. */
export class StreamTextDecoder {
  #encoding: Encoding | null = null;
  /** Bytes that wait: the first four, or half of a character. */
  #pendingBytes: Uint8Array = new Uint8Array(0);
  #hasFailed = false;

  get encoding(): Encoding {
    return this.#encoding ?? 'utf-8';
  }

  push(bytes: Uint8Array): DecodedText {
    return this.#decodeChunk(bytes, false);
  }

  end(): DecodedText {
    return this.#decodeChunk(new Uint8Array(0), true);
  }

  #decodeChunk(bytes: Uint8Array, final: boolean): DecodedText {
    if (this.#hasFailed) return { text: '', decodeError: null };
    let all = this.#pendingBytes.length === 0 ? bytes : Buffer.concat([this.#pendingBytes, bytes]);
    if (this.#encoding === null) {
      if (all.length < 4 && !final) return this.#bufferBytes(all);
      const other = binarySignatures.find(({ magicBytes }) => magicBytes.every((byte, at) => all[at] === byte));
      if (other) return this.#fail('', other.message);
      const [encoding, markLength] = detectEncoding(all);
      this.#encoding = encoding;
      all = all.subarray(markLength);
    }
    const whole = final ? all.length : all.length - countIncompleteBytes(all, this.#encoding);
    // Copied: a view would keep the whole chunk in memory.
    this.#pendingBytes = Uint8Array.from(all.subarray(whole));
    return this.#decodeBytes(all.subarray(0, whole), this.#encoding);
  }

  #decodeBytes(bytes: Uint8Array, encoding: Encoding): DecodedText {
    let text: string;
    try {
      text = new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      const loose = new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes);
      return this.#fail(loose.slice(0, loose.search(/[\uFFFD\0]/)), notTextMessage);
    }
    const nul = text.indexOf('\0');
    return nul === -1 ? { text, decodeError: null } : this.#fail(text.slice(0, nul), notTextMessage);
  }

  #bufferBytes(bytes: Uint8Array): DecodedText {
    this.#pendingBytes = Uint8Array.from(bytes);
    return { text: '', decodeError: null };
  }

  #fail(text: string, decodeError: string): DecodedText {
    this.#hasFailed = true;
    this.#pendingBytes = new Uint8Array(0);
    return { text, decodeError };
  }
}

function detectEncoding(head: Uint8Array): [encoding: Encoding, markLength: number] {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return ['utf-8', 3];
  if (head[0] === 0xff && head[1] === 0xfe) return ['utf-16le', 2];
  if (head[0] === 0xfe && head[1] === 0xff) return ['utf-16be', 2];
  return ['utf-8', 0];
}

/** How many bytes at the end belong to a character that is not there in full. */
function countIncompleteBytes(bytes: Uint8Array, encoding: Encoding): number {
  if (encoding === 'utf-8') {
    for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
      const byte = bytes[bytes.length - back] ?? 0;
      if (byte < 0x80) return 0;
      if (byte >= 0xc0) return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > back ? back : 0;
    }
    return 0;
  }
  const odd = bytes.length % 2;
  const high = bytes[bytes.length - odd - (encoding === 'utf-16le' ? 1 : 2)] ?? 0;
  return bytes.length - odd >= 2 && high >= 0xd8 && high <= 0xdb ? odd + 2 : odd;
}
