import { rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newFeed, type CallInput, type Connection, type Feed } from '../../../src-main/contract/index.ts';
import type { App } from '../../../src-main/core/index.ts';
import {
  addConnections,
  createTempFolder,
  sessionPageInput,
  memoryKeychain,
  unreachableProvider,
  openTestApp,
} from '../../support/app.ts';

const keychain = memoryKeychain();
let folder: string;
let app: App;
let connection: Connection;
let server: Server;
let url: string;
let feedRequests: { path: string; since: string | null; cursor: string | null; authorization: string | undefined }[];
let respond: (request: IncomingMessage, response: ServerResponse, query: URLSearchParams) => void;

beforeEach(async () => {
  folder = createTempFolder();
  app = await openTestApp({ dataFolder: folder, keychain, providers: { responseTimeoutMs: 500 } });
  connection = (await addConnections(app, unreachableProvider)).flinks;
  feedRequests = [];
  server = createServer((request, response) => {
    const target = new URL(request.url ?? '/', 'http://x');
    feedRequests.push({
      path: target.pathname,
      since: target.searchParams.get('since'),
      cursor: target.searchParams.get('cursor'),
      authorization: request.headers.authorization,
    });
    respond(request, response, target.searchParams);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/feed?shop=7`;
});
afterEach(async () => {
  await app.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const respondJson = (response: ServerResponse, value: unknown) => response.end(JSON.stringify(value));
const feedSession = (number: number) => ({
  id: `feed-${number}`,
  reference: `Order-${number}`,
  amount: 65.1,
  currency: 'CAD',
  status: 'Initiated',
  updatedAt: '2026-11-01T10:00:00Z',
});

/** Pages of two sessions out of `count`, the cursor being the number of the next. */
function servePages(count: number) {
  return (_request: IncomingMessage, response: ServerResponse, query: URLSearchParams) => {
    const from = Number(query.get('cursor') ?? 0);
    const numbers = Array.from({ length: count }, (_, index) => index).slice(from, from + 2);
    respondJson(response, { sessions: numbers.map(feedSession), next: from + 2 < count ? String(from + 2) : null });
  };
}

function addFeed(part: Partial<CallInput<'feeds.add'>> = {}): Promise<Feed> {
  return app.handlers['feeds.add'](
    newFeed.parse({
      name: 'Shop',
      connectionId: connection.id,
      product: 'geft',
      source: { kind: 'url', url },
      ...part,
    }),
  );
}

async function listSessionIds(): Promise<string[]> {
  const { rows } = await app.handlers['sessions.page'](sessionPageInput());
  return rows.map(({ id }) => id).sort();
}

const expectedIds = (count: number) => Array.from({ length: count }, (_, index) => `feed-${index}`).sort();
const runFeed = (feed: Feed) => app.handlers['feeds.run']({ feedId: feed.id });

describe('a feed from a URL', () => {
  it('brings every page, with its secret, and then asks for what changed since', async () => {
    respond = servePages(5);
    const feed = await runFeed(await addFeed({ secret: 'bearer-secret-1234' }));
    expect(feed).toMatchObject({
      lastError: null,
      hasSecret: true,
      lastCounts: { parts: 3, lines: 5, added: 5, updated: 0, refused: 0 },
    });
    expect(await listSessionIds()).toEqual(expectedIds(5));
    expect(feedRequests.map(({ since, cursor }) => [since, cursor])).toEqual([
      [null, null],
      [null, '2'],
      [null, '4'],
    ]);
    expect(
      feedRequests.every(
        ({ path, authorization }) => path === '/feed' && authorization === 'Bearer bearer-secret-1234',
      ),
    ).toBe(true);
    feedRequests.length = 0;
    respond = (_request, response) =>
      respondJson(response, {
        sessions: [{ ...feedSession(1), status: 'Expired', updatedAt: '2026-11-02T10:00:00Z' }],
        next: null,
      });
    expect(await runFeed(feed)).toMatchObject({ lastCounts: { added: 0, updated: 1 } });
    expect(Date.parse(feedRequests[0]?.since ?? '')).toBeLessThan(Date.now() - 9 * 60_000);
    const { rows } = await app.handlers['sessions.page'](sessionPageInput({ search: 'Order-1' }, 5));
    expect(rows[0]).toMatchObject({ status: 'expired', amount: '65.1', source: 'imported' });
    const actions = (await app.handlers['audit.page']({ before: null, limit: 20 })).rows.map(({ action }) => action);
    expect(actions.slice(0, 3)).toEqual(['feed_ran', 'feed_ran', 'feed_added']);
    const seen = JSON.stringify([
      await app.handlers['feeds.list']({}),
      await app.handlers['audit.page']({ before: null, limit: 50 }),
    ]);
    expect(seen).not.toContain('bearer-secret-1234');
  });

  it('goes on where it was after a bad page, a restart or an end of the console, and loses and doubles nothing', async () => {
    const good = servePages(6);
    let isBroken = true;
    respond = (request, response, query) => {
      if (query.get('cursor') !== '4' || !isBroken) return good(request, response, query);
      response.end('{"sessions":[{"id":"feed-4"},');
    };
    const feed = await runFeed(await addFeed());
    expect(feed.lastError).toContain('not valid JSON');
    expect(await listSessionIds()).toEqual(expectedIds(4));
    await app.close();
    app = await openTestApp({ dataFolder: folder, keychain, providers: { responseTimeoutMs: 500 } });
    isBroken = false;
    feedRequests.length = 0;
    expect(await runFeed(feed)).toMatchObject({ lastError: null, lastCounts: { parts: 1, added: 2 } });
    expect(feedRequests.map(({ cursor }) => cursor)).toEqual(['4']);
    expect(await listSessionIds()).toEqual(expectedIds(6));
  });

  it('reads JSON lines, and names a line that is none', async () => {
    respond = (_request, response) =>
      response.end(`${JSON.stringify(feedSession(0))}\n{"id":\n${JSON.stringify(feedSession(1))}\n{"next":null}\n`);
    const feed = await runFeed(await addFeed({ source: { kind: 'url', url, format: 'json_lines' } }));
    expect(feed).toMatchObject({ lastError: null, lastCounts: { lines: 3, added: 2, refused: 1 } });
    expect(feed.lastCounts?.firstProblem).toContain('Page 1, session 2');
    respond = (_request, response) => response.end(`${JSON.stringify(feedSession(2))}\n`);
    expect((await runFeed(feed)).lastError).toContain('`next`');
    expect(await listSessionIds()).toEqual(expectedIds(2));
  });

  it('withstands a slow or hostile server', async () => {
    const feed = await addFeed();
    const trouble = async (how: typeof respond): Promise<string> => {
      respond = how;
      return (await runFeed(feed)).lastError?.message ?? 'none';
    };
    respond = servePages(1);
    await runFeed(feed);
    expect(
      await trouble((_request, response) => respondJson(response, { sessions: [feedSession(1)], next: 'again' })),
    ).toContain('was there before');
    expect(
      await trouble((_request, response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end()),
    ).toContain('never follows');
    expect(await trouble((_request, response) => response.writeHead(401).end())).toContain('secret');
    expect(await trouble((_request, response) => response.writeHead(500).end('x'))).toContain('HTTP 500');
    expect(
      await trouble((_request, response) => response.end(`{"sessions":["${'x'.repeat(3_000_000)}"],"next":null}`)),
    ).toContain('too long');
    expect(await trouble((_request, response) => void response.write('{'))).toContain('in time');
    expect(
      await trouble((_request, response) => {
        response.write('{"sessions":[');
        response.destroy();
      }),
    ).toContain('broke');
    expect(await trouble((_request, response) => respondJson(response, { sessions: {}, next: null }))).toContain(
      '`sessions`',
    );
    expect(await trouble((_request, response) => respondJson(response, { sessions: [] }))).toContain('`next`');
    expect(
      await trouble((_request, response) => respondJson(response, { sessions: [], next: 'x'.repeat(501) })),
    ).toContain('1 to 500');
    expect(
      await trouble((_request, response) =>
        respondJson(response, {
          sessions: Array.from({ length: 5_001 }, (_, index) => ({ id: `n-${index}` })),
          next: null,
        }),
      ),
    ).toContain('at most 5000');
    let page = 0;
    expect(
      await trouble((_request, response) => respondJson(response, { sessions: [], next: String((page += 1)) })),
    ).toContain('More than 1000 pages');
    server.closeAllConnections();
    expect(await listSessionIds()).toEqual(['feed-0', 'feed-1']);
  }, 60_000);

  it('begins its sweep anew where its cursor is too old', async () => {
    const good = servePages(4);
    respond = (request, response, query) =>
      query.get('cursor') === '2' && feedRequests.length === 2
        ? response.writeHead(410).end()
        : good(request, response, query);
    expect(await runFeed(await addFeed())).toMatchObject({ lastError: null, lastCounts: { lines: 6, added: 4 } });
    expect(feedRequests.map(({ cursor }) => cursor)).toEqual([null, '2', null, '2']);
  });

  it('is refused over an open wire, with a password in its URL, or in practice', async () => {
    const refusal = (part: Partial<CallInput<'feeds.add'>>) =>
      expect(addFeed(part)).rejects.toMatchObject({ code: 'feed_refused' });
    await refusal({ source: { kind: 'url', url: 'http://shop.example/feed' } });
    await refusal({ source: { kind: 'url', url: 'https://me:secret@shop.example/feed' } });
    await refusal({ source: { kind: 'url', url: 'https://shop.example/feed?cursor=1' } });
    await refusal({ source: { kind: 'url', url: 'shop' } });
    await refusal({ source: { kind: 'folder', path: 'relative' } });
    await refusal({ source: { kind: 'folder', path: join(folder, 'missing') } });
    expect(await app.handlers['feeds.list']({})).toEqual([]);
  });

  it('can be switched off, be given another secret, and be removed with it', async () => {
    respond = servePages(1);
    const feed = await runFeed(await addFeed({ secret: 'bearer-secret-1234' }));
    expect(await app.handlers['feeds.change']({ feedId: feed.id, enabled: false })).toMatchObject({
      enabled: false,
      nextRunAt: null,
    });
    await app.handlers['feeds.replaceSecret']({
      feedId: feed.id,
      secret: 'another-secret-5678',
      allowInMemory: false,
    });
    await runFeed(feed);
    expect(feedRequests.at(-1)?.authorization).toBe('Bearer another-secret-5678');
    await expect(app.handlers['connections.remove']({ connectionId: connection.id })).rejects.toMatchObject({
      code: 'connection_in_use',
    });
    await app.handlers['feeds.remove']({ feedId: feed.id });
    expect(await app.handlers['feeds.list']({})).toEqual([]);
    expect([...keychain.entries.values()]).not.toContain('another-secret-5678');
    expect(await listSessionIds()).toEqual(['feed-0']);
  });

  it('ends in the middle of a run when it is removed', async () => {
    let page = 0;
    const begun = new Promise<void>((resolve) => {
      respond = (_request, response) => {
        page += 1;
        if (page === 3) resolve();
        respondJson(response, { sessions: [feedSession(page)], next: String(page) });
      };
    });
    const feed = await addFeed();
    await begun;
    await app.handlers['feeds.remove']({ feedId: feed.id });
    expect(page).toBeLessThan(1_000);
    expect(await app.handlers['feeds.list']({})).toEqual([]);
  });
});

describe('a watched folder', () => {
  const old = new Date(Date.now() - 60_000);
  const put = (path: string, text: string, at = old) => {
    writeFileSync(path, text);
    utimesSync(path, at, at);
  };

  it('takes each export once, and again when it changes', async () => {
    const exports = createTempFolder();
    put(join(exports, 'a.csv'), 'id,reference\nfeed-0,Order-0\nbad id,x\n');
    put(join(exports, 'b.jsonl'), '{"id":"feed-1"}\n');
    put(join(exports, 'notes.md'), 'id\nno\n');
    writeFileSync(join(exports, 'growing.csv'), 'id\nfeed-9');
    writeFileSync(join(folder, 'elsewhere.csv'), 'id\nno\n');
    symlinkSync(join(folder, 'elsewhere.csv'), join(exports, 'link.csv'));
    const feed = await runFeed(await addFeed({ source: { kind: 'folder', path: exports } }));
    expect(feed).toMatchObject({
      lastError: null,
      lastCounts: {
        parts: 2,
        lines: 3,
        added: 2,
        refused: 1,
        firstProblem: expect.stringContaining('a.csv, line 3') as string,
      },
    });
    expect(await listSessionIds()).toEqual(['feed-0', 'feed-1']);
    expect(await runFeed(feed)).toMatchObject({ lastCounts: { parts: 0, lines: 0 } });
    put(join(exports, 'a.csv'), 'id,reference\nfeed-0,Order-0\nfeed-2,Order-2\n', new Date(Date.now() - 30_000));
    put(join(exports, 'c.csv'), 'name\nx\n');
    const again = await runFeed(feed);
    expect(again).toMatchObject({ lastCounts: { parts: 2, added: 1 } });
    expect(again.lastError).toContain('c.csv, line 1: No column is known to hold the session id');
    expect(await listSessionIds()).toEqual(expectedIds(3));
    rmSync(exports, { recursive: true });
    expect((await runFeed(feed)).lastError).toContain('cannot be read');
  });
});
