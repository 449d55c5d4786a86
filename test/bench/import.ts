import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { importParseOptions, maxImportChunkBytes } from '../../src-main/contract/index.ts';
import { ImportRun } from '../../src-main/core/import/index.ts';
import { Store } from '../../src-main/core/store/index.ts';
import { createTempFolder, storeWorkerUrl } from '../support/app.ts';
import { reportComparison, measureMs } from './measure.ts';

const lineCount = 1_000_000;
const now = '2026-11-20T14:02:00.000Z';

/** Compares the import of a CSV file of a million lines with plain inserts, and measures its memory. */
export async function benchImport(): Promise<void> {
  const store = await Store.open(storeWorkerUrl, {
    folder: createTempFolder(),
    operator: 'bench',
    host: 'bench',
    auditKey: new Uint8Array(32),
  });
  await store.run('putConnection', {
    row: {
      id: 'c1',
      provider: 'flinks',
      name: 'bench',
      environment: 'sandbox',
      baseUrl: 'https://example.test',
      options: '{}',
      secretPlace: 'memory',
      secretLastFour: '',
      secretStoredAt: now,
      eventSecretPlace: null,
      locked: 0,
      createdAt: now,
    },
    audit: null,
  });
  const run = new ImportRun({
    provider: 'flinks',
    product: 'geft',
    parseOptions: importParseOptions.parse({}),
    onInvalidLine: 'skip',
    getIdWarning: () => null,
    now: Date.now,
    findRememberedMapping: () => Promise.resolve(null),
    onProgress: () => undefined,
    writeBatch: (sessions) =>
      store.run('ingestSessions', { connectionId: 'c1', source: 'imported', ingestedAt: now, sessions }),
  });
  const before = process.memoryUsage.rss();
  let peak = before;
  const appMs = await measureMs(async () => {
    for (const chunk of csvChunks()) {
      await run.push(chunk);
      peak = Math.max(peak, process.memoryUsage.rss());
    }
    await run.end();
  });
  if (run.counts.added !== lineCount) throw new Error(`Only ${run.counts.added} lines were added.`);
  await store.close();
  reportComparison(
    `import of ${lineCount.toLocaleString('en')} lines of CSV`,
    appMs,
    timePlainInserts(),
    'plain node:sqlite inserts, one table and one index',
  );
  console.log(
    `  ${Math.round((lineCount / appMs) * 1_000).toLocaleString('en')} rows/s; ` +
      `${Math.round((peak - before) / 1_048_576)} MB peak memory growth ` +
      `(${Math.round(peak / 1_048_576)} MB in total)`,
  );
  await benchLongFile();
}

/** Time and memory of the reader for a file of 2 GB, without a database. */
async function benchLongFile(): Promise<void> {
  const run = new ImportRun({
    provider: 'flinks',
    product: 'geft',
    parseOptions: importParseOptions.parse({}),
    onInvalidLine: 'skip',
    getIdWarning: () => null,
    now: Date.now,
    findRememberedMapping: () => Promise.resolve(null),
    onProgress: () => undefined,
    writeBatch: null,
  });
  const chunk = Buffer.from(Array.from({ length: 2_000 }, (_, index) => `id-${index},"${'x'.repeat(240)}"\n`).join(''));
  const before = process.memoryUsage.rss();
  let peak = before;
  const durationMs = await measureMs(async () => {
    await run.push(Buffer.from('id,note\n'));
    while (run.bytesRead < 2_000_000_000) {
      await run.push(chunk);
      peak = Math.max(peak, process.memoryUsage.rss());
    }
    await run.end();
  });
  console.log(
    `a file of 2 GB, checked: ${Math.round(durationMs)} ms, ${Math.round(2_000_000 / durationMs)} ` +
      `MB/s; ${Math.round((peak - before) / 1_048_576)} MB peak memory growth`,
  );
}

const sessionIdOf = (index: number): string => `3f2b8c1e-5a4d-4e6f-9b7a-${String(index).padStart(12, '0')}`;

/** Generates the file chunk by chunk, so that it is never completely in memory. */
function* csvChunks(): Generator<Buffer> {
  let text = 'id,reference,amount,currency,status,created_at\n';
  for (let index = 0; index < lineCount; index += 1) {
    text += `${sessionIdOf(index)},"Order ${index}",${index % 1_000}.50,CAD,Initiated,2026-11-01T10:00:00Z\n`;
    if (text.length < maxImportChunkBytes - 200 && index < lineCount - 1) continue;
    yield Buffer.from(text);
    text = '';
  }
}

function timePlainInserts(): number {
  const database = new DatabaseSync(join(createTempFolder(), 'plain.sqlite'));
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE sessions (key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, reference TEXT, amount TEXT,
      currency TEXT, status TEXT, created_at TEXT)`);
  const insert = database.prepare(
    'INSERT INTO sessions (id, reference, amount, currency, status, created_at) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const started = performance.now();
  for (let index = 0; index < lineCount; index += 1) {
    if (index % 1_000 === 0) database.exec('BEGIN');
    insert.run(sessionIdOf(index), `Order ${index}`, `${index % 1_000}.50`, 'CAD', 'active', now);
    if (index % 1_000 === 999) database.exec('COMMIT');
  }
  const durationMs = performance.now() - started;
  database.close();
  return durationMs;
}
