/**
 * Import of sessions from a file. The screen hands the file's bytes over in chunks, on either host, so that no call takes a
 * path: `imports.preview` with the head of the file, then `imports.begin`, `imports.chunk` for each piece in order and
 * `imports.finish`. A chunk is answered when the console has room for the next one.
 */
import { z } from 'zod';
import { messageFields } from './messages/index.ts';
import { product, sessionStatus } from './domain.ts';

/** The longest piece of a file in one call, in bytes. */
export const maxImportChunkBytes = 512 * 1_024;

const base64Chunk = z
  .base64()
  .max(Math.ceil(maxImportChunkBytes / 3) * 4, `Send at most ${maxImportChunkBytes} bytes at once.`);

export const importFormat = z.enum(['csv', 'json', 'json_lines']);
export type ImportFormat = z.infer<typeof importFormat>;

/** What a column can hold. `updatedAt`: when the status in the line was true; without it an import changes no status that is known. */
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

/** Which column (JSON: which key, `a.b` for one inside another) holds what. */
export const importMapping = z.partialRecord(importField, z.string().min(1).max(200));
export type ImportMapping = z.infer<typeof importMapping>;

/** How a file is to be read. null is for the console to find out. */
export const importParseOptions = z.object({
  format: importFormat.nullable().default(null),
  separator: z.enum([',', ';', '\t', '|']).nullable().default(null),
  /** null: as the last time for these columns, else guessed from their names. */
  mapping: importMapping.nullable().default(null),
  /** `plain`: 1234.56 alone. `comma_decimal`: 1.234,56. `point_decimal`: 1,234.56. */
  amounts: z.enum(['plain', 'comma_decimal', 'point_decimal']).default('plain'),
  /** Times that name no zone: refused, or taken as UTC or as this machine's. */
  zonelessTimes: z.enum(['refuse', 'utc', 'machine']).default('refuse'),
  /** Takes the id that the console suggests where a line holds one inside a URL or between spaces. */
  acceptSuggestedIds: z.boolean().default(false),
});
export type ImportParseOptions = z.infer<typeof importParseOptions>;

export const importProblem = z.object({
  /** From 1, as an editor counts; a quoted value across lines counts from where its line begins. */
  line: z.int().positive(),
  /** CSV: the number of the cell in its line. JSON: the character. null where the whole line is meant. */
  column: z.int().positive().nullable(),
  /** The column's or key's own name. */
  name: z.string().nullable(),
  /** What is wrong and what to do. Never holds the line itself. */
  ...messageFields,
  /** An id that the line may have meant; never taken unless the operator says so. */
  suggestion: z.string().nullable(),
  /** A warning is on a line that is taken all the same. */
  kind: z.enum(['refused', 'warning']),
});
export type ImportProblem = z.infer<typeof importProblem>;

/** A line as it would be tracked. */
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
  /** What keeps the file from being read at all, e.g. no column for the id. */
  error: importProblem.nullable(),
});
export type ImportPreview = z.infer<typeof importPreview>;

export const importState = z.object({
  importId: z.uuid(),
  fileName: z.string(),
  /** `stopped`: by the operator, by the first bad line where that was asked for, or because nothing came any more. */
  state: z.enum(['running', 'finished', 'stopped', 'failed']),
  /** False for a check, which tracks nothing. */
  shouldWrite: z.boolean(),
  bytesReceived: z.int(),
  byteLength: z.int().nullable(),
  /** Lines (JSON: elements) read so far, good and bad. */
  lines: z.int(),
  /** Of the good ones: new, changed, known already. What a stopped import has taken stays. */
  added: z.int(),
  updated: z.int(),
  unchanged: z.int(),
  refused: z.int(),
  warnings: z.int(),
  /** Why it ended before the file did. */
  error: importProblem.nullable(),
});
export type ImportState = z.infer<typeof importState>;

const target = { connectionId: z.uuid(), product };

export const importInputs = {
  preview: z.object({
    ...target,
    /** The first bytes of the file. */
    head: base64Chunk,
    /** Whether that is the whole file. */
    isComplete: z.boolean(),
    parseOptions: importParseOptions.prefault({}),
  }),
  begin: z.object({
    ...target,
    fileName: z.string().trim().min(1).max(200),
    byteLength: z.int().nonnegative().nullable().default(null),
    parseOptions: importParseOptions.prefault({}),
    /** What the sessions are said to come from: a file, or text that was pasted. */
    source: z.enum(['imported', 'pasted']).default('imported'),
    shouldWrite: z.boolean().default(true),
    /** `stop` ends at the first bad line, with what came before it kept. To write all or nothing, check first. */
    onInvalidLine: z.enum(['skip', 'stop']).default('stop'),
  }),
  chunk: z.object({
    importId: z.uuid(),
    /** How many bytes were sent before: a piece lost or sent twice is refused. */
    offset: z.int().nonnegative(),
    bytes: base64Chunk,
  }),
  finish: z.object({ importId: z.uuid() }),
  stop: z.object({ importId: z.uuid() }),
  problems: z.object({
    importId: z.uuid(),
    skip: z.int().nonnegative().default(0),
    limit: z.int().min(1).max(500).default(100),
  }),
};

/** `total` counts them all; `kept` says how many of the first are here to be read. */
export const importProblems = z.object({ rows: z.array(importProblem), total: z.int(), retained: z.int() });
