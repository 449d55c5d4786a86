import { lutimesSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  calls,
  newFeed,
  type CallInput,
  type Connection,
  type Feed,
  type MessageKey,
} from '../../../src-main/contract/index.ts';
import type { App } from '../../../src-main/core/index.ts';
import {
  addConnections,
  createTempFolder,
  sessionPageInput,
  memoryKeychain,
  unreachableProvider,
  openTestApp,
} from '../../support/app.ts';
import { nonEmpty } from '../../support/non-empty.ts';

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
  app = await openTestApp({ dataFolder: folder, keychain });
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

/** Serves `count` sessions in pages of two. A cursor is the number of the next session. */
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
  const { rows } = await app.handlers['sessions.list'](sessionPageInput());
  return rows.map(({ id }) => id).sort();
}

const expectedIds = (count: number) => Array.from({ length: count }, (_, index) => `feed-${index}`).sort();
const runFeed = (feed: Feed) => app.handlers['feeds.run']({ feedId: feed.id });

describe('URL feed', () => {
  it('run: requests every page with the secret, and the next run requests the changes since the first', async () => {
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
      nonEmpty(feedRequests).every(
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
    const { rows } = await app.handlers['sessions.list'](sessionPageInput({ search: 'Order-1' }, 5));
    expect(rows[0]).toMatchObject({ status: 'expired', amount: '65.1', source: 'imported' });
    const actions = (await app.handlers['audit.list']({ before: null, limit: 20 })).rows.map(({ action }) => action);
    expect(actions.slice(0, 3)).toEqual(['feed_ran', 'feed_ran', 'feed_added']);
    const output = JSON.stringify([
      await app.handlers['feeds.list']({}),
      await app.handlers['audit.list']({ before: null, limit: 50 }),
    ]);
    expect(output).not.toContain('bearer-secret-1234');
  });

  it('run: continues at the stored cursor after an invalid page and a restart', async () => {
    const respondWithPages = servePages(6);
    let isBroken = true;
    respond = (request, response, query) => {
      if (query.get('cursor') !== '4' || !isBroken) return respondWithPages(request, response, query);
      response.end('{"sessions":[{"id":"feed-4"},');
    };
    const feed = await runFeed(await addFeed());
    expect(feed.lastError).toMatchObject({
      messageKey: 'feed.pageDiscarded',
      params: { problem: { messageKey: 'feed.pageNotJson' } },
    });
    expect(await listSessionIds()).toEqual(expectedIds(4));
    await app.close();
    app = await openTestApp({ dataFolder: folder, keychain });
    isBroken = false;
    feedRequests.length = 0;
    expect(await runFeed(feed)).toMatchObject({ lastError: null, lastCounts: { parts: 1, added: 2 } });
    expect(feedRequests.map(({ cursor }) => cursor)).toEqual(['4']);
    expect(await listSessionIds()).toEqual(expectedIds(6));
  });

  it('JSON Lines: a line that is not valid JSON is rejected, and a page without next is discarded', async () => {
    respond = (_request, response) =>
      response.end(`${JSON.stringify(feedSession(0))}\n{"id":\n${JSON.stringify(feedSession(1))}\n{"next":null}\n`);
    const feed = await runFeed(await addFeed({ source: { kind: 'url', url, format: 'json_lines' } }));
    expect(feed).toMatchObject({ lastError: null, lastCounts: { lines: 3, added: 2, refused: 1 } });
    expect(feed.lastCounts?.firstProblem).toMatchObject({
      messageKey: 'feed.pageProblem',
      params: { page: 1, session: 2, problem: { messageKey: 'import.sessionNotObject' } },
    });
    respond = (_request, response) => response.end(`${JSON.stringify(feedSession(2))}\n`);
    expect((await runFeed(feed)).lastError).toMatchObject({ params: { problem: { messageKey: 'feed.nextMissing' } } });
    expect(await listSessionIds()).toEqual(expectedIds(2));
  });

  it('run: an invalid or hostile response ends the run with its reason and keeps the sessions', async () => {
    const feed = await addFeed();
    const errorFrom = async (response: typeof respond): Promise<string | undefined> => {
      respond = response;
      const error = (await runFeed(feed)).lastError;
      const problem = error?.params['problem'];
      return typeof problem === 'object' ? problem.messageKey : error?.messageKey;
    };
    respond = servePages(1);
    await runFeed(feed);
    expect(
      await errorFrom((_request, response) => respondJson(response, { sessions: [feedSession(1)], next: 'again' })),
    ).toBe('feed.cursorRepeated');
    expect(
      await errorFrom((_request, response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end()),
    ).toBe('feed.redirected');
    expect(await errorFrom((_request, response) => response.writeHead(401).end())).toBe('feed.secretRefused');
    expect(await errorFrom((_request, response) => response.writeHead(500).end('x'))).toBe('feed.httpError');
    expect(
      await errorFrom((_request, response) => response.end(`{"sessions":["${'x'.repeat(3_000_000)}"],"next":null}`)),
    ).toBe('feed.responseUnreadable');
    expect(
      await errorFrom((_request, response) => {
        response.write('{"sessions":[');
        response.destroy();
      }),
    ).toBe('feed.connectionLost');
    expect(await errorFrom((_request, response) => respondJson(response, { sessions: {}, next: null }))).toBe(
      'feed.sessionsMissing',
    );
    expect(await errorFrom((_request, response) => respondJson(response, { sessions: [] }))).toBe('feed.nextMissing');
    expect(
      await errorFrom((_request, response) => respondJson(response, { sessions: [], next: 'x'.repeat(501) })),
    ).toBe('feed.nextInvalid');
    expect(
      await errorFrom((_request, response) =>
        respondJson(response, {
          sessions: Array.from({ length: 5_001 }, (_, index) => ({ id: `n-${index}` })),
          next: null,
        }),
      ),
    ).toBe('feed.pageTooLong');
    let page = 0;
    expect(
      await errorFrom((_request, response) => respondJson(response, { sessions: [], next: String((page += 1)) })),
    ).toBe('feed.tooManyPages');
    server.closeAllConnections();
    expect(await listSessionIds()).toEqual(['feed-0', 'feed-1']);
  }, 60_000);

  it('run: a page that does not arrive completely ends the run with its reason', async () => {
    await app.close();
    app = await openTestApp({ dataFolder: folder, keychain, providers: { responseTimeoutMs: 200 } });
    respond = (_request, response) => void response.write('{');
    expect((await runFeed(await addFeed())).lastError).toMatchObject({ messageKey: 'feed.pageTimedOut' });
  });

  it('lastError and firstProblem: texts and messages are read back after a restart', async () => {
    respond = (_request, response) => respondJson(response, { sessions: [{ id: '' }] });
    const failed = await runFeed(await addFeed());
    respond = (_request, response) => respondJson(response, { sessions: [{ id: '' }], next: null });
    const rejected = await runFeed(await addFeed({ name: 'Rejected' }));
    expect(failed.lastError?.messageKey).toBe('feed.pageDiscarded');
    expect(rejected.lastCounts?.firstProblem?.messageKey).toBe('feed.pageFieldProblem');
    const old = await addFeed({ name: 'Version 0.1' });
    await runFeed(old);
    await app.close();
    const database = new DatabaseSync(join(folder, 'work', 'desk.sqlite'));
    database.prepare('UPDATE feeds SET last_error = ?, last_counts = ? WHERE id = ?').run(
      'The page is not valid JSON. Nothing of this page was taken; the next run asks for it again.',
      JSON.stringify({
        parts: 1,
        lines: 2,
        added: 1,
        updated: 0,
        refused: 1,
        firstProblem: 'Page 1, session 2, id: The session id is missing.',
      }),
      old.id,
    );
    database.close();
    app = await openTestApp({ dataFolder: folder, keychain });
    const feeds = calls['feeds.list'].output.parse(await app.handlers['feeds.list']({}));
    expect(feeds.find(({ id }) => id === failed.id)?.lastError).toEqual(failed.lastError);
    expect(feeds.find(({ id }) => id === rejected.id)?.lastCounts).toEqual(rejected.lastCounts);
    expect(feeds.find(({ id }) => id === old.id)).toMatchObject({
      lastError: {
        message: 'The page is not valid JSON. Nothing of this page was taken; the next run asks for it again.',
        messageKey: 'app.verbatim',
      },
      lastCounts: {
        added: 1,
        refused: 1,
        firstProblem: {
          message: 'Page 1, session 2, id: The session id is missing.',
          messageKey: 'app.verbatim',
        },
      },
    });
  });

  it('HTTP 410: the sweep starts again from its first page', async () => {
    const respondWithPages = servePages(4);
    respond = (request, response, query) =>
      query.get('cursor') === '2' && feedRequests.length === 2
        ? response.writeHead(410).end()
        : respondWithPages(request, response, query);
    expect(await runFeed(await addFeed())).toMatchObject({ lastError: null, lastCounts: { lines: 6, added: 4 } });
    expect(feedRequests.map(({ cursor }) => cursor)).toEqual([null, '2', null, '2']);
  });

  it('add: invalid URLs and folders are refused with feed_refused', async () => {
    const expectRefusal = (source: CallInput<'feeds.add'>['source'], messageKey: MessageKey) =>
      expect(addFeed({ source })).rejects.toMatchObject({ code: 'feed_refused', messageKey });
    await expectRefusal({ kind: 'url', url: 'http://shop.example/feed' }, 'feed.urlNotHttps');
    await expectRefusal({ kind: 'url', url: 'https://me:secret@shop.example/feed' }, 'feed.urlHasCredentials');
    await expectRefusal({ kind: 'url', url: 'https://shop.example/feed?cursor=1' }, 'feed.urlHasReservedParameter');
    await expectRefusal({ kind: 'url', url: 'shop' }, 'feed.urlInvalid');
    await expectRefusal({ kind: 'folder', path: 'relative' }, 'feed.pathNotAbsolute');
    await expectRefusal({ kind: 'folder', path: join(folder, 'missing') }, 'feed.folderNotFound');
    expect(await app.handlers['feeds.list']({})).toEqual([]);
  });

  it('change, replaceSecret and remove: apply to the schedule, the secret and the feed', async () => {
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

  it('remove: an active run ends early, without the page that it waits for', async () => {
    let page = 0;
    const hasStarted = new Promise<void>((resolve) => {
      respond = (_request, response) => {
        page += 1;
        if (page === 4) return resolve();
        respondJson(response, { sessions: [feedSession(page)], next: String(page) });
      };
    });
    const feed = await addFeed();
    await hasStarted;
    await app.handlers['feeds.remove']({ feedId: feed.id });
    expect(page).toBe(4);
    expect(await app.handlers['feeds.list']({})).toEqual([]);
  });
});

describe('folder feed', () => {
  const minuteAgo = new Date(Date.now() - 60_000);
  const writeFileWithTime = (path: string, text: string, modifiedAt = minuteAgo) => {
    writeFileSync(path, text);
    utimesSync(path, modifiedAt, modifiedAt);
  };

  it('run: imports each file once, and again when it changes', async () => {
    const watchedFolder = createTempFolder();
    writeFileWithTime(join(watchedFolder, 'a.csv'), 'id,reference\nfeed-0,Order-0\nbad id,x\n');
    writeFileWithTime(join(watchedFolder, 'b.jsonl'), '{"id":"feed-1"}\n');
    writeFileWithTime(join(watchedFolder, 'notes.md'), 'id\nno\n');
    writeFileSync(join(watchedFolder, 'growing.csv'), 'id\nfeed-9');
    writeFileSync(join(folder, 'elsewhere.csv'), 'id\nno\n');
    symlinkSync(join(folder, 'elsewhere.csv'), join(watchedFolder, 'link.csv'));
    lutimesSync(join(watchedFolder, 'link.csv'), minuteAgo, minuteAgo);
    const feed = await runFeed(await addFeed({ source: { kind: 'folder', path: watchedFolder } }));
    expect(feed).toMatchObject({
      lastError: { messageKey: 'feed.filesNotRegular', params: { files: 'link.csv' } },
      lastCounts: {
        parts: 2,
        lines: 3,
        added: 2,
        refused: 1,
        firstProblem: {
          messageKey: 'feed.fileProblem',
          params: { file: 'a.csv', line: 3, problem: { messageKey: 'import.idHasSpaces' } },
        },
      },
    });
    expect(await listSessionIds()).toEqual(['feed-0', 'feed-1']);
    expect(await runFeed(feed)).toMatchObject({ lastError: null, lastCounts: { parts: 0, lines: 0 } });
    writeFileWithTime(
      join(watchedFolder, 'a.csv'),
      'id,reference\nfeed-0,Order-0\nfeed-2,Order-2\n',
      new Date(Date.now() - 30_000),
    );
    writeFileWithTime(join(watchedFolder, 'c.csv'), 'name\nx\n');
    const secondRun = await runFeed(feed);
    expect(secondRun).toMatchObject({ lastCounts: { parts: 2, added: 1 } });
    expect(secondRun.lastError).toMatchObject({
      messageKey: 'feed.fileProblem',
      params: { file: 'c.csv', line: 1, problem: { messageKey: 'import.idColumnUnknown' } },
    });
    expect(await listSessionIds()).toEqual(expectedIds(3));
    rmSync(watchedFolder, { recursive: true });
    expect((await runFeed(feed)).lastError).toMatchObject({ messageKey: 'feed.folderUnreadable' });
  });
});
