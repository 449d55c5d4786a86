import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditExportFormat, ParsedInput } from '../../../src-main/contract/index.ts';
import type { App } from '../../../src-main/core/index.ts';
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
    name: '=HYPERLINK("http://evil.test")\r\n"quoted", ü',
    environment: 'sandbox',
    baseUrl: 'https://example.test',
    secret: 'xnd_development_secret',
    allowInMemory: false,
    options: { provider: 'xendit', forUserId: null },
  });
  await addRecords(app, 8);
});
afterAll(() => app.close());

/** Runs the verifier as an operator would. */
async function verifyFile(file: string, key: string): Promise<{ code: number; text: string }> {
  const child = spawn(process.execPath, [verifyAuditProgram, file], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(key);
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, text };
}

const exportAudit = (format: AuditExportFormat, filter?: ParsedInput<'audit.export'>['filter']) =>
  app.handlers['audit.export']({ format, filter });

describe('an export', () => {
  it('in JSON lines is vouched for by another program, given the key', async () => {
    const { file, records } = await exportAudit('jsonl');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const { code, text } = await verifyFile(file, auditKeyText());
    expect(text).toContain(`${records} MACs are valid\n`);
    expect(text).toContain('No problems found.');
    expect(code).toBe(0);
  });

  it('is checked as far as that goes without the key, and it is said how far', async () => {
    const { file } = await exportAudit('jsonl');
    const { code, text } = await verifyFile(file, '');
    expect(text).toContain('not checked: MACs, because no key was given');
    expect(text).toContain('No problems found in what could be checked.');
    expect(code).toBe(0);
  });

  it('is not vouched for under another key', async () => {
    const { file, records } = await exportAudit('jsonl');
    const { text } = await verifyFile(file, Buffer.alloc(32).toString('base64'));
    expect(text).toContain(`${records} records use another key`);
    expect(text).not.toContain('No problems found.\n');
  });

  // Verifies F-05.
  it('in CSV keeps every field, and lets no text become a formula', async () => {
    const { file, records } = await exportAudit('csv');
    const rows = parse(readFileSync(file), { columns: true }) as Record<string, string>[];
    expect(rows).toHaveLength(records + 1);
    expect(rows.at(-1)).toMatchObject({ action: 'export_head' });
    expect(rows[2]?.['connectionName']).toBe('\'=HYPERLINK("http://evil.test")\r\n"quoted", ü');
    const { code, text } = await verifyFile(file, auditKeyText());
    expect(text).toContain('not checked: MACs, because a CSV file cannot contain them exactly');
    expect(code).toBe(0);
  });

  it('of a selection says that it is one', async () => {
    const { file, records } = await exportAudit('jsonl', { ...noFilter, action: 'connection_added' });
    expect(records).toBe(9);
    const { code, text } = await verifyFile(file, auditKeyText());
    expect(text).toContain('9 records (a selection, gaps are not checked)');
    expect(code).toBe(0);
  });

  it('leaves a record', async () => {
    await exportAudit('csv');
    expect((await app.handlers['audit.page']({ before: null, limit: 1 })).rows[0]).toMatchObject({
      action: 'audit_exported',
    });
  });
});

describe('an exported file that was changed is found out', () => {
  const lines = (text: string) => text.trimEnd().split('\n');
  const joined = (all: string[]) => `${all.join('\n')}\n`;
  const without = (index: number) => (text: string) => joined(lines(text).toSpliced(index, 1));
  it.each<[string, (text: string) => string, string, 'with' | 'without']>([
    ['a field', (text) => text.replace('Account 3', 'Account 4'), 'was altered or forged', 'with'],
    ['a record removed', without(4), 'missing', 'without'],
    ['the first record removed', without(1), 'missing', 'without'],
    ['the last record removed', without(-2), 'the end was removed or changed', 'without'],
    [
      'a record doubled',
      (text) => joined(lines(text).toSpliced(5, 0, lines(text)[4] ?? '')),
      'reordered or duplicated',
      'without',
    ],
    [
      'two records swapped',
      (text) => joined(lines(text).toSpliced(4, 2, lines(text)[5] ?? '', lines(text)[4] ?? '')),
      'reordered or duplicated',
      'without',
    ],
    ['cut in the middle of a line', (text) => text.slice(0, -300), 'is incomplete or not JSON', 'without'],
    ['cut at the end of a line', without(-1), 'no head', 'without'],
    [
      'a whole export passed off as a selection',
      (text) =>
        without(4)(text)
          .replaceAll('"complete":true', '"complete":false')
          .replace(/"records":(\d+)/, (_, n: string) => `"records":${Number(n) - 1}`),
      'the head was altered',
      'with',
    ],
    ['something added', (text) => `${text}{"sequence":99}\n`, 'after the head', 'without'],
  ])('%s', async (_, change, words, key) => {
    const { file } = await exportAudit('jsonl');
    const changed = `${file}.changed.jsonl`;
    writeFileSync(changed, change(readFileSync(file, 'utf8')));
    const { code, text } = await verifyFile(changed, key === 'with' ? auditKeyText() : '');
    expect(text).toContain(words);
    expect(code).toBe(1);
  });

  it('is told from a file that is no export', async () => {
    const { code, text } = await verifyFile(verifyAuditProgram, '');
    expect(text).toContain('not an export');
    expect(code).toBe(2);
  });
});
