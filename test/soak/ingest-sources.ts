/** The ingest sources that `ingest.ts` interrupts. Each instance belongs to one round. */
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import {
  calls,
  importParseOptions,
  newFeed,
  type ParsedInput,
  type ImportState,
} from '../../src-main/contract/index.ts';
import { randomInteger } from '../../src-main/core/simulator/random.ts';
import type { App } from '../../src-main/core/index.ts';
import { createTempFolder } from '../support/app.ts';
import type { SpawnedApp } from '../support/spawn-app.ts';
import { checkComplete, trackedNumbers, type IngestRound, type IngestSource } from './ingest-source.ts';

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);
const csvOf = ({ idPrefix }: IngestRound, numbers: readonly number[]) =>
  `id,reference\n${numbers.map((number) => `${idPrefix}${number},Order-${number}`).join('\n')}\n`;

/** Rows per transaction. */
const rowsPerTransaction = 1_000;

/** A file import in chunks. Sessions that a chunk reported as added exist after the kill. */
export function importSource(): IngestSource {
  const count = 8_500;
  const chunkBytes = 16_384;
  let acknowledged = 0;
  let trackedCount = 0;
  const beginInput = ({ connectionId }: IngestRound): ParsedInput<'imports.start'> => ({
    connectionId,
    product: 'geft',
    fileName: 'export.csv',
    byteLength: null,
    source: 'imported',
    shouldWrite: true,
    onInvalidLine: 'stop',
    parseOptions: importParseOptions.parse({}),
  });
  const chunks = (round: IngestRound) => {
    const bytes = Buffer.from(csvOf(round, range(0, count)));
    return range(0, Math.ceil(bytes.length / chunkBytes))
      .map((index) => index * chunkBytes)
      .map((offset) => ({ offset, bytes: bytes.subarray(offset, offset + chunkBytes).toString('base64') }));
  };
  return {
    name: 'an import',
    async start(app, round) {
      const { importId } = await app.call('imports.start', beginInput(round));
      const allChunks = chunks(round);
      const last = randomInteger(round.random, 0, allChunks.length - 1);
      const acknowledge = ({ added }: ImportState) => void (acknowledged = Math.max(acknowledged, added));
      for (const chunk of allChunks.slice(0, last))
        acknowledge(await app.call('imports.addChunk', { importId, ...chunk }));
      const inFlight = allChunks[last];
      if (inFlight) app.call('imports.addChunk', { importId, ...inFlight }).then(acknowledge, () => undefined);
      await pass(randomInteger(round.random, 0, 25));
    },
    inspect(database, round) {
      const found = trackedNumbers(database, round);
      trackedCount = found.length;
      checkComplete(found, trackedCount, 'Interrupted import');
      if (trackedCount < acknowledged)
        throw new Error(`${acknowledged} sessions were reported as tracked, but ${trackedCount} are tracked`);
      if (trackedCount % rowsPerTransaction !== 0 && trackedCount !== count)
        throw new Error(`${trackedCount} sessions: a transaction was written partially`);
    },
    async resume(app, round) {
      const { importId } = await app.handlers['imports.start'](beginInput(round));
      for (const chunk of chunks(round)) await app.handlers['imports.addChunk']({ importId, ...chunk });
      const { state, added, unchanged } = await app.handlers['imports.finish']({ importId });
      if (state === 'finished' && added === count - trackedCount && unchanged === trackedCount) return;
      throw new Error(
        `Repeated import: ${state}, ${added} added, ${unchanged} unchanged, ${trackedCount} tracked before`,
      );
    },
    dispose: () => Promise.resolve(),
  };
}

