import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  importParseOptions,
  maxImportChunkBytes,
  type ParsedInput,
  type Connection,
  type ImportState,
} from '../../../src-main/contract/index.ts';
import type { App } from '../../../src-main/core/index.ts';
import { dispatchCall, ignoredHostCalls } from '../../../src-main/hosts/dispatch.ts';
import {
  addConnections,
  createTempFolder,
  sessionPageInput,
  unreachableProvider,
  openTestApp,
} from '../../support/app.ts';

let app: App;
let connection: Connection;
const folder = createTempFolder();

beforeAll(async () => {
  app = await openTestApp({ dataFolder: folder });
  connection = (await addConnections(app, unreachableProvider)).flinks;
});
afterAll(() => app.close());

type BeginOptions = Partial<ParsedInput<'imports.start'>>;

async function beginImport(options: BeginOptions = {}): Promise<ImportState> {
  return await app.handlers['imports.start']({
    connectionId: connection.id,
    product: 'geft',
    fileName: 'export.csv',
    byteLength: null,
    source: 'imported',
    shouldWrite: true,
    onInvalidLine: 'skip',
    ...options,
    parseOptions: importParseOptions.parse(options.parseOptions ?? {}),
  });
}

async function sendChunks(importId: string, bytes: Uint8Array, chunkBytes = maxImportChunkBytes): Promise<void> {
  for (let offset = 0; offset < bytes.length; offset += chunkBytes) {
    await app.handlers['imports.addChunk']({
      importId,
      offset,
      bytes: Buffer.from(bytes.subarray(offset, offset + chunkBytes)).toString('base64'),
    });
  }
}

async function importText(text: string, options: BeginOptions = {}): Promise<ImportState> {
  const { importId } = await beginImport(options);
  await sendChunks(importId, Buffer.from(text));
  return await app.handlers['imports.finish']({ importId });
}

async function findSession(id: string) {
  const { rows } = await app.handlers['sessions.list'](sessionPageInput({ search: id }, 10));
  return rows.find((row) => row.id === id);
}

const latestAuditRecords = async () => (await app.handlers['audit.list']({ before: null, limit: 50 })).rows;

