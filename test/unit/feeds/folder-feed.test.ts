import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { importParseOptions, type Message } from '../../../src-main/contract/index.ts';
import type { FeedRunLimits } from '../../../src-main/core/feeds/feed-entry.ts';
import { runFolderFeed } from '../../../src-main/core/feeds/folder-feed.ts';
import { ImportRun } from '../../../src-main/core/import/index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'folder-feed-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
});

/** A file that is `minutesAgo` old. */
function writeOldFile(name: string, text: string, minutesAgo = 10): void {
  writeFileSync(join(folder, name), text);
  const time = new Date(Date.now() - minutesAgo * 60_000);
  utimesSync(join(folder, name), time, time);
}

const csvWith = (count: number, prefix: string) =>
  `id\n${Array.from({ length: count }, (_, number) => `${prefix}-${String(number).padStart(40, '0')}\n`).join('')}`;

interface RunOptions {
  readonly limits?: FeedRunLimits;
  readonly signal?: AbortSignal;
  readonly ingestedFiles?: ReadonlyMap<string, string>;
  onStart?(name: string): void;
}

/** Runs the feed an hour later, so that every file is old enough. */
async function runFeed({ limits, signal, ingestedFiles = new Map(), onStart }: RunOptions = {}) {
  const ids: string[] = [];
  const imported: string[] = [];
  const rejected: Record<string, Message> = {};
  const fingerprints = new Map(ingestedFiles);
  const error = await runFolderFeed({
    path: folder,
    signal: signal ?? new AbortController().signal,
    now: () => Date.now() + 3_600_000,
    ingestedFiles,
    startImport: (name) => {
      onStart?.(name);
      return new ImportRun({
        provider: 'flinks',
        product: 'geft',
        parseOptions: importParseOptions.parse({}),
        onInvalidLine: 'skip',
        getIdWarning: () => null,
        now: Date.now,
        findRememberedMapping: () => Promise.resolve(null),
        onProgress: () => undefined,
        writeBatch: (sessions) => {
          ids.push(...sessions.map(({ id }) => id));
          return Promise.resolve({ added: sessions.length, updated: 0, unchanged: 0 });
        },
      });
    },
    completeFile: (name, fingerprint) => {
      imported.push(name);
      return Promise.resolve(void fingerprints.set(name, fingerprint));
    },
    rejectFile: (name, fingerprint, reason) => {
      rejected[name] = reason;
      return Promise.resolve(void fingerprints.set(name, fingerprint));
    },
    ...(limits && { limits }),
  });
  return { error, ids, imported, rejected, fingerprints };
}

// Windows has no such files.
if (process.platform !== 'win32')
  describe('special files in a watched folder', () => {
    // Verifies F-12.
    it('folder feed: pipes, sockets, links and folders are reported once by name, and files are imported', async () => {
      writeOldFile('a.csv', 'id\na-1\n');
      execFileSync('mkfifo', [join(folder, 'pipe.csv')]);
      symlinkSync('/dev/zero', join(folder, 'device.csv'));
      mkdirSync(join(folder, 'folder.csv'));
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(join(folder, 'socket.csv'), resolve));
      onTestFinished(() => void server.close());
      const first = await runFeed();
      expect(first.ids).toEqual(['a-1']);
      const names = ['device.csv', 'folder.csv', 'pipe.csv', 'socket.csv'];
      expect(Object.keys(first.rejected).sort()).toEqual(names);
      expect(first.error?.messageKey).toBe('feed.filesNotRegular');
      for (const name of names) {
        expect(first.error?.message).toContain(name);
        expect(first.rejected[name]?.params).toEqual({ files: name });
      }
      expect(await runFeed({ ingestedFiles: first.fingerprints })).toMatchObject({ error: null, rejected: {} });
    });

    // Verifies F-12.
    it('folder feed: a file that a pipe replaces before it is opened is reported, and the run goes on', async () => {
      writeOldFile('a.csv', 'id\na-1\n', 20);
      writeOldFile('b.csv', 'id\nb-1\n', 10);
      const { ids, rejected } = await runFeed({
        onStart: (name) => {
          if (name !== 'a.csv') return;
          rmSync(join(folder, name));
          execFileSync('mkfifo', [join(folder, name)]);
          // If the run waits for a writer, the end of the test is one.
          onTestFinished(() => closeSync(openSync(join(folder, name), constants.O_RDWR | constants.O_NONBLOCK)));
        },
      });
      expect(ids).toEqual(['b-1']);
      expect(Object.keys(rejected)).toEqual(['a.csv']);
    });

    // Verifies F-12.
    it('folder feed: a run with a pipe can be stopped', async () => {
      writeOldFile('a.csv', 'id\na-1\n');
      execFileSync('mkfifo', [join(folder, 'pipe.csv')]);
      const controller = new AbortController();
      const { error } = await runFeed({ signal: controller.signal, onStart: () => controller.abort() });
      expect(error?.messageKey).toBe('feed.stopped');
    });
  });

describe('limits of a run', () => {
  const limits = { maxSessions: 5_000, maxBytes: 2 ** 20 };

  // Verifies F-13.
  it('folder feed: a run ends at its number of sessions, and the next run continues with the next file', async () => {
    writeOldFile('a.csv', csvWith(4_000, 'a'), 20);
    writeOldFile('b.csv', csvWith(4_000, 'b'), 10);
    const first = await runFeed({ limits });
    expect(first.error).toMatchObject({
      messageKey: 'feed.runLimitReached',
      params: { max: limits.maxSessions, megabytes: 1 },
    });
    expect(first.imported).toEqual(['a.csv']);
    expect(first.ids.length).toBeLessThan(8_000);
    const second = await runFeed({ limits, ingestedFiles: first.fingerprints });
    expect(second).toMatchObject({ error: null, imported: ['b.csv'] });
    expect(second.ids).toHaveLength(4_000);
  });

  // Verifies F-13.
  it('folder feed: a run ends at its number of bytes, and the next run continues with the next file', async () => {
    const wideLimits = { ...limits, maxSessions: 1_000_000 };
    for (const [index, name] of ['a', 'b', 'c'].entries())
      writeOldFile(`${name}.csv`, csvWith(10_000, name), 30 - index);
    const first = await runFeed({ limits: wideLimits });
    expect(first).toMatchObject({ error: { messageKey: 'feed.runLimitReached' }, imported: ['a.csv', 'b.csv'] });
    expect(await runFeed({ limits: wideLimits, ingestedFiles: first.fingerprints })).toMatchObject({
      error: null,
      imported: ['c.csv'],
    });
  });

  // Verifies F-13.
  it('folder feed: a file that is too large for a run is rejected once, and the others are imported', async () => {
    writeOldFile('large.csv', csvWith(30_000, 'l'), 40);
    writeOldFile('many.csv', csvWith(20_000, 'm'), 30);
    writeOldFile('small.csv', csvWith(1, 's'), 20);
    const first = await runFeed({ limits });
    expect(first.error).toMatchObject({ messageKey: 'feed.fileTooLarge', params: { file: 'large.csv' } });
    expect(Object.keys(first.rejected)).toEqual(['large.csv', 'many.csv']);
    const second = await runFeed({ limits, ingestedFiles: first.fingerprints });
    expect(first.imported.concat(second.imported)).toEqual(['small.csv']);
    expect(second.rejected).toEqual({});
  });
});
