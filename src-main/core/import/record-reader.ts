/** What the three readers have in common: text goes in piece by piece, rows and bad lines come out. */

export interface Position {
  readonly line: number;
  readonly column: number | null;
}

export type ParsedRecord =
  | { readonly kind: 'row'; readonly line: number; readonly column: number; readonly cells: readonly string[] }
  | {
      readonly kind: 'object';
      readonly line: number;
      readonly column: number;
      readonly fields: Readonly<Record<string, unknown>>;
    }
  /** This line cannot be read; what follows can. */
  | { readonly kind: 'invalid'; readonly line: number; readonly column: number; readonly message: string }
  /** Nothing after this can be read. */
  | { readonly kind: 'fatal'; readonly line: number; readonly column: number; readonly message: string };

/** Any cutting of the same text gives the same items, but that they may come sooner or later. */
export interface RecordReader {
  push(text: string): ParsedRecord[];
  end(): ParsedRecord[];
  /** How far it has come: the end of all text that was pushed. */
  position(): Position;
}

/** In characters. A longer line or element is no session; it is where a file has lost its quotes. */
export const maxRecordLength = 100_000;
