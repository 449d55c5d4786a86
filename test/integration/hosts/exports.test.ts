/** Each kind of export, where a file with its name comes to stand there before it has that name, and where it is cut off. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { exportAudit } from '../../../src-main/core/audit/audit-export.ts';
import { ExportRunner } from '../../../src-main/core/sessions/export-runner.ts';
import type { Store } from '../../../src-main/core/store/index.ts';
import { createTempFolder, openTestApp } from '../../support/app.ts';

const noon = new Date('2026-11-20T12:00:00.000Z');

/** A desk at noon, to the millisecond, whose exports folder holds a file of somebody else's. */
async function openAppAtNoon(name: string) {
  const dataFolder = createTempFolder();
  const app = await openTestApp({ dataFolder });
  onTestFinished(() => app.close());
  const exports = join(dataFolder, 'work', 'exports');
  await mkdir(exports, { recursive: true });
  writeFileSync(join(exports, name), 'theirs');
  vi.useFakeTimers({ toFake: ['Date'], now: noon });
  onTestFinished(() => void vi.useRealTimers());
  const left = () => readdirSync(exports).map((each) => [each, readFileSync(join(exports, each), 'utf8')]);
  return { app, left };
}

// Verifies F-02.
it('an export of the audit log leaves the file alone, and nothing of its own', async () => {
  const id = '01234567-89ab-4cde-8f01-23456789abcd';
  const { app, left } = await openAppAtNoon('audit-20261120T120000Z-0123.jsonl');
  const naming = vi.spyOn(crypto, 'randomUUID').mockReturnValue(id);
  onTestFinished(() => naming.mockRestore());
  await expect(app.handlers['audit.export']({ format: 'jsonl' })).rejects.toMatchObject({ code: 'EEXIST' });
  expect(left()).toEqual([['audit-20261120T120000Z-0123.jsonl', 'theirs']]);
});

// Verifies F-02.
it('a bundle for a case leaves the file alone, and nothing of its own', async () => {
  const { app, left } = await openAppAtNoon('diagnostics-20261120T120000-000Z.zip');
  const { diagnosticsId } = await app.handlers['diagnostics.collect']({});
  await expect(app.handlers['diagnostics.write']({ diagnosticsId })).rejects.toMatchObject({
    code: 'folder_not_writable',
  });
  expect(left()).toEqual([['diagnostics-20261120T120000-000Z.zip', 'theirs']]);
});

// Verifies F-02.
it('an export of sessions leaves the file alone, and nothing of its own', async () => {
  const folder = createTempFolder();
  const store = { run: () => Promise.resolve() } as unknown as Store;
  vi.useFakeTimers({ toFake: ['Date'], now: noon });
  onTestFinished(() => void vi.useRealTimers());
  let id = '';
  const files = new ExportRunner({ store, folder, onStateChanged: ({ exportId }) => (id = exportId) });
  const record = { action: 'sessions_exported' } as const;
  const begun = await files.start({
    fileNamePrefix: 'sessions',
    format: 'csv',
    total: 1,
    startAuditEntry: record,
    createEndAuditEntry: () => record,
    async *chunks() {
      yield await Promise.resolve({ text: 'ours', rows: 1 });
      writeFileSync(join(folder, `sessions-20261120T120000Z-${id.slice(0, 4)}.csv`), 'theirs');
    },
  });
  expect(await files.wait(begun.exportId)).toMatchObject({ state: 'failed', file: null });
  expect(readdirSync(folder).map((each) => readFileSync(join(folder, each), 'utf8'))).toEqual(['theirs']);
});

// Verifies F-04.
it('an export of the audit log that is cut off leaves nothing', async () => {
  const folder = createTempFolder();
  const auditHead = { sequence: 2, mac: 'ab', keyId: 'k', log: 'l' };
  const store = {
    auditHead,
    run: () => Promise.reject(new Error('The database was closed.')),
  } as unknown as Store;
  const { signal } = new AbortController();
  await expect(exportAudit(store, { format: 'jsonl', filter: undefined, folder, signal })).rejects.toThrow('closed');
  expect(readdirSync(folder)).toEqual([]);
});
