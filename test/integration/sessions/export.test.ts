import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importParseOptions, type ParsedInput, type Connection } from '../../../src-main/contract/index.ts';
import type { App } from '../../../src-main/core/index.ts';
import {
  addConnections,
  createTempFolder,
  sessionPageInput,
  unreachableProvider,
  openTestApp,
} from '../../support/app.ts';

const count = 2_500;
const folder = createTempFolder();
const exportsFolder = join(folder, 'work', 'exports');
let app: App;
let connection: Connection;

beforeAll(async () => {
  app = await openTestApp({ dataFolder: folder });
  connection = (await addConnections(app, unreachableProvider)).flinks;
  const lines = Array.from({ length: count }, (_, index) => {
    const id = `3f2b8c1e-5a4d-4e6f-9b7a-${String(index).padStart(12, '0')}`;
    return `${id},"=cmd(${index})",65.10,CAD,${index % 2 === 0 ? 'Initiated' : 'Expired'}`;
  });
  const { importId } = await app.handlers['imports.start']({
    connectionId: connection.id,
    product: 'geft',
    fileName: 'x.csv',
    byteLength: null,
    source: 'imported',
    shouldWrite: true,
    onInvalidLine: 'skip',
    parseOptions: importParseOptions.parse({}),
  });
  await app.handlers['imports.addChunk']({
    importId,
    offset: 0,
    bytes: Buffer.from(`id,reference,amount,currency,status\n${lines.join('\n')}`).toString('base64'),
  });
  expect(await app.handlers['imports.finish']({ importId })).toMatchObject({ added: count });
});
afterAll(() => app.close());

const { filter } = sessionPageInput();
const allSessionsExport: ParsedInput<'exports.start'> = { filter, excludedKeys: [], format: 'csv', unmaskedIds: false };
const exportToEnd = async (options: ParsedInput<'exports.start'>) =>
  app.handlers['exports.wait'](await app.handlers['exports.start'](options));
const latestAuditRecords = async () => (await app.handlers['audit.list']({ before: null, limit: 2 })).rows;

describe('export of sessions', () => {
  // Verifies F-05.
  it('CSV: contains every match with masked IDs and escaped formulas, and is in the audit log', async () => {
    const state = await exportToEnd(allSessionsExport);
    expect(state).toMatchObject({ state: 'finished', total: count, written: count, error: null });
    const text = readFileSync(state.file ?? '', 'utf8');
    const rows = parse<Record<string, string>>(text, { columns: true });
    expect(rows).toHaveLength(count);
    expect(rows.at(-1)).toMatchObject({
      id: '3f2b8c1e…0000',
      reference: "'=cmd(0)",
      connection: 'Flinks CA',
      provider: 'flinks',
      environment: 'sandbox',
      amount: '65.10',
      currency: 'CAD',
      status: 'active',
      rawStatus: 'Initiated',
      source: 'imported',
    });
    expect(text).not.toContain('3f2b8c1e-5a4d');
    expect(statSync(state.file ?? '').mode & 0o777).toBe(0o600);
    expect(await latestAuditRecords()).toMatchObject([
      { action: 'sessions_exported', outcome: 'finished', detail: { kind: 'export_end', sessions: count } },
      { action: 'sessions_exported', outcome: 'begun', detail: { kind: 'export', unmaskedIds: false } },
    ]);
  });

  it('JSON Lines: contains a filter or a selection, with unmasked IDs if the operator selects that', async () => {
    const active = await exportToEnd({
      filter: { ...filter, statuses: ['active'] },
      excludedKeys: [],
      format: 'jsonl',
      unmaskedIds: true,
    });
    const rows = readFileSync(active.file ?? '', 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(rows).toHaveLength(count / 2);
    expect(rows.at(-1)).toMatchObject({
      id: '3f2b8c1e-5a4d-4e6f-9b7a-000000000000',
      reference: '=cmd(0)',
      status: 'active',
      lastCheckedAt: null,
    });
    expect(Object.keys(rows[0] ?? {})).not.toContain('key');
    const {
      rows: [first],
    } = await app.handlers['sessions.list'](sessionPageInput({}, 1));
    expect(await exportToEnd({ sessionKeys: [first?.key ?? 0], format: 'jsonl', unmaskedIds: false })).toMatchObject({
      written: 1,
    });
    await expect(
      app.handlers['exports.start']({ sessionKeys: [999_999], format: 'csv', unmaskedIds: false }),
    ).rejects.toMatchObject({ code: 'export_refused', messageKey: 'session.exportEmpty' });
  });

  // Verifies F-04.
  it('stop: no partial file remains', async () => {
    mkdirSync(exportsFolder, { recursive: true });
    const filesBefore = readdirSync(exportsFolder);
    const { exportId } = await app.handlers['exports.start'](allSessionsExport);
    expect(await app.handlers['exports.stop']({ exportId })).toMatchObject({ state: 'stopped', file: null });
    expect(readdirSync(exportsFolder)).toEqual(filesBefore);
    expect((await latestAuditRecords())[0]).toMatchObject({ outcome: 'stopped' });
  });

  it('error: an export that cannot be written fails with the reason', async () => {
    rmSync(exportsFolder, { recursive: true });
    writeFileSync(exportsFolder, 'a file with the name of the folder');
    const state = await exportToEnd(allSessionsExport);
    expect(state).toMatchObject({ state: 'failed', file: null });
    expect(state.error).toMatchObject({
      messageKey: 'session.exportWriteFailedWithCode',
      params: { folder: exportsFolder },
    });
    rmSync(exportsFolder);
  });
});
