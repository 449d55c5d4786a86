import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { Store, type NewSession } from '../../src-main/core/store/index.ts';
import { freshFolder, storeWorker } from '../support/desk.ts';
import { median, report, timed } from './measure.ts';

const rounds = 5;
const now = '2026-11-20T14:02:00.000Z';

/** Durable, audited writes from 1, 8 and 64 callers, beside one commit each in plain node:sqlite; and pages of a long list. */
export async function benchStore(): Promise<void> {
  const plain = plainCommits();
  const store = await Store.open(storeWorker, { folder: freshFolder(), operator: 'bench', host: 'bench', auditKey: new Uint8Array(32) });
  for (const writers of [1, 8, 64]) {
    const each = async () => {
      for (let count = 0; count < 512 / writers; count += 1) await store.run('appendAudit', { action: 'cancel_intended', detail: 'bench' });
    };
    const times = [];
    for (let round = 0; round < rounds; round += 1) times.push(await timed(() => Promise.all(Array.from({ length: writers }, each))));
    report(`512 durable audit records, ${writers} at a time`, median(times), plain, 'one commit each, plain node:sqlite');
  }
  await benchPages(store);
  await store.close();
}

function plainCommits(): number {
  const database = new DatabaseSync(join(freshFolder(), 'plain.sqlite'));
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE audit (sequence INTEGER PRIMARY KEY, at TEXT, detail TEXT)');
  const insert = database.prepare('INSERT INTO audit (at, detail) VALUES (?, ?)');
  const times = Array.from({ length: rounds }, () => {
    const started = performance.now();
    for (let count = 0; count < 512; count += 1) insert.run(now, 'bench');
    return performance.now() - started;
  });
  database.close();
  return median(times);
}

async function benchPages(store: Store): Promise<void> {
  await store.run('putConnection', {
    row: {
      id: 'c1', provider: 'flinks', name: 'bench', environment: 'sandbox', baseUrl: 'https://example.test', options: '{}',
      secretPlace: 'memory', secretLastFour: '', secretStoredAt: now, eventSecretPlace: null, createdAt: now,
    },
    audit: null,
  });
  const page = async (after: number | null, search = '') => {
    const times = [];
    for (let round = 0; round < 21; round += 1) {
      times.push(await timed(() => store.run('sessionPage', { filter: { search, status: null }, after, skip: 0, limit: 200 })));
    }
    return median(times);
  };
  await track(store, 0, 10_000);
  const first = await page(null);
  const search = await page(null, 'Order-99');
  await track(store, 10_000, 50_000);
  report('first page of 50,000 sessions', await page(null), first, 'first page of 10,000');
  report('page from the middle of 50,000 sessions', await page(25_000), first, 'first page of 10,000');
  report('search in 50,000 sessions', await page(null, 'Order-99'), search, 'search in 10,000');
}

function track(store: Store, from: number, to: number): Promise<unknown> {
  const sessions = Array.from({ length: to - from }, (_, index): NewSession => ({
    connectionId: 'c1', product: 'geft', id: crypto.randomUUID(), reference: `Order-${from + index}`, amount: '65.00', currency: 'CAD',
    status: 'active', rawStatus: null, rawDetail: null, source: 'imported', subAccount: null, createdAt: now, expiresAt: null,
    firstSeenAt: now, lastCheckedAt: null,
  }));
  return store.run('trackSessions', { sessions, audit: null });
}
