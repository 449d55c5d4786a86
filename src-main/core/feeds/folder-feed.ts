import type { Stats } from 'node:fs';
import { lstat, readdir, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { assertNever, createMessage, pickMessage, type Message } from '../../contract/index.ts';
import type { ImportRun } from '../import/index.ts';
import { openRegularFile } from '../regular-file.ts';
import { createLimitMessage, type FeedRunLimits } from './feed-entry.ts';

/**
 * A newer file may be incomplete, and its last line would hold an incomplete session ID. The next run imports it.
 */
const minFileAgeMs = 5_000;
const maxFilesPerRun = 1_000;
/** More names in a message would hide its text. */
const maxNamesInMessage = 10;
/**
 * Limits of one run, so that a folder that others can write to cannot fill the disk. A file is imported completely or
 * not at all, so they must be larger than the largest export; the list of sessions is made for a million.
 */
export const folderRunLimits: FeedRunLimits = { maxSessions: 1_000_000, maxBytes: 512 * 2 ** 20 };
const chunkBytes = 65_536;
const fileExtensions = /\.(csv|tsv|txt|json|jsonl|ndjson)$/i;

export interface FolderFeedRun {
  readonly path: string;
  readonly signal: AbortSignal;
  /** The fingerprint of each file that was imported before, by name. */
  readonly ingestedFiles: ReadonlyMap<string, string>;
  now(): number;
  startImport(name: string): ImportRun;
  /** Called after a file was imported or could not be read; `run` holds its counts and problems. */
  completeFile(name: string, fingerprint: string, run: ImportRun): Promise<void>;
  /** Called for a file that is not imported. It is reported once, until its fingerprint changes. */
  rejectFile(name: string, fingerprint: string, reason: Message): Promise<void>;
  readonly limits?: FeedRunLimits;
}

interface FolderFile {
  readonly name: string;
  readonly stats: Stats;
}

/** Why a file was not imported completely; `changed`: the next run imports it again. */
type FileResult = 'imported' | 'changed' | 'stopped' | 'not_regular' | 'too_many_sessions';

/**
 * Imports every file that is new or has changed, oldest first. Returns why the run ended early or why the first file
 * could not be imported; null if neither happened.
 */
export async function runFolderFeed(folder: FolderFeedRun): Promise<Message | null> {
  let files: FolderFile[];
  try {
    files = await findNewFiles(folder);
  } catch {
    return createMessage('feed.folderUnreadable', { folder: folder.path });
  }
  return await importFiles(folder, files);
}

async function findNewFiles(folder: FolderFeedRun): Promise<FolderFile[]> {
  const names = (await readdir(folder.path)).filter((name) => fileExtensions.test(name) && !name.startsWith('.'));
  const files = await Promise.all(
    names.map(async (name) => ({ name, stats: await lstat(join(folder.path, name)).catch(() => null) })),
  );
  return files
    .filter((file): file is FolderFile => file.stats !== null)
    .filter(
      ({ name, stats }) =>
        folder.now() - stats.mtimeMs >= minFileAgeMs && folder.ingestedFiles.get(name) !== getFileFingerprint(stats),
    )
    .sort((left, right) => left.stats.mtimeMs - right.stats.mtimeMs || left.name.localeCompare(right.name))
    .slice(0, maxFilesPerRun);
}

async function importFiles(folder: FolderFeedRun, files: readonly FolderFile[]): Promise<Message | null> {
  const limits = folder.limits ?? folderRunLimits;
  const specialFiles: string[] = [];
  let imported = { sessions: 0, bytes: 0 };
  let firstError: Message | null = null;
  const reject = async ({ name, stats }: FolderFile, reason: Message) => {
    await folder.rejectFile(name, getFileFingerprint(stats), reason);
    return reason;
  };
  for (const file of files) {
    if (folder.signal.aborted) return createMessage('feed.stopped');
    const { name, stats } = file;
    if (stats.isFile() && stats.size > limits.maxBytes) {
      const reason = await reject(file, createTooLargeMessage(name, limits));
      firstError ??= reason;
      continue;
    }
    if (imported.bytes + stats.size > limits.maxBytes) return firstError ?? createLimitMessage(limits);
    const run = folder.startImport(name);
    const result = await importFile(folder, file, run, limits.maxSessions - imported.sessions);
    switch (result) {
      case 'imported': {
        if (run.error) {
          const params = { file: name, line: run.error.line, problem: pickMessage(run.error) };
          firstError ??= createMessage('feed.fileProblem', params);
        }
        await folder.completeFile(name, getFileFingerprint(stats), run);
        break;
      }
      case 'not_regular':
        await reject(file, createMessage('feed.filesNotRegular', { files: name }));
        specialFiles.push(name);
        break;
      case 'too_many_sessions': {
        // The next run imports the file from its start. A file that is too long for a whole run never ends.
        if (imported.sessions > 0) return firstError ?? createLimitMessage(limits);
        const reason = await reject(file, createTooLargeMessage(name, limits));
        firstError ??= reason;
        break;
      }
      case 'changed':
      case 'stopped':
        break;
      default:
        assertNever(result);
    }
    imported = { sessions: imported.sessions + run.counts.lines, bytes: imported.bytes + run.bytesRead };
  }
  return specialFiles.length > 0 ? (firstError ?? createSpecialFilesMessage(specialFiles)) : firstError;
}

function createTooLargeMessage(file: string, { maxSessions, maxBytes }: FeedRunLimits): Message {
  return createMessage('feed.fileTooLarge', { file, megabytes: maxBytes / 2 ** 20, max: maxSessions });
}

function createSpecialFilesMessage(names: readonly string[]): Message {
  const listed = names.slice(0, maxNamesInMessage).join(', ');
  return createMessage('feed.filesNotRegular', { files: names.length > maxNamesInMessage ? `${listed}, …` : listed });
}

/** Changes when the file's size or modification time changes. */
function getFileFingerprint({ size, mtimeMs }: Pick<Stats, 'size' | 'mtimeMs'>): string {
  return `${size}-${mtimeMs}`;
}

/**
 * Imports one file. `changed`: the file changed during the import; the next run imports it again, and known sessions
 * are not added twice.
 */
async function importFile(
  { path, signal }: FolderFeedRun,
  { name, stats }: FolderFile,
  run: ImportRun,
  maxSessions: number,
): Promise<FileResult> {
  // Only a regular file is opened: the opening of a device may have an effect.
  if (!stats.isFile()) return 'not_regular';
  let handle: FileHandle | null;
  try {
    handle = await openRegularFile(join(path, name));
  } catch {
    return 'changed';
  }
  if (handle === null) return 'not_regular';
  try {
    const result = await readFile(handle, stats, run, { signal, maxSessions });
    if (result === 'imported' && run.state === 'running') await run.end();
    if (result !== 'imported') await run.stop();
    return result;
  } finally {
    await handle.close();
  }
}

async function readFile(
  handle: FileHandle,
  before: Stats,
  run: ImportRun,
  { signal, maxSessions }: { signal: AbortSignal; maxSessions: number },
): Promise<FileResult> {
  const buffer = Buffer.alloc(chunkBytes);
  for (let offset = 0; offset < before.size && run.state === 'running';) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(chunkBytes, before.size - offset), offset);
    if (signal.aborted) return 'stopped';
    if (bytesRead === 0) return 'changed';
    await run.push(Buffer.from(buffer.subarray(0, bytesRead)));
    if (run.counts.lines > maxSessions) return 'too_many_sessions';
    offset += bytesRead;
  }
  return getFileFingerprint(await handle.stat()) === getFileFingerprint(before) ? 'imported' : 'changed';
}
