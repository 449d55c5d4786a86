import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExportFormat, ParsedInput } from '../../../src-main/contract/index.ts';
import type { App } from '../../../src-main/core/index.ts';
import { openTestApp } from '../../support/app.ts';
import { createAuditFixture, openFixture, addRecords, type AuditFixture } from './audit-fixtures.ts';

const verifyAuditProgram = fileURLToPath(new URL('../../../src-main/verify-audit.ts', import.meta.url));
const noFilter = {
  from: null,
  to: null,
  operator: null,
  action: null,
  outcome: null,
  connectionId: null,
  sessionKey: null,
  sessionId: null,
  batchId: null,
} satisfies ParsedInput<'audit.export'>['filter'];
let fixture: AuditFixture;
let app: App;
const auditKeyText = () => fixture.keychain.entries.get('work/audit-key') ?? '';

beforeAll(async () => {
  fixture = createAuditFixture();
  app = await openFixture(fixture);
  await app.handlers['connections.add']({
    name: '=HYPERLINK("http://evil.test");+1, "quoted", ü',
    environment: 'sandbox',
    baseUrl: 'https://example.test',
    secret: 'xnd_development_secret',
    allowInMemory: false,
    options: { provider: 'xendit', forUserId: null },
  });
  await addRecords(app, 8);
});
afterAll(() => app.close());

/** Runs the verifier as a separate program. */
async function verifyFile(file: string, key: string): Promise<{ code: number; text: string }> {
  const child = spawn(process.execPath, [verifyAuditProgram, file], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(key);
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, text };
}

const exportAudit = (format: ExportFormat, filter?: ParsedInput<'audit.export'>['filter']) =>
  app.handlers['audit.export']({ format, filter });

describe('audit.export', () => {
  it('audit export: a JSON Lines file verifies with the key', async () => {
    const { file, records } = await exportAudit('jsonl');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const { code, text } = await verifyFile(file, auditKeyText());
    expect(text).toContain(`${records} MACs are valid\n`);
    expect(text).toContain('No problems found.');
    expect(code).toBe(0);
  });

  it('audit export: a text with a line separator verifies', async () => {
    const otherFixture = createAuditFixture();
    const otherApp = await openTestApp({ ...otherFixture, operator: 'olivia\u2028wong' });
    const { file } = await otherApp.handlers['audit.export']({ format: 'jsonl', filter: undefined });
    await otherApp.close();
    expect(readFileSync(file, 'utf8')).toContain('\u2028');
    const key = otherFixture.keychain.entries.get('work/audit-key') ?? '';
    expect(await verifyFile(file, key)).toMatchObject({ code: 0 });
  });

  // Verifies F-08.
  it('audit export: without the key the verifier checks the links and reports that MACs were not checked', async () => {
    const { file } = await exportAudit('jsonl');
    const { code, text } = await verifyFile(file, '');
    expect(text).toContain('not verified: MACs: no key was given');
    expect(text).toContain('No problems found in what could be checked. Not everything could be verified.');
    expect(code).toBe(3);
  });

  it('audit export: with another key the records are not reported as verified', async () => {
    const { file, records } = await exportAudit('jsonl');
    const { code, text } = await verifyFile(file, Buffer.alloc(32).toString('base64'));
    expect(text).toContain(`PROBLEM: records 1 to ${records}: made with another key, and no record of the given key`);
    expect(text).not.toContain('No problems found');
    expect(code).toBe(1);
  });

  // Verifies F-05.
  it('audit export: a CSV file keeps every field and escapes formulas', async () => {
    const { file, records } = await exportAudit('csv');
    const rows = parse(readFileSync(file), { columns: true }) as Record<string, string>[];
    expect(rows).toHaveLength(records + 1);
    expect(rows.at(-1)).toMatchObject({ action: 'export_head' });
    expect(rows[2]?.['connectionName']).toBe('\'=HYPERLINK("http://evil.test");\'+1, "quoted", ü');
    const { code, text } = await verifyFile(file, auditKeyText());
    expect(text).toContain('not verified: MACs: a CSV file cannot contain them exactly');
    expect(code).toBe(3);
  });

  it('audit export: records of an earlier key are explained by the record that begins the epoch', async () => {
    const otherFixture = createAuditFixture();
    await (await openFixture(otherFixture)).close();
    otherFixture.keychain.entries.delete('work/audit-key');
    const otherApp = await openFixture(otherFixture);
    const { file } = await otherApp.handlers['audit.export']({ format: 'jsonl', filter: undefined });
    await otherApp.close();
    expect(readFileSync(file, 'utf8')).toContain('"detail":{"kind":"epoch","lastOwnSequence":0}');
    const { code, text } = await verifyFile(file, otherFixture.keychain.entries.get('work/audit-key') ?? '');
    expect(text).toContain('made with an earlier key, as the record after them states');
    expect(code).toBe(0);
  });

  it('audit export: a filtered export is reported as a selection', async () => {
    const { file, records } = await exportAudit('jsonl', { ...noFilter, action: 'connection_added' });
    expect(records).toBe(9);
    const { code, text } = await verifyFile(file, auditKeyText());
    expect(text).toMatch(/^9 records\W+a selection\b/);
    expect(code).toBe(0);
  });

  it('audit export: is recorded', async () => {
    await exportAudit('csv');
    expect((await app.handlers['audit.list']({ before: null, limit: 1 })).rows[0]).toMatchObject({
      action: 'audit_exported',
    });
  });
});