/** A paged URL feed. Cursor and sessions are written in one transaction, so the next run continues at the cursor. */
export function urlFeedSource(): IngestSource {
  const pages = 40;
  const perPage = 25;
  const count = pages * perPage;
  let feedId = '';
  let cursor: string | null = null;
  let prefix = '';
  const requestedCursors: (string | null)[] = [];
  let onPageServed: (page: number) => void = () => undefined;
  const server = createServer((request, response) => {
    const requested = new URL(request.url ?? '/', 'http://x').searchParams.get('cursor');
    const from = Number(requested ?? 0);
    requestedCursors.push(requested);
    const sessions = range(from, Math.min(count, from + perPage)).map((number) => ({
      id: `${prefix}${number}`,
      reference: `Order-${number}`,
    }));
    response.end(JSON.stringify({ sessions, next: from + perPage < count ? String(from + perPage) : null }));
    onPageServed(requestedCursors.length);
  });
  return {
    name: 'a feed’s pages',
    async start(app, round) {
      prefix = round.idPrefix;
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const last = randomInteger(round.random, 1, pages);
      const reached = new Promise<void>((resolve) => {
        onPageServed = (page) => page >= last && resolve();
      });
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/feed`;
      feedId = await addFeed(app, round, { kind: 'url', url, format: 'json' });
      await reached;
      await pass(randomInteger(round.random, 0, 6));
    },
    inspect(database, round) {
      const row = database.prepare('SELECT cursor, since FROM feeds WHERE id = ?').get(feedId);
      cursor = row?.['cursor'] === null ? null : String(row?.['cursor']);
      const ingestedCount = cursor !== null ? Number(cursor) : row?.['since'] === null ? 0 : count;
      checkComplete(trackedNumbers(database, round), ingestedCount, `A feed with its cursor at ${cursor ?? 'no page'}`);
      requestedCursors.length = 0;
    },
    async resume(app, round) {
      await runFeedToEnd(app, feedId, count, round);
      if (requestedCursors[0] !== cursor)
        throw new Error(`The feed continued at ${String(requestedCursors[0])} instead of ${String(cursor)}`);
    },
    dispose: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A folder feed. A file that is marked as ingested is complete. Other files are ingested again without duplicates. */
export function folderFeedSource(): IngestSource {
  const files = 6;
  const perFile = 1_500;
  const folder = createTempFolder();
  let feedId = '';
  return {
    name: 'a folder’s files',
    async start(app, round) {
      const old = Date.now() / 1_000 - 60;
      mkdirSync(folder, { recursive: true });
      for (const number of range(0, files)) {
        const path = join(folder, `${number}.csv`);
        writeFileSync(path, csvOf(round, range(number * perFile, (number + 1) * perFile)));
        utimesSync(path, old + number, old + number);
      }
      feedId = await addFeed(app, round, { kind: 'folder', path: folder });
      await pass(randomInteger(round.random, 0, 400));
    },
    inspect(database, round) {
      const found = new Set(trackedNumbers(database, round));
      checkComplete([...found], found.size, 'Interrupted folder feed');
      const marked = database
        .prepare('SELECT name FROM feed_files WHERE feed_id = ?')
        .all(feedId)
        .map((row) => Number.parseInt(String(row['name']), 10));
      const lost = marked
        .flatMap((number) => range(number * perFile, (number + 1) * perFile))
        .filter((number) => !found.has(number));
      if (lost.length > 0) throw new Error(`${lost.length} sessions of files that are marked as ingested are missing`);
    },
    resume: (app, round) => runFeedToEnd(app, feedId, files * perFile, round),
    dispose: () => Promise.resolve(),
  };
}

async function addFeed(
  app: SpawnedApp,
  { connectionId, idPrefix }: IngestRound,
  source: ParsedInput<'feeds.add'>['source'],
): Promise<string> {
  const feed = await app.call(
    'feeds.add',
    newFeed.parse({ name: idPrefix, connectionId, product: 'geft', intervalMinutes: 1_440, source }),
  );
  return feed.id;
}

/** Runs the feed to its end, checks that every session is tracked, and removes the feed. */
async function runFeedToEnd(app: App, feedId: string, count: number, { idPrefix }: IngestRound): Promise<void> {
  const feed = await app.handlers['feeds.run']({ feedId });
  if (feed.lastError !== null) throw new Error(feed.lastError.message);
  const counted = await app.handlers['sessions.count'](
    calls['sessions.count'].input.parse({ filter: { search: idPrefix } }),
  );
  if (counted.total !== count) throw new Error(`${counted.total} sessions at the end instead of ${count}`);
  await app.handlers['feeds.remove']({ feedId });
}
