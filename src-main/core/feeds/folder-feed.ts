import { constants, type Stats } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createMessage, type Message } from '../../contract/index.ts';
import { pickMessage, type ImportRun } from '../import/index.ts';

/**
 * A newer file may be incomplete, and its last line would hold an incomplete session ID. The next run imports it.
 */
const minFileAgeMs = 5_000;
const maxFilesPerRun = 1_000;
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
}

/**
 * Imports every file that is new or has changed, oldest first. Returns why the run ended early or why the first
 * unreadable file could not be read; null if neither happened.
 */
export async function runFolderFeed(folder: FolderFeedRun): Promise<Message | null> {
  let names: string[];
  try {
    names = (await readdir(folder.path)).filter((name) => fileExtensions.test(name) && !name.startsWith('.'));
  } catch {
    return createMessage('feed.folderUnreadable', { folder: folder.path });
  }
  const files = (
    await Promise.all(
      names.map(async (name) => ({ name, stats: await lstat(join(folder.path, name)).catch(() => null) })),
    )
  )
    // Symbolic links are ignored: a feed reads only files in its folder.
    .filter((file): file is { name: string; stats: Stats } => file.stats?.isFile() === true)
    .filter(
      ({ name, stats }) =>
        folder.now() - stats.mtimeMs >= minFileAgeMs && folder.ingestedFiles.get(name) !== getFileFingerprint(stats),
    )
    .sort((left, right) => left.stats.mtimeMs - right.stats.mtimeMs || left.name.localeCompare(right.name))
    .slice(0, maxFilesPerRun);
  let firstError: Message | null = null;
  for (const { name, stats } of files) {
    if (folder.signal.aborted) return createMessage('feed.stopped');
    const run = folder.startImport(name);
    const isComplete = await importFile(join(folder.path, name), stats, run, folder.signal);
    if (!isComplete) continue;
    if (run.error) {
      const params = { file: name, line: run.error.line, problem: pickMessage(run.error) };
      firstError ??= createMessage('feed.fileProblem', params);
    }
    await folder.completeFile(name, getFileFingerprint(stats), run);
  }
  return firstError;
}

/** Changes when the file's size or modification time changes. */
function getFileFingerprint({ size, mtimeMs }: Pick<Stats, 'size' | 'mtimeMs'>): string {
  return `${size}-${mtimeMs}`;
}

/**
 * Returns false if the file changed during the import or the run was stopped. The next run imports the file again;
 * known sessions are not added twice.
 */
async function importFile(path: string, before: Stats, run: ImportRun, signal: AbortSignal): Promise<boolean> {
  const handle = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0)).catch(() => null);
  if (!handle) return false;
  try {
    const buffer = Buffer.alloc(chunkBytes);
    for (let offset = 0; offset < before.size && run.state === 'running';) {
      const { bytesRead } = await handle.read(buffer, 0, Math.min(chunkBytes, before.size - offset), offset);
      if (bytesRead === 0 || signal.aborted) {
        await run.stop();
        return false;
      }
      await run.push(Buffer.from(buffer.subarray(0, bytesRead)));
      offset += bytesRead;
    }
    const isUnchanged = getFileFingerprint(await handle.stat()) === getFileFingerprint(before);
    if (!isUnchanged) await run.stop();
    else if (run.state === 'running') await run.end();
    return isUnchanged;
  } finally {
    await handle.close();
  }
}