describe('Imports', () => {
  it('preview: shows the parsed rows without tracking them, and uses the stored mapping the next time', async () => {
    const head = Buffer.from('Ticket,Key,Amount\nT-1,sess-0001,"1.234,56"\nT-2,sess-0002,5\n').toString('base64');
    const target = { connectionId: connection.id, product: 'geft' as const, head, isComplete: true };
    const guessed = await app.handlers['imports.preview']({ ...target, parseOptions: importParseOptions.parse({}) });
    expect(guessed).toMatchObject({
      format: 'csv',
      separator: ',',
      columns: ['Ticket', 'Key', 'Amount'],
      mapping: { amount: 'Amount' },
      rows: [],
    });
    expect(guessed.error).toMatchObject({
      messageKey: 'import.idColumnUnknown',
      params: { columns: 'Ticket, Key, Amount' },
    });
    const parseOptions = importParseOptions.parse({
      mapping: { id: 'Key', reference: 'Ticket', amount: 'Amount' },
      amounts: 'comma_decimal',
    });
    const mapped = await app.handlers['imports.preview']({ ...target, parseOptions });
    expect(mapped.rows.map(({ id, reference, amount }) => [id, reference, amount])).toEqual([
      ['sess-0001', 'T-1', '1234.56'],
      ['sess-0002', 'T-2', '5'],
    ]);
    expect(await findSession('sess-0001')).toBeUndefined();
    await importText('Ticket,Key,Amount\nT-1,sess-0001,5\n', { parseOptions });
    expect(
      await app.handlers['imports.preview']({ ...target, parseOptions: importParseOptions.parse({}) }),
    ).toMatchObject({
      mappingSource: 'remembered',
      mapping: { id: 'Key' },
    });
  });

  it('import: valid lines are tracked, invalid lines are listed, and the audit log records the import', async () => {
    const [validId, rejectedId] = [randomUUID(), randomUUID()];
    const state = await importText(
      [
        'id,reference,amount,status',
        `${validId},Order-1,5,Initiated`,
        ` ${rejectedId},Order-2,6,`,
        `${rejectedId},Order-3,x,`,
        `${validId},Order-1,5,Initiated`,
        '',
      ].join('\n'),
    );
    expect(state).toMatchObject({ state: 'finished', lines: 4, added: 1, updated: 0, unchanged: 1, refused: 2 });
    const problems = await app.handlers['imports.listProblems']({ importId: state.importId, skip: 0, limit: 10 });
    expect(problems).toMatchObject({
      total: 2,
      retained: 2,
      rows: [
        { line: 3, column: 1, suggestion: rejectedId },
        { line: 4, column: 3 },
      ],
    });
    expect(await findSession(validId)).toMatchObject({
      status: 'active',
      rawStatus: 'Initiated',
      source: 'imported',
      reference: 'Order-1',
      lastCheckedAt: null,
    });
    expect((await latestAuditRecords()).slice(0, 2)).toMatchObject([
      {
        action: 'import_ended',
        outcome: 'finished',
        detail: { kind: 'import', file: 'export.csv', lines: 4, added: 1, updated: 0, refused: 2 },
        connectionId: connection.id,
      },
      { action: 'import_begun', detail: { kind: 'files', files: ['export.csv'] } },
    ]);
  });

  it('merge: fills in missing values and replaces a status only by a newer one', async () => {
    const importLine = (status: string, updatedAt: string, reference = '') =>
      importText(`id,status,updatedAt,reference\nmerge-1,${status},${updatedAt},${reference}\n`);
    await importLine('Initiated', '2026-11-01T10:00:00Z');
    expect(await importLine('Expired', '2026-11-01T09:00:00Z', 'Late')).toMatchObject({ updated: 1 });
    expect(await findSession('merge-1')).toMatchObject({ status: 'active', reference: 'Late' });
    expect(await importLine('InProgress', '2026-11-01T11:00:00Z')).toMatchObject({ updated: 1 });
    expect(await importLine('Expired', '')).toMatchObject({ unchanged: 1 });
    const session = await findSession('merge-1');
    expect(session).toMatchObject({ status: 'in_progress', reference: 'Late' });
    const { timeline } = await app.handlers['sessions.getDetails']({ sessionKey: session?.key ?? 0 });
    expect(timeline).toMatchObject([
      { kind: 'status', from: 'active', to: 'in_progress' },
      { kind: 'facts', changes: [{ fact: 'reference', from: null, to: 'Late' }] },
      { kind: 'tracked', operator: 'olivia' },
    ]);
  });

  it('pasted text: is imported like a file, with the source pasted', async () => {
    expect(await importText('id\npasted-1\n', { source: 'pasted', fileName: 'pasted' })).toMatchObject({ added: 1 });
    expect(await findSession('pasted-1')).toMatchObject({ source: 'pasted' });
  });

  it('ID of an unusual format: the session is imported with a warning', async () => {
    const state = await importText('id\nps-65f000000000000000000000\n');
    expect(state).toMatchObject({ added: 1, refused: 0, warnings: 1 });
    const {
      rows: [problem],
    } = await app.handlers['imports.listProblems']({ importId: state.importId, skip: 0, limit: 10 });
    expect(problem).toMatchObject({ line: 2, column: 1, kind: 'warning', messageKey: 'import.idUnusual' });
    expect(problem?.message).toContain('UUID');
  });

  it('check: nothing is tracked and nothing is recorded in the audit log', async () => {
    const [recordBefore] = await latestAuditRecords();
    expect(await importText('id\ncheck-1\ncheck 2\n', { shouldWrite: false })).toMatchObject({
      state: 'finished',
      shouldWrite: false,
      lines: 2,
      refused: 1,
      added: 0,
    });
    expect(await findSession('check-1')).toBeUndefined();
    expect((await latestAuditRecords())[0]).toEqual(recordBefore);
  });

  it('stop: written sessions stay, and later chunks are ignored', async () => {
    const { importId } = await beginImport();
    const rows = Buffer.from(`id\n${Array.from({ length: 10_000 }, (_, index) => `stop-${index}`).join('\n')}\n`);
    await sendChunks(importId, rows);
    const stopped = await app.handlers['imports.stop']({ importId });
    expect(stopped.state).toBe('stopped');
    expect(stopped.added).toBeGreaterThan(0);
    expect(stopped.added % 1_000).toBe(0);
    expect(
      await app.handlers['imports.addChunk']({
        importId,
        offset: rows.length,
        bytes: rows.subarray(0, 99).toString('base64'),
      }),
    ).toMatchObject({ state: 'stopped' });
    expect((await latestAuditRecords())[0]).toMatchObject({ action: 'import_ended', outcome: 'stopped' });
  });

  it('chunk: a missing, repeated or too long chunk is refused', async () => {
    const { importId } = await beginImport();
    await sendChunks(importId, Buffer.from('id\n'));
    await expect(app.handlers['imports.addChunk']({ importId, offset: 0, bytes: 'aWQK' })).rejects.toMatchObject({
      code: 'import_refused',
      messageKey: 'import.chunkOutOfOrder',
      details: { expected: 3 },
    });
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const bytes = Buffer.alloc(maxImportChunkBytes + 3).toString('base64');
    expect(
      await dispatchCall(app.handlers, ignoredHostCalls, 'imports.addChunk', { importId, offset: 3, bytes }, log),
    ).toMatchObject({
      ok: false,
      error: { code: 'invalid_input' },
    });
    const longestChunk = Buffer.alloc(maxImportChunkBytes, 'x').toString('base64');
    const chunk = { importId, offset: 3, bytes: longestChunk };
    expect(await dispatchCall(app.handlers, ignoredHostCalls, 'imports.addChunk', chunk, log)).toMatchObject({
      ok: true,
    });
    await app.handlers['imports.stop']({ importId });
  });

  it('import of 8,000 lines: other writes and reads are executed between its transactions', async () => {
    const lines = Array.from({ length: 8_000 }, (_, index) => `many-${index},Order-${index},65.00,CAD`);
    const rows = Buffer.from(`id,reference,amount,currency\n${lines.join('\n')}\n`);
    const { importId } = await beginImport({ byteLength: rows.length });
    const importing = sendChunks(importId, rows).then(() => app.handlers['imports.finish']({ importId }));
    let executed = 0;
    let isFinished = false;
    void importing.then(() => (isFinished = true));
    while (!isFinished) {
      await app.handlers['connections.setWebhookSecret']({
        connectionId: connection.id,
        secret: 'another-secret',
        allowInMemory: false,
      });
      await findSession('merge-1');
      executed += 1;
    }
    expect(await importing).toMatchObject({ added: 8_000, bytesReceived: rows.length });
    // The import has eight transactions of 1,000 sessions.
    expect(executed).toBeGreaterThanOrEqual(3);
  });

  it('close during an import: complete batches stay, and a second import adds no session twice', async () => {
    const { importId } = await beginImport();
    const rows = `id\n${Array.from({ length: 3_000 }, (_, index) => `again-${index}`).join('\n')}\n`;
    await sendChunks(importId, Buffer.from(rows));
    await app.close();
    app = await openTestApp({ dataFolder: folder });
    expect((await latestAuditRecords()).map(({ action }) => action)).toContain('import_ended');
    const state = await importText(rows);
    expect(state.added + state.unchanged).toBe(3_000);
    expect(state.unchanged % 1_000).toBe(0);
    expect(await importText(rows)).toMatchObject({ added: 0, unchanged: 3_000 });
  });
});
