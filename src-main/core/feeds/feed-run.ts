/** One run of a feed, from a URL or a folder. Its result is stored when it ends. */
import {
  createMessage,
  isAppError,
  pickMessage,
  type FeedCounts,
  type ImportProblem,
  type Message,
} from '../../contract/index.ts';
import { auditFields, feedDestination, type Connections, type SecretStore } from '../connections/index.ts';
import { createReadingOptions, ImportRun, readObjects, type ReadingOptions } from '../import/index.ts';
import type { HttpClient, Providers } from '../providers/index.ts';
import type { Store, ReportedSession } from '../store/index.ts';
import { readFeedSecret, serializeCounts, type FeedEntry } from './feed-entry.ts';
import { runFolderFeed } from './folder-feed.ts';
import { runUrlFeed } from './url-feed.ts';

export interface FeedRunDependencies {
  readonly store: Store;
  readonly secretStore: SecretStore;
  readonly connections: Connections;
  readonly providers: Providers;
  readonly http: HttpClient;
  /** Throws restore_not_reviewed while nothing may be sent. */
  assertMaySend(): void;
  onSessionsChanged(): void;
}

/** Runs the feed and stores counts and error in its row. Never rejects. */
export async function runFeed(dependencies: FeedRunDependencies, entry: FeedEntry): Promise<void> {
  const counts: FeedCounts = { parts: 0, lines: 0, added: 0, updated: 0, refused: 0, firstProblem: null };
  const reason = await runSource(dependencies, entry, counts).catch((error: unknown) =>
    isAppError(error) ? pickMessage(error) : createMessage('feed.runFailed'),
  );
  const error = reason === null ? null : JSON.stringify(reason);
  entry.consecutiveFailures = error === null ? 0 : entry.consecutiveFailures + 1;
  const at = new Date().toISOString();
  const lastCounts = serializeCounts(counts);
  const hasChanges = counts.added + counts.updated > 0 || error !== entry.row.lastError;
  const { added, updated, refused } = counts;
  const audit = !hasChanges
    ? null
    : {
        action: 'feed_ran' as const,
        ...auditFields(dependencies.connections.get(entry.row.connectionId)),
        outcome: error === null ? 'finished' : 'broken_off',
        detail: { kind: 'feed_run' as const, feed: entry.settings.name, added, updated, refused },
      };
  // If the store cannot write the result, the next run reports the failure again.
  await dependencies.store
    .run('endFeedRun', { id: entry.row.id, at, error, counts: lastCounts, audit })
    .catch(() => undefined);
  entry.row = { ...entry.row, lastRunAt: at, lastError: error, lastCounts };
}

/** Returns why the run ended early, or null. Adds to `counts`. */
async function runSource(
  dependencies: FeedRunDependencies,
  entry: FeedEntry,
  counts: FeedCounts,
): Promise<Message | null> {
  dependencies.assertMaySend();
  const { source } = entry.settings;
  return await (source.kind === 'url'
    ? runUrlSource(dependencies, entry, source, counts)
    : runFolderSource(dependencies, entry, source.path, counts));
}

async function runUrlSource(
  dependencies: FeedRunDependencies,
  entry: FeedEntry,
  { url, format }: { url: string; format: 'json' | 'json_lines' },
  counts: FeedCounts,
): Promise<Message | null> {
  const { secretStore, http, store } = dependencies;
  const { id, connectionId } = entry.row;
  const found = await readFeedSecret(secretStore, entry);
  if (found?.kind === 'missing') return createMessage('feed.secretMissing');
  if (found?.kind === 'other_destination') return await withholdSecret(dependencies, entry, url, found.storedFor);
  return await runUrlFeed({
    row: entry.row,
    url,
    format,
    secret: found?.secret ?? null,
    http,
    signal: entry.abortController.signal,
    counts,
    now: Date.now,
    parseSessions: async (sessions) => {
      const parsed = await readObjects(readingOptionsFor(dependencies, entry), sessions);
      const problem = parsed.problems.find(({ kind }) => kind === 'refused');
      counts.parts += 1;
      counts.lines += parsed.lines;
      counts.refused += parsed.lines - parsed.sessions.length;
      if (problem) counts.firstProblem ??= createPageProblem(counts.parts, problem);
      return parsed.sessions;
    },
    ingest: async (sessions, checkpoint) => {
      const ingested = await store.run('ingestFeedPage', {
        checkpoint: { id, ...checkpoint },
        sessions: { connectionId, source: 'imported', ingestedAt: new Date().toISOString(), sessions },
      });
      entry.row = { ...entry.row, ...checkpoint };
      addCounts(dependencies, counts, ingested);
    },
  });
}

