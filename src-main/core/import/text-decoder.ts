/** Decodes a file to text: UTF-8, or UTF-16 with a byte order mark. Detects files that are not text. */
import { createMessage, type Message } from '../../contract/index.ts';

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

export interface DecodedText {
  readonly text: string;
  /** Why the bytes after `text` are not text; the decoder returns no text after it. */
  readonly decodeError: Message | null;
}

/** File types that are often chosen by mistake, and their first bytes. */
const binarySignatures: readonly { readonly magicBytes: readonly number[]; readonly reason: Message }[] = [
  { magicBytes: [0x50, 0x4b, 0x03, 0x04], reason: createMessage('import.fileIsArchive') },
  { magicBytes: [0xd0, 0xcf, 0x11, 0xe0], reason: createMessage('import.fileIsOldDocument') },
  { magicBytes: [0x1f, 0x8b], reason: createMessage('import.fileIsCompressed') },
  { magicBytes: [0x25, 0x50, 0x44, 0x46], reason: createMessage('import.fileIsPdf') },
];

/** Returns the same text however the bytes are split into chunks. */
export class StreamTextDecoder {
  #encoding: Encoding | null = null;
  /** Bytes for the next chunk: fewer than four at the start of the file, or an incomplete character. */
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

  #decodeChunk(bytes: Uint8Array, isFinal: boolean): DecodedText {
    if (this.#hasFailed) return { text: '', decodeError: null };
    let all = this.#pendingBytes.length === 0 ? bytes : Buffer.concat([this.#pendingBytes, bytes]);
    if (this.#encoding === null) {
      if (all.length < 4 && !isFinal) return this.#bufferBytes(all);
      const match = binarySignatures.find(({ magicBytes }) => magicBytes.every((byte, index) => all[index] === byte));
      if (match) return this.#fail('', match.reason);
      const [encoding, markLength] = detectEncoding(all);
      this.#encoding = encoding;
      all = all.subarray(markLength);
    }
    const completeLength = isFinal ? all.length : all.length - countIncompleteBytes(all, this.#encoding);
    // A copy, because a view would keep the entire chunk in memory.
    this.#pendingBytes = Uint8Array.from(all.subarray(completeLength));
    return this.#decodeBytes(all.subarray(0, completeLength), this.#encoding);
  }

  #decodeBytes(bytes: Uint8Array, encoding: Encoding): DecodedText {
    let text: string;
    try {
      text = new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      const lenientText = new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes);
      return this.#fail(lenientText.slice(0, lenientText.search(/[\uFFFD\0]/)), createMessage('import.textNotUtf8'));
    }
    const nulOffset = text.indexOf('\0');
    return nulOffset === -1
      ? { text, decodeError: null }
      : this.#fail(text.slice(0, nulOffset), createMessage('import.textNotUtf8'));
  }

  #bufferBytes(bytes: Uint8Array): DecodedText {
    this.#pendingBytes = Uint8Array.from(bytes);
    return { text: '', decodeError: null };
  }

  #fail(text: string, decodeError: Message): DecodedText {
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

/** The number of bytes at the end that belong to an incomplete character. */
function countIncompleteBytes(bytes: Uint8Array, encoding: Encoding): number {
  if (encoding === 'utf-8') {
    for (let count = 1; count <= Math.min(3, bytes.length); count += 1) {
      const byte = bytes[bytes.length - count] ?? 0;
      if (byte < 0x80) return 0;
      if (byte >= 0xc0) return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > count ? count : 0;
    }
    return 0;
  }
  const oddBytes = bytes.length % 2;
  const highByte = bytes[bytes.length - oddBytes - (encoding === 'utf-16le' ? 1 : 2)] ?? 0;
  const endsWithHighSurrogate = bytes.length - oddBytes >= 2 && highByte >= 0xd8 && highByte <= 0xdb;
  return endsWithHighSurrogate ? oddBytes + 2 : oddBytes;
}
