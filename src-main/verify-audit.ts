/**
 * `npm run verify-audit -- FILE`: verifies an exported audit log, independently of the program that wrote it. Reads the
 * key, in base64, from standard input if that is not a terminal. Without a key, only sequence and links are checked.
 *
 * Format:
 * - JSON Lines, each line exactly as JSON.stringify writes it. The first line describes the export. One record per line
 *   follows. The last line holds `head`, `records` (the number of records), `complete` (whether the export contains all
 *   records up to the head) and `seal`.
 * - A record's `mac` is the HMAC-SHA-256, in hex, of the line `session-desk audit record v1` (including its line feed)
 *   and the JSON array of the record's other fields in the order of export, up to `previousMac`, then `batchId` if it
 *   is not null. `previousMac` is the MAC of the previous record, or 64 zeros in the first record. `keyId` is the first
 *   16 hex digits of the SHA-256 of `session-desk audit key id`, a line feed and the key.
 * - `seal` is an HMAC of the same kind over the line `session-desk audit export v2` and the JSON array of the text of
 *   the first line, the head's `sequence`, `mac`, `keyId` and `log` (the MAC of record 1), then `records` and
 *   `complete`. In version 1, `session-desk audit export v1`, the first line is not covered.
 * - In version 2 a `detail` may be an object. The MAC covers its text, as JSON.stringify writes it.
 * - Records of other keys follow each other up to a record of the given key with the action `audit_epoch_began`. Its
 *   detail has the last sequence of the given key before them in `lastOwnSequence`, or is a text that ends with it.
 * - CSV: the same fields as columns; the head is the last row, with the action `export_head`. Details are English text,
 *   texts that a spreadsheet would run as formulas are escaped, and empty text and null look the same, so MACs cannot
 *   be verified. Only sequence and links are checked.
 *
 * The output contains no text of the file, only numbers. Exit codes: 0 if every record was verified with the key, 1 if
 * a problem was found, 2 if the file is not a readable export, 3 if no problem was found but not everything was
 * verified.
 */
import { createHash, createHmac } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { parse } from 'csv-parse';

type Value = string | number | null;
type Fields = Readonly<Record<string, Value>>;
interface ExportHead {
  readonly sequence: number;
  readonly mac: string;
  readonly keyId: string;
  readonly log: string;
}
interface ExportFooter {
  readonly head: ExportHead;
  readonly records: number;
  readonly complete: boolean;
  readonly seal: string;
}

const coveredFields = [
  'sequence',
  'at',
  'operator',
  'host',
  'action',
  'connectionId',
  'connectionName',
  'environment',
  'sessionKey',
  'sessionId',
  'cancellationId',
  'reasonCategory',
  'reasonNote',
  'outcome',
  'detail',
  'providerCode',
  'requestId',
  'durationMs',
  'keyId',
  'previousMac',
];
/** Fields of later versions: the MAC covers them if they are not null. */
const optionalCoveredFields = ['batchId'];
const recordFields = [...coveredFields, ...optionalCoveredFields, 'mac'];
const headFields = ['sequence', 'mac', 'keyId', 'log'];
const footerFields = ['head', 'records', 'complete', 'seal'];

const [path] = process.argv.slice(2).filter((argument) => argument !== '--');
if (!path) exitWith(2, 'Usage: npm run verify-audit -- FILE');
const key = await readKeyFromStdin();
const keyId = key && createHash('sha256').update('session-desk audit key id\n').update(key).digest('hex').slice(0, 16);
const genesisMac = '0'.repeat(64);
const findings: string[] = [];
/** What was not verified. */
const limits: string[] = [];
/** Whether a limit is more than records of an earlier key, which a verified record states. */
let hasUnexplainedLimit = false;
/** Missing records; only a problem if the export is complete. */
const gaps: string[] = [];
let previousRecord: Fields | null = null;
let firstMac: Value = null;
let recordCount = 0;
let verifiedCount = 0;
/** The first record of the current range of records with another key. */
let otherKeySince: number | null = null;
/** Ranges of records with another key that no epoch of the given key follows. */
const unexplainedRanges: string[] = [];
let headerLine = '';
let version = 2;
let footer: ExportFooter | null = null;

const isCsv = path.endsWith('.csv');
try {
  await (isCsv ? readCsv(path) : readJsonLines(path));
} catch (error) {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT') exitWith(2, 'The file does not exist.');
  if (code === 'EACCES' || code === 'EISDIR') exitWith(2, 'The file cannot be read.');
  if (code.startsWith('CSV_')) exitWith(2, 'This is not an export of the audit log: it is not valid CSV.');
  throw error;
}
endOtherKeyRange(null);
checkFooter();
printReport();

