/**
 * Long reads over 60,000 rows, 20,000 in a slice: other requests run between their slices, and a cancelled read ends.
 */
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { emptySessionFilter, auditFilter, type SessionSort } from '../../../src-main/contract/index.ts';
import { Store } from '../../../src-main/core/store/index.ts';
import type { OperationInput } from '../../../src-main/core/store/operations/index.ts';
import type { StoreReply, StoreRequest, WorkerOptions } from '../../../src-main/core/store/worker-protocol.ts';
import { createTempFolder, storeWorkerUrl } from '../../support/app.ts';

const options: WorkerOptions = {
  folder: createTempFolder(),
  operator: 'olivia',
  host: 'desk-7',
  auditKey: new Uint8Array(32).fill(7),
};
const matchesNothing = { ...emptySessionFilter, search: 'zq' };
const pageInput = (by: SessionSort['by']): OperationInput<'sessionPage'> => ({
  filter: matchesNothing,
  sort: { by, descending: true },
  after: null,
  skip: 0,
  limit: 200,
});

beforeAll(async () => {
  await (await Store.open(storeWorkerUrl, options)).close();
  const database = new DatabaseSync(join(options.folder, 'desk.sqlite'));
  database.exec(`INSERT INTO connections
      (id, provider, name, environment, base_url, options, secret_place, secret_last_four, secret_stored_at, created_at)
      VALUES ('c1', 'flinks', 'x', 'sandbox', '', '{}', 'memory', '', '', '');
    WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < 60000)
    INSERT INTO sessions (connection_id, product, id, reference, status, source, first_seen_at)
      SELECT 'c1', 'geft', 'id-' || number, 'Order-' || number, 'active', 'imported', '2026-11-' || (10 + number % 20)
      FROM numbers;
    INSERT INTO audit (sequence, at, operator, host, action, outcome, key_id, previous_mac, mac)
      SELECT key + 1000, '2026-11-20T14:02:00.000Z', 'maria', 'desk-4', 'cancel_settled', 'cancelled', '', '', ''
      FROM sessions WHERE key <= 50000`);
  database.close();
});

describe('Store.run with a long read', () => {
  let store: Store;
  beforeEach(async () => {
    store = await Store.open(storeWorkerUrl, options);
  });
  afterEach(() => store.close());

  const longReads: [string, (signal: AbortSignal) => Promise<unknown>][] = [
    ['a page in tracking order', (signal) => store.run('sessionPage', pageInput('tracked'), signal)],
    ['a page in creation order', (signal) => store.run('sessionPage', pageInput('created'), signal)],
    ['a page in the order of equal values', (signal) => store.run('sessionPage', pageInput('status'), signal)],
    ['a count', (signal) => store.run('countSelected', { filter: matchesNothing, excludedKeys: [] }, signal)],
    [
      'the rows of an export',
      (signal) =>
        store.run(
          'selectedRows',
          { selection: { filter: matchesNothing, excludedKeys: [] }, belowKey: 1e9, limit: 500 },
          signal,
        ),
    ],
    [
      'a page of the audit log',
      async (signal) => {
        const page = await store.run(
          'auditPage',
          { before: null, limit: 200, filter: auditFilter.parse({ operator: 'maria', outcome: 'cancelled' }) },
          signal,
        );
        expect([page.rows.length, page.rows[0]?.sequence, page.total]).toEqual([200, 51_000, 50_000]);
        return page;
      },
    ],
  ];

  it.each(longReads)('long read: %s lets another read and a durable write complete first', async (_, search) => {
    let completed = 0;
    let isWritten = false;
    const searches = Array.from({ length: 4 }, async () => {
      do {
        await search(new AbortController().signal);
        completed += 1;
      } while (!isWritten);
    });
    // This read is queued after all searches, so each of them has started when it returns.
    const completedBefore = store.run('session', 1).then((session) => ({ session, completed }));
    expect(await completedBefore).toMatchObject({ session: { key: 1 }, completed: 0 });
    // Searches are running until this write is complete.
    await store.run('appendAudit', { action: 'cancel_intended' });
    isWritten = true;
    await Promise.all(searches);
  });

  it.each(longReads)('long read: %s completes before the store closes, unless it was aborted', async (_, search) => {
    const controller = new AbortController();
    const [finished, aborted] = [search(new AbortController().signal), search(controller.signal)];
    await store.run('session', 1);
    controller.abort(new Error('search changed'));
    await expect(aborted).rejects.toThrow('search changed');
    const closing = store.close();
    await expect(finished).resolves.toBeDefined();
    await closing;
  });
});

it('store worker: a cancelled search gets no reply, because the thread stops it', async () => {
  const worker = new Worker(storeWorkerUrl, { workerData: options });
  const repliedIds: number[] = [];
  const replyListeners = new Map<number, () => void>();
  worker.on('message', (message: StoreReply | { head: object }) => {
    if ('head' in message) return;
    repliedIds.push(message.id);
    replyListeners.get(message.id)?.();
  });
  const post = (request: StoreRequest) => worker.postMessage(request);
  const waitForReply = (id: number) => new Promise<void>((resolve) => replyListeners.set(id, resolve));
  await waitForReply(0);
  // So many that none is complete when the cancel messages arrive: each one needs at least two more slices.
  const cancelledIds = Array.from({ length: 60 }, (_, index) => index + 1);
  for (const id of cancelledIds) post({ id, name: 'sessionPage', input: pageInput('tracked') });
  post({ id: 100, name: 'session', input: 1 });
  await waitForReply(100);
  for (const id of cancelledIds) post({ id, name: 'cancel' });
  // This search takes as long as the others and starts later: they would all be answered before it.
  post({ id: 200, name: 'sessionPage', input: pageInput('tracked') });
  await waitForReply(200);
  post({ id: 300, name: 'close' });
  await once(worker, 'exit');
  expect(repliedIds).toEqual([0, 100, 200, 300]);
});
