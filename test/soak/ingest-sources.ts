/** The ways in that `ingest.ts` cuts off. Each is one round's. */
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

/** Rows of one transaction. */
const rowsPerTransaction = 1_000;

/** A file from the screen, piece by piece. What a piece was answered with as tracked is there after the kill. */
export function importSource(): IngestSource {
  const count = 8_500;
  const piece = 16_384;
  let promised = 0;
  let left = 0;
  const begun = ({ connectionId }: IngestRound): ParsedInput<'imports.begin'> => ({
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
    return range(0, Math.ceil(bytes.length / piece))
      .map((index) => index * piece)
      .map((offset) => ({ offset, bytes: bytes.subarray(offset, offset + piece).toString('base64') }));
  };
  return {
    name: 'an import',
    async start(app, round) {
      const { importId } = await app.call('imports.begin', begun(round));
      const all = chunks(round);
      const last = randomInteger(round.random, 0, all.length - 1);
      const taken = ({ added }: ImportState) => void (promised = Math.max(promised, added));
      for (const chunk of all.slice(0, last)) taken(await app.call('imports.chunk', { importId, ...chunk }));
      const inFlight = all[last];
      if (inFlight) app.call('imports.chunk', { importId, ...inFlight }).then(taken, () => undefined);
      await pass(randomInteger(round.random, 0, 25));
    },
    inspect(database, round) {
      const found = trackedNumbers(database, round);
      left = found.length;
      checkComplete(found, left, 'An import that was cut off');
      if (left < promised) throw new Error(`${promised} sessions were said to be tracked, and ${left} are`);
      if (left % rowsPerTransaction !== 0 && left !== count)
        throw new Error(`${left} sessions: a transaction was cut in two`);
    },
    async resume(app, round) {
      const { importId } = await app.handlers['imports.begin'](begun(round));
      for (const chunk of chunks(round)) await app.handlers['imports.chunk']({ importId, ...chunk });
      const { state, added, unchanged } = await app.handlers['imports.finish']({ importId });
      if (state === 'finished' && added === count - left && unchanged === left) return;
      throw new Error(`Imported again: ${state}, ${added} added, ${unchanged} known, after ${left}`);
    },
    dispose: () => Promise.resolve(),
  };
}

/** Pages from a back office. Its cursor and the sessions before it are one transaction, so the next run goes on exactly there. */
export function urlFeedSource(): IngestSource {
  const pages = 40;
  const perPage = 25;
  const count = pages * perPage;
  let feedId = '';
  let cursor: string | null = null;
  let prefix = '';
  const asked: (string | null)[] = [];
  let served: (page: number) => void = () => undefined;
  const server = createServer((request, response) => {
    const given = new URL(request.url ?? '/', 'http://x').searchParams.get('cursor');
    const from = Number(given ?? 0);
    asked.push(given);
    const sessions = range(from, Math.min(count, from + perPage)).map((number) => ({
      id: `${prefix}${number}`,
      reference: `Order-${number}`,
    }));
    response.end(JSON.stringify({ sessions, next: from + perPage < count ? String(from + perPage) : null }));
    served(asked.length);
  });
  return {
    name: 'a feed’s pages',
    async start(app, round) {
      prefix = round.idPrefix;
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const last = randomInteger(round.random, 1, pages);
      const reached = new Promise<void>((resolve) => {
        served = (page) => page >= last && resolve();
      });
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/feed`;
      feedId = await addFeed(app, round, { kind: 'url', url, format: 'json' });
      await reached;
      await pass(randomInteger(round.random, 0, 6));
    },
    inspect(database, round) {
      const row = database.prepare('SELECT cursor, since FROM feeds WHERE id = ?').get(feedId);
      cursor = row?.['cursor'] === null ? null : String(row?.['cursor']);
      const taken = cursor !== null ? Number(cursor) : row?.['since'] === null ? 0 : count;
      checkComplete(trackedNumbers(database, round), taken, `A feed with its cursor at ${cursor ?? 'no page'}`);
      asked.length = 0;
    },
    async resume(app, round) {
      await runFeedToEnd(app, feedId, count, round);
      if (asked[0] !== cursor) throw new Error(`It went on at ${String(asked[0])} and not at ${String(cursor)}`);
    },
    dispose: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Files in a folder. One that is marked as taken is there whole; another is taken again, which doubles nothing. */
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
      checkComplete([...found], found.size, 'A folder that was cut off');
      const marked = database
        .prepare('SELECT name FROM feed_files WHERE feed_id = ?')
        .all(feedId)
        .map((row) => Number.parseInt(String(row['name']), 10));
      const lost = marked
        .flatMap((number) => range(number * perFile, (number + 1) * perFile))
        .filter((number) => !found.has(number));
      if (lost.length > 0) throw new Error(`${lost.length} sessions of files that are marked as taken are not there`);
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

/** To its end, where every session is there; then nothing more comes of it. */
async function runFeedToEnd(app: App, feedId: string, count: number, { idPrefix }: IngestRound): Promise<void> {
  const feed = await app.handlers['feeds.run']({ feedId });
  if (feed.lastError !== null) throw new Error(feed.lastError.message);
  const counted = await app.handlers['sessions.counts'](
    calls['sessions.counts'].input.parse({ filter: { search: idPrefix } }),
  );
  if (counted.total !== count) throw new Error(`${counted.total} sessions at last instead of ${count}`);
  await app.handlers['feeds.remove']({ feedId });
}