function checkRecord(record: Fields): void {
  recordCount += 1;
  if (recordCount === 1) firstMac = record['mac'] ?? null;
  const sequence = Number(record['sequence']);
  const expected = previousRecord ? Number(previousRecord['sequence']) + 1 : 1;
  if (sequence < expected)
    addFinding(`found record ${sequence}, expected record ${expected}: records were reordered or duplicated`);
  else if (sequence > expected) gaps.push(`found record ${sequence}, expected record ${expected}: records are missing`);
  else if (record['previousMac'] !== (previousRecord?.['mac'] ?? genesisMac)) {
    addFinding(`record ${sequence} does not follow the previous record: a record was altered or is missing`);
  }
  if (key && !isCsv) checkMac(record, sequence);
  previousRecord = record;
}

function checkMac(record: Fields, sequence: number): void {
  if (record['keyId'] !== keyId) {
    otherKeySince ??= sequence;
  } else if (hmac('record v1', coveredValues(record)) !== record['mac']) {
    addFinding(`record ${sequence}: its MAC is not valid, the record was altered or forged`);
  } else {
    verifiedCount += 1;
    endOtherKeyRange(record);
  }
}

/** `next`: the verified record after the range, or null at the end of the file. */
function endOtherKeyRange(next: Fields | null): void {
  if (otherKeySince === null) return;
  const detail = String(next?.['detail'] ?? '');
  const object = parseExactJson(detail);
  const reach = Number(
    isObject(object) ? object['lastOwnSequence'] : (/(?:^|\D)(\d{1,16})$/.exec(detail)?.[1] ?? Infinity),
  );
  const isEpochStart = next?.['action'] === 'audit_epoch_began' && reach < otherKeySince;
  const last = Number(previousRecord?.['sequence']);
  const range = last === otherKeySince ? `record ${last}` : `records ${otherKeySince} to ${last}`;
  if (!isEpochStart) unexplainedRanges.push(range);
  else limits.push(`${range}: made with an earlier key, as the record after them states`);
  otherKeySince = null;
}

function coveredValues(record: Fields): Value[] {
  const optional = optionalCoveredFields.map((field) => record[field] ?? null);
  while (optional.at(-1) === null) optional.pop();
  return [...coveredFields.map((field) => record[field] ?? null), ...optional];
}

function checkFooter(): void {
  const isComplete = footer?.complete ?? true;
  if (isComplete) findings.push(...gaps);
  for (const range of unexplainedRanges)
    if (isComplete) addFinding(`${range}: made with another key, and no record of the given key states this`);
    else addLimit(`${range}: made with another key`);
  if (!footer) return addFinding('the export has no head: its end is missing');
  const { head, records, complete, seal } = footer;
  if (records !== recordCount) addFinding(`the export states ${records} records but contains ${recordCount}`);
  if (complete && (Number(previousRecord?.['sequence']) !== head.sequence || previousRecord?.['mac'] !== head.mac)) {
    addFinding('the last record does not match the head: the end was removed or changed');
  }
  if (complete && firstMac !== head.log)
    addFinding('the first record does not match the head: this is a different log');
  if (!key || isCsv) return;
  if (version === 1) addLimit('the first line: format 1 does not protect it');
  const extent = [head.sequence, head.mac, head.keyId, head.log, records, complete];
  if (head.keyId !== keyId) addLimit('the head: made with another key');
  else if (hmac(`export v${version}`, version === 1 ? extent : [headerLine, ...extent]) !== seal)
    addFinding('the head or the first line was altered: the MAC of the export is not valid');
}

function countOf(count: number, one: string, other: string): string {
  return `${count} ${count === 1 ? one : other}`;
}

function printReport(): never {
  const complete = footer?.complete ?? true;
  const print = (line: string) => process.stdout.write(`${line}\n`);
  print(`${countOf(recordCount, 'record', 'records')}${complete ? '' : ' (a selection, gaps are not checked)'}`);
  const structure = complete ? 'sequence, links, and the end against the head' : 'order and number of records';
  print(`checked: ${structure}${key && !isCsv ? ', MACs with the given key' : ''}`);
  if (isCsv) addLimit('MACs: a CSV file cannot contain them exactly; export JSON Lines to check them');
  else if (!key) addLimit('MACs: no key was given; anyone who can write this file could have created it');
  else print(countOf(verifiedCount, 'MAC is valid', 'MACs are valid'));
  printList('not verified: ', limits);
  printList('PROBLEM: ', findings);
  if (findings.length > 0) return exitWith(1, 'The export is damaged.');
  if (hasUnexplainedLimit || verifiedCount === 0)
    return exitWith(3, 'No problems found in what could be checked. Not everything could be verified.');
  return exitWith(0, 'No problems found.');
}

