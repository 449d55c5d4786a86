/** The interface of the readers of the three formats. A reader receives text in chunks and returns records. */
import type { Message } from '../../contract/index.ts';

/** Lines and columns count from 1; `column` is null if only the line is known. */
export interface Position {
  readonly line: number;
  readonly column: number | null;
}

/** `line` and `column` (in characters) are where the record or the problem starts, from 1. */
export type ParsedRecord =
  | { readonly kind: 'row'; readonly line: number; readonly column: number; readonly cells: readonly string[] }
  | {
      readonly kind: 'object';
      readonly line: number;
      readonly column: number;
      readonly fields: Readonly<Record<string, unknown>>;
    }
  /** This record cannot be read; the next one can. */
  | { readonly kind: 'invalid'; readonly line: number; readonly column: number; readonly reason: Message }
  /** The rest of the file cannot be read. */
  | { readonly kind: 'fatal'; readonly line: number; readonly column: number; readonly reason: Message };

/** A record that holds a session. */
export type DataRecord = Extract<ParsedRecord, { kind: 'row' | 'object' }>;

/** However a text is split into chunks, the reader returns the same records. */
export interface RecordReader {
  push(text: string): ParsedRecord[];
  end(): ParsedRecord[];
  /** The end of the text that was pushed so far. */
  position(): Position;
}

/** In characters. A longer line or element is not a session; it usually follows a missing quotation mark. */
export const maxRecordLength = 100_000;
