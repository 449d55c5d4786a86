/** One run of a feed, from a URL or a folder, on record as it ends. */
import { importParseOptions, isAppError, type FeedCounts, createMessage } from '../../contract/index.ts';
import { auditFields, type Connections, type SecretStore } from '../connections/index.ts';
import { ImportRun, readObjects, type ReadingOptions } from '../import/index.ts';
import type { HttpClient, Providers } from '../providers/index.ts';
import type { Store, ReportedSession } from '../store/index.ts';
import { secretAccountFor, type FeedEntry } from './feed-entry.ts';
import { runFolderFeed } from './folder-feed.ts';
import { runUrlFeed } from './url-feed.ts';

export interface FeedRunDependencies {
  readonly store: Store;
  readonly secretStore: SecretStore;
  readonly connections: Connections;
  readonly providers: Providers;
  readonly http: HttpClient;
  onSessionsChanged(): void;
}

/** Never rejects: how it went is in the feed's row. */
export async function runFeed(dependencies: FeedRunDependencies, entry: FeedEntry): Promise<void> {
  const counts: FeedCounts = { parts: 0, lines: 0, added: 0, updated: 0, refused: 0, firstProblem: null };
  let error: string | null;
  try {
    error = await runSource(dependencies, entry, counts);
  } catch (cause) {
    error = isAppError(cause) ? cause.message : 'The run failed in a way the console does not know. It is tried again.';
  }
  entry.consecutiveFailures = error === null ? 0 : entry.consecutiveFailures + 1;
  const at = new Date().toISOString();
  const lastCounts = JSON.stringify(counts);
  const isNews = counts.added + counts.updated > 0 || error !== entry.row.lastError;
  const detail = `${entry.settings.name}: ${counts.added} added, ${counts.updated} updated, ${counts.refused} refused`;
  const audit = !isNews
    ? null
    : {
        action: 'feed_ran' as const,
        ...auditFields(dependencies.connections.get(entry.row.connectionId)),
        outcome: error === null ? 'finished' : 'broken_off',
        detail,
      };
  // Where even this cannot be written, the next run says so again.
  await dependencies.store
    .run('endFeedRun', { id: entry.row.id, at, error, counts: lastCounts, audit })
    .catch(() => undefined);
  entry.row = { ...entry.row, lastRunAt: at, lastError: error, lastCounts };
}

/** Answers with why it broke off, or null. */
function runSource(dependencies: FeedRunDependencies, entry: FeedEntry, counts: FeedCounts): Promise<string | null> {
  const { source } = entry.settings;
  return source.kind === 'url'
    ? runUrlSource(dependencies, entry, source, counts)
    : runFolderSource(dependencies, entry, source.path, counts);
}

async function runUrlSource(
  dependencies: FeedRunDependencies,
  entry: FeedEntry,
  { url, format }: { url: string; format: 'json' | 'json_lines' },
  counts: FeedCounts,
): Promise<string | null> {
  const { secretStore, http, store } = dependencies;
  const { id, secretPlace, connectionId } = entry.row;
  const secret = secretPlace === null ? null : await secretStore.get(secretAccountFor(id));
  if (secretPlace !== null && secret === null) return 'The secret of this feed is not stored any more. Enter it again.';
  return await runUrlFeed({
    row: entry.row,
    url,
    format,
    secret,
    http,
    signal: entry.abortController.signal,
    counts,
    now: Date.now,
    parseSessions: async (sessions) => {
      const parsed = await readObjects(readingOptionsFor(dependencies, entry), sessions);
      const { lines, problems } = parsed;
      const first = problems.find(({ kind }) => kind === 'refused');
      counts.parts += 1;
      counts.lines += lines;
      counts.refused += lines - parsed.sessions.length;
      if (first) {
        const place = `Page ${counts.parts}, session ${first.line}${first.name === null ? '' : `, ${first.name}`}`;
        counts.firstProblem ??= createMessage('app.verbatim', { text: `${place}: ${first.message}` });
      }
      return parsed.sessions;
    },
    ingest: async (sessions, checkpoint) => {
      const taken = await store.run('ingestFeedPage', {
        checkpoint: { id, ...checkpoint },
        sessions: { connectionId, source: 'imported', ingestedAt: new Date().toISOString(), sessions },
      });
      entry.row = { ...entry.row, ...checkpoint };
      addCounts(dependencies, counts, taken);
    },
  });
}

async function runFolderSource(
  dependencies: FeedRunDependencies,
  entry: FeedEntry,
  path: string,
  counts: FeedCounts,
): Promise<string | null> {
  const { store } = dependencies;
  const { id, connectionId } = entry.row;
  const files = await store.run('feedFiles', id);
  const writeBatch = async (sessions: readonly ReportedSession[]) => {
    const taken = await store.run('ingestSessions', {
      connectionId,
      source: 'imported',
      ingestedAt: new Date().toISOString(),
      sessions,
    });
    addCounts(dependencies, counts, taken);
    return taken;
  };
  return await runFolderFeed({
    path,
    signal: entry.abortController.signal,
    now: Date.now,
    ingestedFiles: new Map(files.map(({ name, fingerprint }) => [name, fingerprint])),
    startImport: () =>
      new ImportRun({
        ...readingOptionsFor(dependencies, entry),
        badLines: 'skip',
        onProgress: () => undefined,
        writeBatch,
      }),
    completeFile: async (name, fingerprint, run) => {
      counts.parts += 1;
      counts.lines += run.counts.lines;
      counts.refused += run.counts.refused;
      const problem = run.problems.find(({ kind }) => kind === 'refused');
      if (problem)
        counts.firstProblem ??= createMessage('app.verbatim', {
          text: `${name}, line ${problem.line}: ${problem.message}`,
        });
      const at = new Date().toISOString();
      await store.run('markFeedFile', { feedId: id, name, fingerprint, at, problem: run.fault?.message ?? null });
    },
  });
}

function addCounts(
  dependencies: FeedRunDependencies,
  counts: FeedCounts,
  { added, updated }: { added: number; updated: number },
): void {
  counts.added += added;
  counts.updated += updated;
  if (added + updated > 0) dependencies.onSessionsChanged();
}

function readingOptionsFor(
  { connections, providers, store }: FeedRunDependencies,
  { row, settings }: FeedEntry,
): ReadingOptions {
  const { provider } = connections.get(row.connectionId).options;
  return {
    provider,
    product: settings.product,
    parseOptions: importParseOptions.parse(settings.reading),
    now: Date.now,
    getIdWarning: (id) => providers[provider].getIdWarning(id),
    findRememberedMapping: (columns) => store.run('importMapping', columns),
  };
}