/** Records that the secret was not sent, once per run of the app, and returns why the run ended. */
async function withholdSecret(
  { store, connections }: FeedRunDependencies,
  entry: FeedEntry,
  url: string,
  storedFor: string | null,
): Promise<Message> {
  const destination = feedDestination(url);
  const detail = { kind: 'secret_withheld' as const, feed: entry.settings.name, storedFor, destination };
  const reason =
    storedFor === null
      ? createMessage('feed.secretDestinationUnknown', { destination })
      : createMessage('feed.secretForOtherDestination', { storedFor, destination });
  if (!entry.isSecretWithheld) {
    entry.isSecretWithheld = true;
    const connection = connections.get(entry.row.connectionId);
    await store.run('appendAudit', { action: 'secret_withheld', ...auditFields(connection), detail });
  }
  return reason;
}

function createPageProblem(page: number, { line, name, ...problem }: ImportProblem): Message {
  const params = { page, session: line, problem: pickMessage(problem) };
  return name === null
    ? createMessage('feed.pageProblem', params)
    : createMessage('feed.pageFieldProblem', { ...params, field: name });
}

async function runFolderSource(
  dependencies: FeedRunDependencies,
  entry: FeedEntry,
  path: string,
  counts: FeedCounts,
): Promise<Message | null> {
  const { store } = dependencies;
  const { id, connectionId } = entry.row;
  const files = await store.run('feedFiles', id);
  const writeBatch = async (sessions: readonly ReportedSession[]) => {
    const ingested = await store.run('ingestSessions', {
      connectionId,
      source: 'imported',
      ingestedAt: new Date().toISOString(),
      sessions,
    });
    addCounts(dependencies, counts, ingested);
    return ingested;
  };
  return await runFolderFeed({
    path,
    signal: entry.abortController.signal,
    now: Date.now,
    ingestedFiles: new Map(files.map(({ name, fingerprint }) => [name, fingerprint])),
    startImport: () =>
      new ImportRun({
        ...readingOptionsFor(dependencies, entry),
        onInvalidLine: 'skip',
        onProgress: () => undefined,
        writeBatch,
      }),
    completeFile: async (name, fingerprint, run) => {
      counts.parts += 1;
      counts.lines += run.counts.lines;
      counts.refused += run.counts.refused;
      const problem = run.problems.find(({ kind }) => kind === 'refused');
      if (problem) {
        const params = { file: name, line: problem.line, problem: pickMessage(problem) };
        counts.firstProblem ??= createMessage('feed.fileProblem', params);
      }
      await store.run('markFeedFile', {
        feedId: id,
        name,
        fingerprint,
        at: new Date().toISOString(),
        problem: run.error === null ? null : JSON.stringify(pickMessage(run.error)),
      });
    },
    rejectFile: async (name, fingerprint, reason) => {
      const at = new Date().toISOString();
      await store.run('markFeedFile', { feedId: id, name, fingerprint, at, problem: JSON.stringify(reason) });
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

function readingOptionsFor(dependencies: FeedRunDependencies, { row, settings }: FeedEntry): ReadingOptions {
  const connection = dependencies.connections.get(row.connectionId);
  return createReadingOptions(dependencies, connection, settings.product, settings.reading);
}
