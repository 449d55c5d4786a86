/** Exports when a file with the final name already exists, and when an export fails. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { exportAudit } from '../../../src-main/core/audit/audit-export.ts';
import { ExportRunner } from '../../../src-main/core/sessions/export-runner.ts';
import type { Store } from '../../../src-main/core/store/index.ts';
import { createTempFolder, openTestApp } from '../../support/app.ts';

const noon = new Date('2026-11-20T12:00:00.000Z');

/** An application with a fixed clock, and an existing file in its exports folder. */
async function openAppAtNoon(name: string) {
  const dataFolder = createTempFolder();
  const app = await openTestApp({ dataFolder });
  onTestFinished(() => app.close());
  const exports = join(dataFolder, 'work', 'exports');
  await mkdir(exports, { recursive: true });
  writeFileSync(join(exports, name), 'existing');
  vi.useFakeTimers({ toFake: ['Date'], now: noon });
  onTestFinished(() => void vi.useRealTimers());
  const listFiles = () => readdirSync(exports).map((file) => [file, readFileSync(join(exports, file), 'utf8')]);
  return { app, listFiles };
}

// Verifies F-02.
it('audit export: does not overwrite an existing file and leaves no temporary file', async () => {
  const id = '01234567-89ab-4cde-8f01-23456789abcd';
  const { app, listFiles } = await openAppAtNoon('audit-20261120T120000-000Z-0123.jsonl');
  const randomUuid = vi.spyOn(crypto, 'randomUUID').mockReturnValue(id);
  onTestFinished(() => randomUuid.mockRestore());
  await expect(app.handlers['audit.export']({ format: 'jsonl' })).rejects.toMatchObject({ code: 'EEXIST' });
  expect(listFiles()).toEqual([['audit-20261120T120000-000Z-0123.jsonl', 'existing']]);
});

// Verifies F-02.
it('diagnostics bundle: does not overwrite an existing file and leaves no temporary file', async () => {
  const { app, listFiles } = await openAppAtNoon('diagnostics-20261120T120000-000Z.zip');
  const { diagnosticsId } = await app.handlers['diagnostics.collect']({});
  await expect(app.handlers['diagnostics.write']({ diagnosticsId })).rejects.toMatchObject({
    code: 'folder_not_writable',
  });
  expect(listFiles()).toEqual([['diagnostics-20261120T120000-000Z.zip', 'existing']]);
});

// Verifies F-02.
it('session export: does not overwrite an existing file and leaves no temporary file', async () => {
  const folder = createTempFolder();
  const store = { run: () => Promise.resolve() } as unknown as Store;
  vi.useFakeTimers({ toFake: ['Date'], now: noon });
  onTestFinished(() => void vi.useRealTimers());
  let id = '';
  const exportRunner = new ExportRunner({ store, folder, onStateChanged: ({ exportId }) => (id = exportId) });
  const auditEntry = { action: 'sessions_exported' } as const;
  const started = await exportRunner.start({
    fileNamePrefix: 'sessions',
    format: 'csv',
    total: 1,
    startAuditEntry: auditEntry,
    createEndAuditEntry: () => auditEntry,
    async *chunks() {
      yield await Promise.resolve({ text: 'new', rows: 1 });
      writeFileSync(join(folder, `sessions-20261120T120000-000Z-${id.slice(0, 4)}.csv`), 'existing');
    },
  });
  expect(await exportRunner.wait(started.exportId)).toMatchObject({ state: 'failed', file: null });
  expect(readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'))).toEqual(['existing']);
});

// Verifies F-04.
it('audit export: a failed export leaves no file', async () => {
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
