/**
 * `npm run verify-audit -- FILE`: verifies an exported audit log, independently of the program that wrote it. Reads the
 * key, in base64, from standard input if that is not a terminal. Without a key, only sequence and links are checked.
 *
 * Format:
 * - JSON Lines. The first line describes the export. One record per line follows. The last line holds `head`, `records`
 *   (the number of records), `complete` (whether the export contains all records up to the head) and `seal`.
 * - A record's `mac` is the HMAC-SHA-256, in hex, of the line `session-desk audit record v1` (including its line feed)
 *   and the JSON array of the record's other fields in the order of export, up to `previousMac`, then `batchId` if it
 *   is not null. `previousMac` is the MAC of the previous record, or 64 zeros in the first record. `keyId` is the first
 *   16 hex digits of the SHA-256 of `session-desk audit key id`, a line feed and the key.
 * - `seal` is an HMAC of the same kind over the line `session-desk audit export v1` and the JSON array of the head's
 *   `sequence`, `mac`, `keyId` and `log` (the MAC of record 1), then `records` and `complete`.
 * - CSV: the same fields as columns; the head is the last row, with the action `export_head`. Texts that a spreadsheet
 *   would run as formulas are escaped, and empty text and null look the same, so MACs cannot be verified. Only sequence
 *   and links are checked.
 *
 * Exit codes: 0 if no problem was found, 1 if a problem was found, 2 if the file is not a readable export.
 */
import { createHash, createHmac } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { parse } from 'csv-parse';

type Value = string | number | null;
type Fields = Readonly<Record<string, Value>>;
interface ExportFooter {
  readonly head: Fields;
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

const [path] = process.argv.slice(2).filter((argument) => argument !== '--');
if (!path) exitWith(2, 'Usage: npm run verify-audit -- FILE');
const key = await readKeyFromStdin();
const keyId = key && createHash('sha256').update('session-desk audit key id\n').update(key).digest('hex').slice(0, 16);
const genesisMac = '0'.repeat(64);
const findings: string[] = [];
/** Missing records; only a problem if the export is complete. */
const gaps: string[] = [];
let previousRecord: Fields | null = null;
let firstMac: Value = null;
let recordCount = 0;
let verifiedCount = 0;
let otherKeyCount = 0;
let footer: ExportFooter | null = null;

const isCsv = path.endsWith('.csv');
await (isCsv ? readCsv(path) : readJsonLines(path));
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
  previousRecord = record;
  if (!key || isCsv) return;
  if (record['keyId'] !== keyId) otherKeyCount += 1;
  else if (hmac('record', coveredValues(record)) === record['mac']) verifiedCount += 1;
  else addFinding(`record ${String(sequence)}: its MAC is not valid, the record was altered or forged`);
}

function coveredValues(record: Fields): Value[] {
  const optional = optionalCoveredFields.map((field) => record[field] ?? null);
  while (optional.at(-1) === null) optional.pop();
  return [...coveredFields.map((field) => record[field] ?? null), ...optional];
}

function checkFooter(): void {
  if (!footer) return void findings.push(...gaps, 'the export has no head: its end is missing');
  const { head, complete, seal } = footer;
  if (complete) findings.push(...gaps);
  if (footer.records !== recordCount)
    addFinding(`the export states ${footer.records} records but contains ${recordCount}`);
  if (
    complete &&
    (Number(previousRecord?.['sequence']) !== head['sequence'] || previousRecord?.['mac'] !== head['mac'])
  ) {
    addFinding('the last record does not match the head: the end was removed or changed');
  }
  if (complete && firstMac !== head['log'])
    addFinding('the first record does not match the head: this is a different log');
  const exportMacValues = [
    ...['sequence', 'mac', 'keyId', 'log'].map((field) => head[field] ?? null),
    footer.records,
    complete,
  ];
  if (key && head['keyId'] === keyId && hmac('export', exportMacValues) !== seal)
    addFinding('the head was altered: its MAC is not valid');
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
  if (isCsv)
    print('not checked: MACs, because a CSV file cannot contain them exactly; export JSON Lines to check them');
  else if (!key)
    print('not checked: MACs, because no key was given; anyone who can write this file could have created it');
  else print(countOf(verifiedCount, 'MAC is valid', 'MACs are valid'));
  if (otherKeyCount > 0)
    print(`${countOf(otherKeyCount, 'record uses', 'records use')} another key: there, only the links were checked`);
  if (key && footer && footer.head['keyId'] !== keyId)
    print('not checked: the head, because it uses a different key than the given one');
  for (const finding of findings.slice(0, 20)) print(`PROBLEM: ${finding}`);
  if (findings.length > 20) print(`and ${findings.length - 20} more`);
  if (findings.length > 0) return exitWith(1, 'The export is damaged.');
  return exitWith(
    0,
    key && !isCsv && otherKeyCount === 0 ? 'No problems found.' : 'No problems found in what could be checked.',
  );
}

async function readJsonLines(file: string): Promise<void> {
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    number += 1;
    let value: Record<string, unknown>;
    try {
      value = JSON.parse(line) as Record<string, unknown>;
    } catch {
      if (number === 1) exitWith(2, 'This is not an export of the audit log: line 1 is not JSON.');
      addFinding(`line ${number} is incomplete or not JSON: if it is the last line, the file is incomplete`);
      continue;
    }
    if (number === 1) {
      const known = value['format'] === 'session-desk audit export v1';
      if (!known)
        exitWith(2, 'This is not an export of the audit log, or its format is newer than this program supports.');
      continue;
    }
    if (footer) addFinding(`line ${number} comes after the head`);
    else if ('head' in value) footer = value as unknown as ExportFooter;
    else checkRecord(value as Fields);
  }
  if (number === 0) exitWith(2, 'The file is empty.');
}

async function readCsv(file: string): Promise<void> {
  const rows = createReadStream(file).pipe(parse({ columns: true, relax_column_count: true }));
  for await (const row of rows as AsyncIterable<Record<string, string>>) {
    const record: Fields = { ...row, sequence: Number(row['sequence']) };
    if (footer) addFinding('a row comes after the head');
    else if (row['action'] === 'export_head') footer = parseCsvFooter(row);
    else checkRecord(record);
  }
}

function parseCsvFooter(row: Record<string, string>): ExportFooter {
  const { log, ...rest } = JSON.parse(row['detail'] ?? '{}') as Omit<ExportFooter, 'head'> & { log: string };
  const { mac = '', keyId: headKeyId = '' } = row;
  return { head: { sequence: Number(row['sequence']), mac, keyId: headKeyId, log }, ...rest };
}

function hmac(domain: 'record' | 'export', values: readonly (Value | boolean)[]): string {
  return createHmac('sha256', key ?? '')
    .update(`session-desk audit ${domain} v1\n`)
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

function addFinding(finding: string): void {
  findings.push(finding);
}

function exitWith(code: number, message: string): never {
  process.stdout.write(`${message}\n`);
  process.exit(code);
}
