/**
 * `npm run verify-audit -- FILE`: checks an exported audit log, independently of the program that wrote it. The key, in
 * base64, is read from standard input where that is not a terminal; without it, what can be checked without it is.
 *
 * The format, from which this was written:
 * - JSON lines. The first line describes the export, then one record a line, the last line holds `head`,
 *   `records` (how many there are), `complete` (whether these are all up to the head) and `seal`.
 * - A record's `mac` is HMAC-SHA-256, in hex, of the line `session-desk audit record v1` (with its line feed) and the JSON
 *   array of the record's other fields in the order in which they are exported, up to `previousMac`, which is that of the
 *   record before, or 64 zeros; then `batchId`, where it is not null. `keyId` is the first 16 hex digits of the SHA-256 of `session-desk audit key id`, a line
 *   feed and the key.
 * - `seal` is the same kind of MAC of the line `session-desk audit export v1` and the JSON array of the head's `sequence`,
 *   `mac`, `keyId` and `log`, which is the MAC of record 1, and of `records` and `complete`.
 * - CSV: the same fields by column, the head in a last row with the action `export_head`. A spreadsheet's dangerous texts are
 *   escaped and empty texts are not told from none, so that MACs cannot be computed again: only sequence and links are checked.
 *
 * Ends with 0 where nothing is amiss, 1 where something is, 2 where the file could not be read as an export.
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
/** Of a later format: covered where they are not null. */
const optionalCoveredFields = ['batchId'];

const [path] = process.argv.slice(2).filter((argument) => argument !== '--');
if (!path) exitWith(2, 'Name the file: npm run verify-audit -- FILE');
const key = await readKeyFromStdin();
const keyId = key && createHash('sha256').update('session-desk audit key id\n').update(key).digest('hex').slice(0, 16);
const genesisMac = '0'.repeat(64);
const findings: string[] = [];
/** What is missing, unless the export was a selection. */
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
    addFinding(`record ${sequence} comes where record ${expected} belongs: reordered or duplicated`);
  else if (sequence > expected) gaps.push(`record ${sequence} comes where record ${expected} belongs: missing`);
  else if (record['previousMac'] !== (previousRecord?.['mac'] ?? genesisMac)) {
    addFinding(`record ${sequence} does not follow from the one before: altered, or something is missing`);
  }
  previousRecord = record;
  if (!key || isCsv) return;
  if (record['keyId'] !== keyId) otherKeyCount += 1;
  else if (hmac('record', coveredValues(record)) === record['mac']) verifiedCount += 1;
  else addFinding(`record ${String(sequence)}: altered or forged, its MAC does not fit`);
}

function coveredValues(record: Fields): Value[] {
  const later = optionalCoveredFields.map((field) => record[field] ?? null);
  while (later.at(-1) === null) later.pop();
  return [...coveredFields.map((field) => record[field] ?? null), ...later];
}

function checkFooter(): void {
  if (!footer) return void findings.push(...gaps, 'the export has no head: its end was cut off');
  const { head, complete, seal } = footer;
  if (complete) findings.push(...gaps);
  if (footer.records !== recordCount)
    addFinding(`the export speaks of ${footer.records} records and holds ${recordCount}`);
  if (
    complete &&
    (Number(previousRecord?.['sequence']) !== head['sequence'] || previousRecord?.['mac'] !== head['mac'])
  ) {
    addFinding('the last record is not the one that the head names: the tail was cut or changed');
  }
  if (complete && firstMac !== head['log'])
    addFinding('the first record is not the one that the head names: another log');
  const sealed = [...['sequence', 'mac', 'keyId', 'log'].map((field) => head[field] ?? null), footer.records, complete];
  if (key && head['keyId'] === keyId && hmac('export', sealed) !== seal)
    addFinding('the head was altered: its seal does not fit');
}

function printReport(): never {
  const complete = footer?.complete ?? true;
  const say = (line: string) => process.stdout.write(`${line}\n`);
  say(`${recordCount} records${complete ? '' : ', a selection: gaps are not looked for'}`);
  const structure = complete ? 'sequence, links, the end against the head' : 'order, the number of records';
  say(`checked: ${structure}${key && !isCsv ? ', MACs under the key given' : ''}`);
  if (isCsv) say('not checked: MACs, which a CSV file cannot carry exactly; export JSON lines for that');
  else if (!key)
    say('not checked: MACs, because no key was given; whoever can write this file could have made it anew');
  else say(`${verifiedCount} MACs fit`);
  if (otherKeyCount > 0)
    say(`${otherKeyCount} records are under another key: nothing is known of them but their links`);
  if (key && footer && footer.head['keyId'] !== keyId)
    say('not checked: the head, which is under another key than the one given');
  for (const finding of findings.slice(0, 20)) say(`FINDING: ${finding}`);
  if (findings.length > 20) say(`and ${findings.length - 20} more`);
  if (findings.length > 0) return exitWith(1, 'The export is damaged.');
  return exitWith(
    0,
    key && !isCsv && otherKeyCount === 0 ? 'Nothing amiss.' : 'Nothing amiss in what could be checked.',
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
      if (number === 1) exitWith(2, 'This is not an export of the audit log: line 1 is no JSON.');
      addFinding(`line ${number} breaks off or is no JSON: if it is the last, a write was torn or the file was cut`);
      continue;
    }
    if (number === 1) {
      const known = value['format'] === 'session-desk audit export v1';
      if (!known) exitWith(2, 'This is not an export of the audit log, or one of a newer format.');
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
  const { mac = '', keyId: madeWith = '' } = row;
  return { head: { sequence: Number(row['sequence']), mac, keyId: madeWith, log }, ...rest };
}

function hmac(domain: 'record' | 'export', values: readonly (Value | boolean)[]): string {
  return createHmac('sha256', key ?? '')
    .update(`session-desk audit ${domain} v1\n`)
    .update(JSON.stringify(values))
    .digest('hex');
}

/** Nothing is asked for: a terminal, or no input at all, means that no key is given. */
async function readKeyFromStdin(): Promise<Buffer | null> {
  if (process.stdin.isTTY) return null;
  const wait = 'Waiting for the key on standard input; end it to go on without one.\n';
  const hint = setTimeout(() => process.stderr.write(wait), 2_000);
  let text = '';
  for await (const chunk of process.stdin) text += String(chunk);
  clearTimeout(hint);
  const bytes = Buffer.from(text.trim(), 'base64');
  if (bytes.length === 0) return null;
  if (bytes.length !== 32) exitWith(2, `The key given is ${bytes.length} bytes long; an audit key has 32, in base64.`);
  return bytes;
}

function addFinding(finding: string): void {
  findings.push(finding);
}

function exitWith(code: number, message: string): never {
  process.stdout.write(`${message}\n`);
  process.exit(code);
}
