import { constants, type Stats } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImportRun } from '../import/index.ts';

/** A file still being written is left for the next run: a cut line would be a session that does not exist. */
const minFileAgeMs = 5_000;
const maxFilesPerRun = 1_000;
const chunkBytes = 65_536;
const fileExtensions = /\.(csv|tsv|txt|json|jsonl|ndjson)$/i;

export interface FolderFeedRun {
  readonly path: string;
  readonly signal: AbortSignal;
  /** What was taken before: name and stamp. */
  readonly ingestedFiles: ReadonlyMap<string, string>;
  now(): number;
  startImport(name: string): ImportRun;
  /** The file is through, with what was wrong with it as a whole. */
  completeFile(name: string, stamp: string, run: ImportRun): Promise<void>;
}

/** Takes every file that is new or has changed, oldest first. Answers with why the run broke off or a file could not be read, or null. */
export async function runFolderFeed(folder: FolderFeedRun): Promise<string | null> {
  let names: string[];
  try {
    names = (await readdir(folder.path)).filter((name) => fileExtensions.test(name) && !name.startsWith('.'));
  } catch {
    return `The folder ${folder.path} cannot be read. Check that it exists and that your user may read it.`;
  }
  const files = (
    await Promise.all(
      names.map(async (name) => ({ name, stats: await lstat(join(folder.path, name)).catch(() => null) })),
    )
  )
    // No links: a feed reads its folder and nothing else.
    .filter((file): file is { name: string; stats: Stats } => file.stats?.isFile() === true)
    .filter(
      ({ name, stats }) =>
        folder.now() - stats.mtimeMs >= minFileAgeMs && folder.ingestedFiles.get(name) !== getFileStamp(stats),
    )
    .sort((one, other) => one.stats.mtimeMs - other.stats.mtimeMs || one.name.localeCompare(other.name))
    .slice(0, maxFilesPerRun);
  let trouble: string | null = null;
  for (const { name, stats } of files) {
    if (folder.signal.aborted) return 'Stopped. The next run goes on from here.';
    const run = folder.startImport(name);
    const whole = await importFile(join(folder.path, name), stats, run, folder.signal);
    if (!whole) continue;
    if (run.fault) trouble ??= `${name}, line ${run.fault.line}: ${run.fault.message}`;
    await folder.completeFile(name, getFileStamp(stats), run);
  }
  return trouble;
}

export function getFileStamp({ size, mtimeMs }: Pick<Stats, 'size' | 'mtimeMs'>): string {
  return `${size}-${mtimeMs}`;
}

/** False where the file changed meanwhile or the run was stopped: it is read again, which doubles nothing. */
async function importFile(path: string, before: Stats, run: ImportRun, signal: AbortSignal): Promise<boolean> {
  const handle = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0)).catch(() => null);
  if (!handle) return false;
  try {
    const piece = Buffer.alloc(chunkBytes);
    for (let at = 0; at < before.size && run.state === 'running';) {
      const { bytesRead } = await handle.read(piece, 0, Math.min(chunkBytes, before.size - at), at);
      if (bytesRead === 0 || signal.aborted) {
        await run.stop();
        return false;
      }
      await run.push(Buffer.from(piece.subarray(0, bytesRead)));
      at += bytesRead;
    }
    const isSame = getFileStamp(await handle.stat()) === getFileStamp(before);
    if (!isSame) await run.stop();
    else if (run.state === 'running') await run.end();
    return isSame;
  } finally {
    await handle.close();
  }
}
