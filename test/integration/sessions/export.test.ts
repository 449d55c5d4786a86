import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importReading, type CheckedInput, type Connection } from '../../../src-main/contract/index.ts';
import type { Desk } from '../../../src-main/core/index.ts';
import { connect, freshFolder, listed, nowhere, openTestDesk } from '../../support/app.ts';

const count = 2_500;
const folder = freshFolder();
const exports = join(folder, 'work', 'exports');
let desk: Desk;
let connection: Connection;

beforeAll(async () => {
  desk = await openTestDesk({ dataFolder: folder });
  connection = (await connect(desk, nowhere)).flinks;
  const lines = Array.from(
    { length: count },
    (_, index) =>
      `3f2b8c1e-5a4d-4e6f-9b7a-${String(index).padStart(12, '0')},"=cmd(${index})",65.10,CAD,${index % 2 === 0 ? 'Initiated' : 'Expired'}`,
  );
  const { importId } = await desk.handlers['imports.begin']({
    connectionId: connection.id,
    product: 'geft',
    fileName: 'x.csv',
    byteLength: null,
    source: 'imported',
    write: true,
    badLines: 'skip',
    reading: importReading.parse({}),
  });
  await desk.handlers['imports.chunk']({
    importId,
    offset: 0,
    bytes: Buffer.from(`id,reference,amount,currency,status\n${lines.join('\n')}`).toString('base64'),
  });
  expect(await desk.handlers['imports.finish']({ importId })).toMatchObject({ added: count });
});
afterAll(() => desk.close());

const { filter } = listed();
const everything: CheckedInput<'exports.start'> = { filter, except: [], format: 'csv', wholeIds: false };
const complete = async (options: CheckedInput<'exports.start'>) =>
  desk.handlers['exports.wait'](await desk.handlers['exports.start'](options));
const audit = async () => (await desk.handlers['audit.page']({ before: null, limit: 2 })).rows;

describe('an export', () => {
  // Keeps F-05.
  it('writes all that a filter matches as CSV, ids masked and formulas disarmed, and is on record', async () => {
    const state = await complete(everything);
    expect(state).toMatchObject({ state: 'finished', total: count, written: count, trouble: null });
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
    expect(await audit()).toMatchObject([
      { action: 'sessions_exported', outcome: 'finished', detail: `${count} sessions` },
      { action: 'sessions_exported', outcome: 'begun', detail: expect.stringContaining('masked ids') as string },
    ]);
  });

  it('writes a filter or a selection as JSON lines, with whole ids where asked for', async () => {
    const active = await complete({
      filter: { ...filter, statuses: ['active'] },
      except: [],
      format: 'jsonl',
      wholeIds: true,
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
    } = await desk.handlers['sessions.page'](listed({}, 1));
    expect(await complete({ sessionKeys: [first?.key ?? 0], format: 'jsonl', wholeIds: false })).toMatchObject({
      written: 1,
    });
    await expect(
      desk.handlers['exports.start']({ sessionKeys: [999_999], format: 'csv', wholeIds: false }),
    ).rejects.toMatchObject({ code: 'export_refused' });
  });

  // Keeps F-04.
  it('leaves no half of a file when it is stopped', async () => {
    mkdirSync(exports, { recursive: true });
    const before = readdirSync(exports);
    const { exportId } = await desk.handlers['exports.start'](everything);
    expect(await desk.handlers['exports.stop']({ exportId })).toMatchObject({ state: 'stopped', file: null });
    expect(readdirSync(exports)).toEqual(before);
    expect((await audit())[0]).toMatchObject({ outcome: 'stopped' });
  });

  it('says why it could not be written', async () => {
    rmSync(exports, { recursive: true });
    writeFileSync(exports, 'in the way');
    const state = await complete(everything);
    expect(state).toMatchObject({ state: 'failed', file: null });
    expect(state.trouble).toContain('could not be written');
    rmSync(exports);
  });
});
