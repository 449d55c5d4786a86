/**
 * Import of sessions from a file. The renderer sends the bytes of the file in chunks, so that no call takes a path:
 * `imports.preview` with the beginning of the file, then `imports.start`, `imports.addChunk` for each chunk in order,
 * and `imports.finish`. A chunk call returns when the next chunk can be sent.
 */
import { z } from 'zod';
import { messageFields } from './messages/index.ts';
import { product, sessionStatus } from './domain.ts';

/** Maximum bytes of a chunk. */
export const maxImportChunkBytes = 512 * 1_024;

const base64Chunk = z.base64().max(Math.ceil(maxImportChunkBytes / 3) * 4, 'validation.importChunkTooLarge');

export const importFormat = z.enum(['csv', 'json', 'json_lines']);
export type ImportFormat = z.infer<typeof importFormat>;

/**
 * The fields that a column can provide. `updatedAt`: when the status of the line was valid; without it, an import does
 * not change a known status.
 */
export const importField = z.enum([
  'id',
  'reference',
  'amount',
  'currency',
  'status',
  'statusDetail',
  'product',
  'subAccount',
  'createdAt',
  'expiresAt',
  'updatedAt',
]);
export type ImportField = z.infer<typeof importField>;

/** The column of each field. For JSON, the key; `a.b` is a nested key. */
export const importMapping = z.partialRecord(importField, z.string().min(1).max(200));
export type ImportMapping = z.infer<typeof importMapping>;

/** How to parse a file. null: Session Desk detects the value. */
export const importParseOptions = z.object({
  format: importFormat.nullable().default(null),
  separator: z.enum([',', ';', '\t', '|']).nullable().default(null),
  /** null: the mapping that was last used for these columns, else guessed from their names. */
  mapping: importMapping.nullable().default(null),
  /** `plain`: 1234.56 only. `comma_decimal`: 1.234,56. `point_decimal`: 1,234.56. */
  amounts: z.enum(['plain', 'comma_decimal', 'point_decimal']).default('plain'),
  /** Times without a time zone are rejected, or read as UTC or as local time of this computer. */
  zonelessTimes: z.enum(['refuse', 'utc', 'machine']).default('refuse'),
  /** Accepts the suggested id if a line holds an id inside a URL or between spaces. */
  acceptSuggestedIds: z.boolean().default(false),
});
export type ImportParseOptions = z.infer<typeof importParseOptions>;

export const importProblem = z.object({
  /** Starts at 1. For a quoted value with line breaks, the line in which the record starts. */
  line: z.int().positive(),
  /** CSV: the number of the cell in its line. JSON: the character position. null: the whole line. */
  column: z.int().positive().nullable(),
  /** The name of the column or key. */
  name: z.string().nullable(),
  /** What is wrong and what to do. Never contains the line itself. */
  ...messageFields,
  /** A probable id. It is used only if the operator accepts suggested ids. */
  suggestion: z.string().nullable(),
  /** The import rejects a `refused` line and accepts a line with a `warning`. */
  kind: z.enum(['refused', 'warning']),
});
export type ImportProblem = z.infer<typeof importProblem>;

/** A line as it is tracked. */
export const importedRow = z.object({
  line: z.int().positive(),
  id: z.string(),
  product,
  reference: z.string().nullable(),
  amount: z.string().nullable(),
  currency: z.string().nullable(),
  status: sessionStatus.nullable(),
  rawStatus: z.string().nullable(),
  rawDetail: z.string().nullable(),
  subAccount: z.string().nullable(),
  createdAt: z.string().nullable(),
  expiresAt: z.string().nullable(),
  updatedAt: z.string().nullable(),
});
export type ImportedRow = z.infer<typeof importedRow>;

export const importPreview = z.object({
  format: importFormat,
  encoding: z.enum(['utf-8', 'utf-16le', 'utf-16be']),
  separator: z.string().nullable(),
  columns: z.array(z.string()),
  mapping: importMapping,
  mappingSource: z.enum(['provided', 'remembered', 'guessed']),
  rows: z.array(importedRow),
  problems: z.array(importProblem),
  /** Why the file cannot be read, e.g. because no column holds the id. */
  error: importProblem.nullable(),
});
export type ImportPreview = z.infer<typeof importPreview>;

export const importState = z.object({
  importId: z.uuid(),
  fileName: z.string(),
  /** `stopped`: by the operator, at the first invalid line (`onInvalidLine`), or because no chunk arrived in time. */
  state: z.enum(['running', 'finished', 'stopped', 'failed']),
  /** False for a check, which tracks nothing. */
  shouldWrite: z.boolean(),
  bytesReceived: z.int(),
  byteLength: z.int().nullable(),
  /** Lines (JSON: elements) read so far, valid and invalid. */
  lines: z.int(),
  /** Valid lines: new, changed, already known. A stopped import keeps the sessions it tracked. */
  added: z.int(),
  updated: z.int(),
  unchanged: z.int(),
  refused: z.int(),
  warnings: z.int(),
  /** Why the import ended before the end of the file. */
  error: importProblem.nullable(),
});
export type ImportState = z.infer<typeof importState>;

const target = { connectionId: z.uuid(), product };

export const importInputs = {
  preview: z.object({
    ...target,
    /** The first bytes of the file. */
    head: base64Chunk,
    /** Whether `head` is the whole file. */
    isComplete: z.boolean(),
    parseOptions: importParseOptions.prefault({}),
  }),
  start: z.object({
    ...target,
    fileName: z.string().trim().min(1).max(200),
    byteLength: z.int().nonnegative().nullable().default(null),
    parseOptions: importParseOptions.prefault({}),
    /** The source recorded for the sessions: a file or pasted text. */
    source: z.enum(['imported', 'pasted']).default('imported'),
    shouldWrite: z.boolean().default(true),
    /** `stop`: ends at the first invalid line and keeps the lines before it. To write all or nothing, check first. */
    onInvalidLine: z.enum(['skip', 'stop']).default('stop'),
  }),
  addChunk: z.object({
    importId: z.uuid(),
    /** Number of bytes sent before this chunk. A missing or repeated chunk is rejected. */
    offset: z.int().nonnegative(),
    bytes: base64Chunk,
  }),
  listProblems: z.object({
    importId: z.uuid(),
    skip: z.int().nonnegative().default(0),
    limit: z.int().min(1).max(500).default(100),
  }),
};

/** `total`: number of problems. `retained`: how many of the first problems can be read. */
export const importProblems = z.object({ rows: z.array(importProblem), total: z.int(), retained: z.int() });
