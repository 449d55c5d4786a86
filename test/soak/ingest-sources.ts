/** The ways in that `intake.ts` cuts off. Each is one round's. */
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { calls, importReading, newFeed, type CheckedInput, type ImportState } from '../../src-main/contract/index.ts';
import { between } from '../../src-main/core/simulator/random.ts';
import type { Desk } from '../../src-main/core/index.ts';
import { freshFolder } from '../support/app.ts';
import type { SpawnedDesk } from '../support/spawn-app.ts';
import { checkAll, trackedOf, type Round, type Way } from './ingest-source.ts';

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);
const csvOf = ({ prefix }: Round, numbers: readonly number[]) =>
  `id,reference\n${numbers.map((number) => `${prefix}${number},Order-${number}`).join('\n')}\n`;

/** Rows of one transaction. */
const batch = 1_000;

/** A file from the screen, piece by piece. What a piece was answered with as tracked is there after the kill. */
export function importWay(): Way {
  const count = 8_500;
  const piece = 16_384;
  let promised = 0;
  let left = 0;
  const begun = ({ connectionId }: Round): CheckedInput<'imports.begin'> => ({
    connectionId,
    product: 'geft',
    fileName: 'export.csv',
    byteLength: null,
    source: 'imported',
    write: true,
    badLines: 'stop',
    reading: importReading.parse({}),
  });
  const chunks = (round: Round) => {
    const bytes = Buffer.from(csvOf(round, range(0, count)));
    return range(0, Math.ceil(bytes.length / piece))
      .map((index) => index * piece)
      .map((offset) => ({ offset, bytes: bytes.subarray(offset, offset + piece).toString('base64') }));
  };
  return {
    name: 'an import',
    async begin(desk, round) {
      const { importId } = await desk.call('imports.begin', begun(round));
      const all = chunks(round);
      const last = between(round.random, 0, all.length - 1);
      const taken = ({ added }: ImportState) => void (promised = Math.max(promised, added));
      for (const chunk of all.slice(0, last)) taken(await desk.call('imports.chunk', { importId, ...chunk }));
      const inFlight = all[last];
      if (inFlight) desk.call('imports.chunk', { importId, ...inFlight }).then(taken, () => undefined);
      await pass(between(round.random, 0, 25));
    },
    look(database, round) {
      const found = trackedOf(database, round);
      left = found.length;
      checkAll(found, left, 'An import that was cut off');
      if (left < promised) throw new Error(`${promised} sessions were said to be tracked, and ${left} are`);
      if (left % batch !== 0 && left !== count) throw new Error(`${left} sessions: a transaction was cut in two`);
    },
    async goOn(desk, round) {
      const { importId } = await desk.handlers['imports.begin'](begun(round));
      for (const chunk of chunks(round)) await desk.handlers['imports.chunk']({ importId, ...chunk });
      const { state, added, unchanged } = await desk.handlers['imports.finish']({ importId });
      if (state === 'finished' && added === count - left && unchanged === left) return;
      throw new Error(`Imported again: ${state}, ${added} added, ${unchanged} known, after ${left}`);
    },
    end: () => Promise.resolve(),
  };
}

/** Pages from a back office. Its cursor and the sessions before it are one transaction, so the next run goes on exactly there. */
export function urlWay(): Way {
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
    async begin(desk, round) {
      prefix = round.prefix;
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const last = between(round.random, 1, pages);
      const reached = new Promise<void>((resolve) => {
        served = (page) => page >= last && resolve();
      });
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/feed`;
      feedId = await addFeed(desk, round, { kind: 'url', url, format: 'json' });
      await reached;
      await pass(between(round.random, 0, 6));
    },
    look(database, round) {
      const row = database.prepare('SELECT cursor, since FROM feeds WHERE id = ?').get(feedId);
      cursor = row?.['cursor'] === null ? null : String(row?.['cursor']);
      const taken = cursor !== null ? Number(cursor) : row?.['since'] === null ? 0 : count;
      checkAll(trackedOf(database, round), taken, `A feed with its cursor at ${cursor ?? 'no page'}`);
      asked.length = 0;
    },
    async goOn(desk, round) {
      await runOn(desk, feedId, count, round);
      if (asked[0] !== cursor) throw new Error(`It went on at ${String(asked[0])} and not at ${String(cursor)}`);
    },
    end: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Files in a folder. One that is marked as taken is there whole; another is taken again, which doubles nothing. */
export function folderWay(): Way {
  const files = 6;
  const perFile = 1_500;
  const folder = freshFolder();
  let feedId = '';
  return {
    name: 'a folder’s files',
    async begin(desk, round) {
      const old = Date.now() / 1_000 - 60;
      mkdirSync(folder, { recursive: true });
      for (const number of range(0, files)) {
        const path = join(folder, `${number}.csv`);
        writeFileSync(path, csvOf(round, range(number * perFile, (number + 1) * perFile)));
        utimesSync(path, old + number, old + number);
      }
      feedId = await addFeed(desk, round, { kind: 'folder', path: folder });
      await pass(between(round.random, 0, 400));
    },
    look(database, round) {
      const found = new Set(trackedOf(database, round));
      checkAll([...found], found.size, 'A folder that was cut off');
      const marked = database
        .prepare('SELECT name FROM feed_files WHERE feed_id = ?')
        .all(feedId)
        .map((row) => Number.parseInt(String(row['name']), 10));
      const lost = marked
        .flatMap((number) => range(number * perFile, (number + 1) * perFile))
        .filter((number) => !found.has(number));
      if (lost.length > 0) throw new Error(`${lost.length} sessions of files that are marked as taken are not there`);
    },
    goOn: (desk, round) => runOn(desk, feedId, files * perFile, round),
    end: () => Promise.resolve(),
  };
}

async function addFeed(
  desk: SpawnedDesk,
  { connectionId, prefix }: Round,
  source: CheckedInput<'feeds.add'>['source'],
): Promise<string> {
  const feed = await desk.call(
    'feeds.add',
    newFeed.parse({ name: prefix, connectionId, product: 'geft', intervalMinutes: 1_440, source }),
  );
  return feed.id;
}

/** To its end, where every session is there; then nothing more comes of it. */
async function runOn(desk: Desk, feedId: string, count: number, { prefix }: Round): Promise<void> {
  const feed = await desk.handlers['feeds.run']({ feedId });
  if (feed.lastError !== null) throw new Error(feed.lastError);
  const counted = await desk.handlers['sessions.counts'](
    calls['sessions.counts'].input.parse({ filter: { search: prefix } }),
  );
  if (counted.total !== count) throw new Error(`${counted.total} sessions at last instead of ${count}`);
  await desk.handlers['feeds.remove']({ feedId });
}