function printList(label: string, lines: readonly string[]): void {
  for (const line of lines.slice(0, 20)) process.stdout.write(`${label}${line}\n`);
  if (lines.length > 20) process.stdout.write(`${label}and ${lines.length - 20} more\n`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasFields(value: Record<string, unknown>, fields: readonly string[]): boolean {
  const names = Object.keys(value);
  return names.length === fields.length && fields.every((field) => names.includes(field));
}

function isHex(value: unknown, length: number): boolean {
  return typeof value === 'string' && value.length === length && /^[0-9a-f]*$/.test(value);
}

function isRecord(value: Record<string, unknown>): value is Record<string, Value> {
  return (
    hasFields(value, recordFields) &&
    Number.isSafeInteger(value['sequence']) &&
    isHex(value['mac'], 64) &&
    Object.values(value).every((field) => field === null || typeof field === 'string' || typeof field === 'number')
  );
}

function isFooter(value: Record<string, unknown>): boolean {
  const { head, records, complete, seal } = value;
  return (
    hasFields(value, footerFields) &&
    isObject(head) &&
    hasFields(head, headFields) &&
    Number.isSafeInteger(head['sequence']) &&
    isHex(head['mac'], 64) &&
    isHex(head['keyId'], 16) &&
    isHex(head['log'], 64) &&
    Number.isSafeInteger(records) &&
    typeof complete === 'boolean' &&
    isHex(seal, 64)
  );
}

/** The JSON value of a line, or undefined if the line is not exactly what JSON.stringify writes for it. */
function parseExactJson(line: string): unknown {
  try {
    const value: unknown = JSON.parse(line);
    return JSON.stringify(value) === line ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Lines that end with a line feed; `node:readline` would also split at the line separator U+2028 inside a text. */
async function* readLines(file: string): AsyncGenerator<string> {
  let rest = '';
  for await (const text of createReadStream(file, 'utf8') as AsyncIterable<string>) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

async function readJsonLines(file: string): Promise<void> {
  let number = 0;
  for await (const line of readLines(file)) {
    number += 1;
    const value = parseExactJson(line);
    if (number === 1) {
      const format = isObject(value) ? value['format'] : undefined;
      version = [1, 2].find((known) => format === `session-desk audit export v${known}`) ?? 0;
      if (version === 0)
        exitWith(2, 'This is not an export of the audit log, or its format is newer than this program supports.');
      headerLine = line;
      continue;
    }
    if (footer) addFinding(`line ${number} comes after the head`);
    else if (!isObject(value)) addFinding(`line ${number} is incomplete, not JSON, or has a field twice`);
    else if (isFooter(value)) footer = value as unknown as ExportFooter;
    else {
      const { detail } = value;
      const record = version >= 2 && isObject(detail) ? { ...value, detail: JSON.stringify(detail) } : value;
      if (isRecord(record)) checkRecord(record);
      else addFinding(`line ${number} does not have exactly the fields of a record or of the head`);
    }
  }
  if (number === 0) exitWith(2, 'The file is empty.');
}

async function readCsv(file: string): Promise<void> {
  const rows = createReadStream(file).pipe(parse({ relax_column_count: true }));
  let number = 0;
  for await (const cells of rows as AsyncIterable<string[]>) {
    number += 1;
    if (number === 1) {
      if (cells.join() !== recordFields.join()) exitWith(2, 'This is not an export of the audit log.');
      continue;
    }
    const row: Record<string, string> = Object.fromEntries(
      cells.map((cell, index) => [recordFields[index] ?? '', cell]),
    );
    const record = { ...row, sequence: Number(row['sequence']) };
    if (footer) addFinding(`row ${number} comes after the head`);
    else if (cells.length !== recordFields.length)
      addFinding(`row ${number} does not have exactly the columns of a record`);
    else if (row['action'] === 'export_head') readCsvFooter(row, number);
    else if (isRecord(record)) checkRecord(record);
    else addFinding(`row ${number} is not a record`);
  }
  if (number === 0) exitWith(2, 'The file is empty.');
}

function readCsvFooter(row: Record<string, string>, number: number): void {
  const detail = parseExactJson(row['detail'] ?? '');
  const { log, ...rest } = isObject(detail) ? detail : {};
  const value = { head: { sequence: Number(row['sequence']), mac: row['mac'], keyId: row['keyId'], log }, ...rest };
  if (isFooter(value)) footer = value as unknown as ExportFooter;
  else addFinding(`row ${number} is not a valid head`);
}

function hmac(domain: string, values: readonly (Value | boolean)[]): string {
  return createHmac('sha256', key ?? '')
    .update(`session-desk audit ${domain}\n`)
    .update(JSON.stringify(values))
    .digest('hex');
}

/** Returns null without a prompt if standard input is a terminal or empty. */
async function readKeyFromStdin(): Promise<Buffer | null> {
  if (process.stdin.isTTY) return null;
  const hint = 'Waiting for the key on standard input. To continue without a key, close the input (Ctrl-D).\n';
  const hintTimer = setTimeout(() => process.stderr.write(hint), 2_000);
  let text = '';
  for await (const chunk of process.stdin) text += String(chunk);
  clearTimeout(hintTimer);
  const bytes = Buffer.from(text.trim(), 'base64');
  if (bytes.length === 0) return null;
  if (bytes.length !== 32)
    exitWith(2, `The given key has ${bytes.length} bytes. An audit key has 32 bytes, in base64.`);
  return bytes;
}

function addLimit(limit: string): void {
  limits.push(limit);
  hasUnexplainedLimit = true;
}

function addFinding(finding: string): void {
  findings.push(finding);
}

function exitWith(code: number, message: string): never {
  process.stdout.write(`${message}\n`);
  process.exit(code);
}