describe('verify-audit with a changed export', () => {
  const splitLines = (text: string) => text.trimEnd().split('\n');
  const joinLines = (lines: string[]) => `${lines.join('\n')}\n`;
  const zeroKeyId = `"keyId":"${'0'.repeat(16)}"`;
  const removeLine = (index: number) => (text: string) => joinLines(splitLines(text).toSpliced(index, 1));
  // Verifies F-08.
  it.each<[string, (text: string) => string, string, 'with' | 'without']>([
    ['a changed field', (text) => text.replace('Account 3', 'Account 4'), 'was altered or forged', 'with'],
    ['a removed record', removeLine(4), 'missing', 'without'],
    ['the first record removed', removeLine(1), 'missing', 'without'],
    ['the last record removed', removeLine(-2), 'the end was removed or changed', 'without'],
    [
      'a duplicated record',
      (text) => joinLines(splitLines(text).toSpliced(5, 0, splitLines(text)[4] ?? '')),
      'reordered or duplicated',
      'without',
    ],
    [
      'two records swapped',
      (text) => joinLines(splitLines(text).toSpliced(4, 2, splitLines(text)[5] ?? '', splitLines(text)[4] ?? '')),
      'reordered or duplicated',
      'without',
    ],
    [
      'truncation within a line',
      (text) => text.slice(0, -300),
      'is incomplete, not JSON, or has a field twice',
      'without',
    ],
    ['truncation after a line', removeLine(-1), 'no head', 'without'],
    [
      'a removed record and a full export relabelled as a selection',
      (text) =>
        removeLine(4)(text)
          .replaceAll('"complete":true', '"complete":false')
          .replace(/"records":(\d+)/, (_, n: string) => `"records":${Number(n) - 1}`),
      'the head or the first line was altered',
      'with',
    ],
    // A record that claims another key is not believed.
    [
      'a changed record with its key id set to zeros',
      (text) =>
        joinLines(
          splitLines(text).map((line) =>
            line.includes('Account 3')
              ? line.replace('Account 3', 'Account 4').replace(/"keyId":"[0-9a-f]{16}"/, zeroKeyId)
              : line,
          ),
        ),
      'made with another key, and no record of the given key states this',
      'with',
    ],
    [
      'a log that was made with another key',
      (text) => text.replaceAll(/"keyId":"[0-9a-f]{16}"/g, zeroKeyId),
      'made with another key, and no record of the given key states this',
      'with',
    ],
    [
      'a record with an additional field',
      (text) => joinLines(splitLines(text).with(3, (splitLines(text)[3] ?? '').replace('{', '{"approvedBy":"maria",'))),
      'line 4 does not have exactly the fields of a record',
      'with',
    ],
    [
      'a field that occurs twice',
      (text) => joinLines(splitLines(text).with(3, (splitLines(text)[3] ?? '').replace('{', '{"operator":"mallory",'))),
      'line 4 is incomplete, not JSON, or has a field twice',
      'with',
    ],
    [
      'a changed time of the export',
      (text) => text.replace(/"exportedAt":"20/, '"exportedAt":"19'),
      'the head or the first line was altered',
      'with',
    ],
    ['a line with the value null', (text) => joinLines(splitLines(text).with(3, 'null')), 'line 4 is', 'with'],
    ['an appended line', (text) => `${text}{"sequence":99}\n`, 'after the head', 'without'],
  ])('verify-audit: %s is detected', async (_, change, expectedText, key) => {
    const { file } = await exportAudit('jsonl');
    const changed = `${file}.changed.jsonl`;
    writeFileSync(changed, change(readFileSync(file, 'utf8')));
    const { code, text } = await verifyFile(changed, key === 'with' ? auditKeyText() : '');
    expect(text).toContain(expectedText);
    expect(code).toBe(1);
  });

  // Verifies F-08.
  it('verify-audit: the output contains no text of the file', async () => {
    const { file } = await exportAudit('jsonl');
    const changed = `${file}.escape.jsonl`;
    const escape = '\\u001b]0;title\\u0007';
    const text = readFileSync(file, 'utf8')
      .replaceAll('Account 3', `Account 3${escape}`)
      .replace(/"records":\d+/, `"records":"${escape}"`)
      .replace(/"sequence":5/, `"sequence":"${escape}"`);
    writeFileSync(changed, text);
    const report = await verifyFile(changed, auditKeyText());
    expect(report.text).not.toMatch(/[^\n\x20-\x7e]|title/);
    expect(report.code).toBe(1);
  });

  /** The lines of an export as format 1 has them: details are texts. */
  const withTextDetails = (lines: string[]) =>
    lines.map((line) => {
      const value = JSON.parse(line) as Record<string, unknown>;
      const { detail } = value;
      return JSON.stringify(
        detail && typeof detail === 'object' ? { ...value, detail: JSON.stringify(detail) } : value,
      );
    });

  it('verify-audit: an export of format 1 is verified except for its first line', async () => {
    const { file, records } = await exportAudit('jsonl');
    const lines = withTextDetails(splitLines(readFileSync(file, 'utf8')));
    const { head, complete } = JSON.parse(lines.at(-1) ?? '') as { head: Record<string, unknown>; complete: boolean };
    const values = [head['sequence'], head['mac'], head['keyId'], head['log'], records, complete];
    const seal = createHmac('sha256', Buffer.from(auditKeyText(), 'base64'))
      .update(`session-desk audit export v1\n${JSON.stringify(values)}`)
      .digest('hex');
    const old = `${file}.v1.jsonl`;
    const header = (lines[0] ?? '').replace('export v2', 'export v1');
    writeFileSync(old, joinLines([header, ...lines.slice(1, -1), JSON.stringify({ head, records, complete, seal })]));
    const report = await verifyFile(old, auditKeyText());
    expect(report.text).toContain('not verified: the first line: format 1 does not protect it');
    expect(report.code).toBe(3);
  });

  it.each([
    ['a program', () => verifyAuditProgram],
    ['a missing file', () => join(fixture.dataFolder, 'missing.jsonl')],
    ['a folder', () => fixture.dataFolder],
    ['an empty CSV file', () => writeTemporary('empty.csv', '')],
    ['another CSV file', () => writeTemporary('other.csv', 'id,amount\n1,2\n')],
    ['the JSON value null', () => writeTemporary('null.jsonl', 'null\n')],
  ])('verify-audit: %s ends with exit code 2', async (_, getFile) => {
    const { code, text } = await verifyFile(getFile(), '');
    expect(text).toMatch(/not an export|does not exist|cannot be read|empty/);
    expect(code).toBe(2);
  });

  function writeTemporary(name: string, text: string): string {
    const file = join(fixture.dataFolder, name);
    writeFileSync(file, text);
    return file;
  }
});
