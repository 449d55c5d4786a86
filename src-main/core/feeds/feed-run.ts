/** One run of a feed, from a URL or a folder, on record as it ends. */
import { importReading, isDeskError, type FeedCounts } from '../../contract/index.ts';
import { auditFacts, type Connections, type Vault } from '../connections/index.ts';
import { ImportRun, objectReader, type ReadingRules } from '../import/index.ts';
import type { Http, Providers } from '../providers/index.ts';
import type { Store, ToldSession } from '../store/index.ts';
import { accountOf, type Entry } from './feed-entry.ts';
import { runFolder } from './folder-feed.ts';
import { runUrl } from './url-feed.ts';

export interface RunParts {
  readonly store: Store;
  readonly vault: Vault;
  readonly connections: Connections;
  readonly providers: Providers;
  readonly http: Http;
  tracked(): void;
}

/** Never rejects: how it went is in the feed's row. */
export async function runOnce(parts: RunParts, entry: Entry): Promise<void> {
  const counts: FeedCounts = { parts: 0, lines: 0, added: 0, updated: 0, refused: 0, firstProblem: null };
  let error: string | null;
  try {
    error = await read(parts, entry, counts);
  } catch (cause) {
    error = isDeskError(cause)
      ? cause.message
      : 'The run failed in a way the console does not know. It is tried again.';
  }
  entry.failuresInRow = error === null ? 0 : entry.failuresInRow + 1;
  const at = new Date().toISOString();
  const lastCounts = JSON.stringify(counts);
  const isNews = counts.added + counts.updated > 0 || error !== entry.row.lastError;
  const detail = `${entry.settings.name}: ${counts.added} added, ${counts.updated} updated, ${counts.refused} refused`;
  const audit = !isNews
    ? null
    : {
        action: 'feed_ran' as const,
        ...auditFacts(parts.connections.get(entry.row.connectionId)),
        outcome: error === null ? 'finished' : 'broken_off',
        detail,
      };
  // Where even this cannot be written, the next run says so again.
  await parts.store
    .run('endFeedRun', { id: entry.row.id, at, error, counts: lastCounts, audit })
    .catch(() => undefined);
  entry.row = { ...entry.row, lastRunAt: at, lastError: error, lastCounts };
}

/** Answers with why it broke off, or null. */
function read(parts: RunParts, entry: Entry, counts: FeedCounts): Promise<string | null> {
  const { source } = entry.settings;
  return source.kind === 'url' ? readUrl(parts, entry, source, counts) : readFolder(parts, entry, source.path, counts);
}

async function readUrl(
  parts: RunParts,
  entry: Entry,
  { url, format }: { url: string; format: 'json' | 'json_lines' },
  counts: FeedCounts,
): Promise<string | null> {
  const { vault, http, store } = parts;
  const { id, secretPlace, connectionId } = entry.row;
  const secret = secretPlace === null ? null : await vault.fetch(accountOf(id));
  if (secretPlace !== null && secret === null) return 'The secret of this feed is not stored any more. Enter it again.';
  return await runUrl({
    row: entry.row,
    url,
    format,
    secret,
    http,
    signal: entry.stopping.signal,
    counts,
    now: Date.now,
    read: async (sessions) => {
      const { good, lines, problems } = await objectReader(rulesOf(parts, entry), sessions);
      const first = problems.find(({ kind }) => kind === 'refused');
      counts.parts += 1;
      counts.lines += lines;
      counts.refused += lines - good.length;
      if (first) {
        const place = `Page ${counts.parts}, session ${first.line}${first.name === null ? '' : `, ${first.name}`}`;
        counts.firstProblem ??= `${place}: ${first.message}`;
      }
      return good;
    },
    take: async (sessions, place) => {
      const taken = await store.run('takeFeedPage', {
        place: { id, ...place },
        sessions: { connectionId, source: 'imported', at: new Date().toISOString(), sessions },
      });
      entry.row = { ...entry.row, ...place };
      count(parts, counts, taken);
    },
  });
}

async function readFolder(parts: RunParts, entry: Entry, path: string, counts: FeedCounts): Promise<string | null> {
  const { store } = parts;
  const { id, connectionId } = entry.row;
  const files = await store.run('feedFiles', id);
  const write = async (sessions: readonly ToldSession[]) => {
    const taken = await store.run('takeSessions', {
      connectionId,
      source: 'imported',
      at: new Date().toISOString(),
      sessions,
    });
    count(parts, counts, taken);
    return taken;
  };
  return await runFolder({
    path,
    signal: entry.stopping.signal,
    now: Date.now,
    taken: new Map(files.map(({ name, stamp }) => [name, stamp])),
    begin: () => new ImportRun({ ...rulesOf(parts, entry), badLines: 'skip', changed: () => undefined, write }),
    done: async (name, stamp, run) => {
      counts.parts += 1;
      counts.lines += run.counts.lines;
      counts.refused += run.counts.refused;
      const problem = run.problems.find(({ kind }) => kind === 'refused');
      if (problem) counts.firstProblem ??= `${name}, line ${problem.line}: ${problem.message}`;
      const at = new Date().toISOString();
      await store.run('markFeedFile', { feedId: id, name, stamp, at, problem: run.fault?.message ?? null });
    },
  });
}

function count(parts: RunParts, counts: FeedCounts, { added, updated }: { added: number; updated: number }): void {
  counts.added += added;
  counts.updated += updated;
  if (added + updated > 0) parts.tracked();
}

function rulesOf({ connections, providers, store }: RunParts, { row, settings }: Entry): ReadingRules {
  const { provider } = connections.get(row.connectionId).options;
  return {
    provider,
    product: settings.product,
    reading: importReading.parse(settings.reading),
    now: Date.now,
    idWarning: (id) => providers[provider].idWarning(id),
    remembered: (columns) => store.run('importMapping', columns),
  };
}
