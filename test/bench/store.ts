import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { verify } from '../../src-main/core/audit/verification.ts';
import type { Store } from '../../src-main/core/store/index.ts';
import { createTempFolder, sessionPageInput } from '../support/app.ts';
import { median, reportComparison, measureMs } from './measure.ts';
import { benchAuditKey, openBenchStore, seedAudit, seedSessions } from './seed.ts';

const rounds = 5;
const readRounds = 21;
const million = 1_000_000;
const now = '2026-11-20T14:02:00.000Z';

/**
 * Store benchmarks: audited writes; pages, searches and counts at a million sessions; verification of a million
 * records.
 */
export async function benchStore(): Promise<void> {
  await benchCommits();
  await benchReads();
  await benchVerification();
}

/** Compares writes of 1, 8 and 64 callers with one commit per write in plain node:sqlite. */
async function benchCommits(): Promise<void> {
  const plain = timePlainCommits();
  const store = await openBenchStore(createTempFolder());
  for (const writers of [1, 8, 64]) {
    const each = async () => {
      for (let count = 0; count < 512 / writers; count += 1)
        await store.run('appendAudit', { action: 'cancel_intended', detail: { kind: 'text', text: 'bench' } });
    };
    const times = [];
    for (let round = 0; round < rounds; round += 1)
      times.push(await measureMs(() => Promise.all(Array.from({ length: writers }, each))));
    reportComparison(
      `512 durable audit records, ${writers} at a time`,
      median(times),
      plain,
      'one commit per write, plain node:sqlite',
    );
  }
  await store.close();
}

function timePlainCommits(): number {
  const database = new DatabaseSync(join(createTempFolder(), 'plain.sqlite'));
  database.exec(
    `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE audit (sequence INTEGER PRIMARY KEY, at TEXT, detail TEXT)`,
  );
  const insert = database.prepare('INSERT INTO audit (at, detail) VALUES (?, ?)');
  const times = Array.from({ length: rounds }, () => {
    const started = performance.now();
    for (let count = 0; count < 512; count += 1) insert.run(now, 'bench');
    return performance.now() - started;
  });
  database.close();
  return median(times);
}

async function benchReads(): Promise<void> {
  const [small, big] = [createTempFolder(), createTempFolder()];
  await seedSessions(small, 10_000);
  await seedSessions(big, million);
  const few = await openBenchStore(small);
  const started = performance.now();
  const many = await openBenchStore(big);
  const opening = performance.now() - started;
  const plain = new DatabaseSync(join(big, 'desk.sqlite'), { readOnly: true });
  const plainPage = plain.prepare('SELECT * FROM sessions WHERE key < ? ORDER BY key DESC LIMIT 200');
  const plainSearch = plain.prepare(
    `SELECT * FROM sessions WHERE key IN (SELECT rowid FROM sessions_search WHERE sessions_search MATCH ?)
    ORDER BY key DESC LIMIT 200`,
  );
  const plainCount = plain.prepare('SELECT status, count(*) AS count FROM sessions GROUP BY status');

  const first = await medianPageMs(few, null);
  reportComparison(
    'first page of 10,000 sessions',
    first,
    await medianMs(() => plainPage.all(10_001)),
    'plain node:sqlite, this thread',
  );
  reportComparison('first page of 1,000,000', await medianPageMs(many, null), first, 'first page of 10,000');
  reportComparison('page from the middle of 10,000', await medianPageMs(few, 5_000), first, 'first page of 10,000');
  reportComparison(
    'page from the middle of 1,000,000',
    await medianPageMs(many, million / 2),
    first,
    'first page of 10,000',
  );
  reportComparison('last page of 1,000,000', await medianPageMs(many, 201), first, 'first page of 10,000');
  reportComparison(
    'search in 1,000,000, 11 matches',
    await medianPageMs(many, null, 'Order-99999'),
    await medianMs(() => plainSearch.all('"Order-99999"')),
    'plain node:sqlite, this thread',
  );
  reportComparison(
    'search in 1,000,000, all match',
    await medianPageMs(many, null, 'Order'),
    await medianMs(() => plainSearch.all('"Order"')),
    'plain node:sqlite, this thread',
  );
  reportComparison(
    'counts by status at 1,000,000',
    await medianMs(() => many.run('sessionCountGroups', null)),
    await medianMs(() => plainCount.all()),
    'GROUP BY, plain node:sqlite',
  );
  const searched = async () => {
    for (let next: number | null = 0; next !== null;)
      ({ next } = await many.run('countGroups', { ...sessionPageInput({ search: 'Order' }), after: next }));
  };
  const plainSearched = plain.prepare(
    `SELECT status, count(*) FROM sessions
    WHERE key IN (SELECT rowid FROM sessions_search WHERE sessions_search MATCH ?) GROUP BY status`,
  );
  reportComparison(
    'counts of a search that finds all, in slices',
    await measureMs(searched),
    await measureMs(() => plainSearched.all('"Order"')),
    'in one pass, plain node:sqlite',
  );
  const check = await measureMs(() => plain.prepare('PRAGMA quick_check(1)').all());
  reportComparison(
    'opening 1,000,000 sessions, checked in the background',
    opening,
    check,
    'the check of the whole file alone',
  );
  plain.close();
  await few.close();
  await many.close();
}

function medianPageMs(from: Store, after: number | null, search = ''): Promise<number> {
  return medianMs(() =>
    from.run('sessionPage', {
      ...sessionPageInput({ search }, 200),
      after: after === null ? null : { value: null, key: after },
    }),
  );
}

async function medianMs(action: () => unknown): Promise<number> {
  const times = [];
  for (let round = 0; round < readRounds; round += 1) times.push(await measureMs(action));
  return median(times);
}

async function benchVerification(): Promise<void> {
  const folder = createTempFolder();
  await seedAudit(folder, million);
  const audited = await openBenchStore(folder);
  const database = new DatabaseSync(join(folder, 'desk.sqlite'), { readOnly: true });
  const plain = await measureMs(() => {
    for (const row of database.prepare('SELECT * FROM audit ORDER BY sequence').iterate())
      createHmac('sha256', benchAuditKey)
        .update(JSON.stringify(Object.values(row)))
        .digest('hex');
  });
  database.close();
  let slowest = 0;
  let done = false;
  const intents = (async () => {
    while (!done)
      slowest = Math.max(
        slowest,
        await measureMs(() =>
          audited.run('appendAudit', { action: 'cancel_intended', detail: { kind: 'text', text: 'meanwhile' } }),
        ),
      );
  })();
  const before = process.memoryUsage().rss;
  const durationMs = await measureMs(async () => {
    const verdict = await verify(audited, {
      head: audited.auditHead,
      headLocation: 'memory',
      signal: new AbortController().signal,
      onProgress: () => undefined,
    });
    if (verdict.result !== 'intact' || verdict.verified < million)
      throw new Error(`The audit log is not intact: ${JSON.stringify(verdict)}`);
  });
  done = true;
  await intents;
  reportComparison(
    'verification of 1,000,000 records, with intents written all along',
    durationMs,
    plain,
    'reading and hashing in one pass, this thread',
  );
  reportComparison(
    'slowest intent during the verification',
    slowest,
    durationMs / 1_000,
    'a slice of the verification',
  );
  console.log(
    `${'memory growth, all threads'.padEnd(58)} ` +
      `${((process.memoryUsage().rss - before) / 2 ** 20).toFixed(0).padStart(9)} MiB`,
  );
  await audited.close();
}
