/** A feed in memory: its row, its settings and its current run. */
import {
  newFeed,
  parseStoredMessage,
  type Feed,
  type FeedCounts,
  createMessage,
  type Message,
  AppError,
} from '../../contract/index.ts';
import { feedDestination, type BoundSecret, type SecretStore } from '../connections/index.ts';
import type { FeedRow } from '../store/index.ts';
import { realpath, stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { isLoopback } from '../providers/index.ts';

const feedSettingsSchema = newFeed.omit({ connectionId: true, secret: true, allowInMemory: true });

export interface FeedEntry {
  row: FeedRow;
  settings: ReturnType<typeof feedSettingsSchema.parse> & { enabled: boolean };
  currentRun: Promise<void> | null;
  /** Ends a run between two pages or file chunks, when the feed is removed or Session Desk closes. */
  readonly abortController: AbortController;
  timer: NodeJS.Timeout | null;
  nextRunAt: number | null;
  consecutiveFailures: number;
  /** The audit log already says that the secret was not sent. */
  isSecretWithheld: boolean;
}

/**
 * `FeedCounts` as the database holds them: `firstProblem` is the JSON of a message; up to version 0.1 its plain text.
 */
type StoredFeedCounts = Omit<FeedCounts, 'firstProblem'> & { readonly firstProblem: string | null };

export function createEntry(row: FeedRow): FeedEntry {
  const stored = JSON.parse(row.settings) as { enabled?: boolean };
  return {
    row,
    settings: { ...feedSettingsSchema.parse(stored), enabled: stored.enabled !== false },
    currentRun: null,
    abortController: new AbortController(),
    timer: null,
    nextRunAt: null,
    consecutiveFailures: 0,
    isSecretWithheld: false,
  };
}

/** `isSecretInMemory`: whether a secret that is stored only in memory is still there. */
export function toFeed({ row, settings, currentRun, nextRunAt }: FeedEntry, isSecretInMemory: boolean): Feed {
  const { name, product, source, intervalMinutes, enabled } = settings;
  return {
    id: row.id,
    name,
    connectionId: row.connectionId,
    product,
    source,
    intervalMinutes,
    enabled,
    hasSecret: row.secretPlace === 'keychain' || (row.secretPlace === 'memory' && isSecretInMemory),
    isRunning: currentRun !== null,
    lastRunAt: row.lastRunAt,
    lastError: row.lastError === null ? null : parseStoredMessage(row.lastError),
    lastCounts: row.lastCounts === null ? null : parseStoredCounts(row.lastCounts),
    nextRunAt: nextRunAt === null ? null : new Date(nextRunAt).toISOString(),
    createdAt: row.createdAt,
  };
}

export function serializeCounts({ firstProblem, ...counts }: FeedCounts): string {
  const stored: StoredFeedCounts = {
    ...counts,
    firstProblem: firstProblem === null ? null : JSON.stringify(firstProblem),
  };
  return JSON.stringify(stored);
}

function parseStoredCounts(json: string): FeedCounts {
  const { firstProblem, ...counts } = JSON.parse(json) as StoredFeedCounts;
  return { ...counts, firstProblem: firstProblem === null ? null : parseStoredMessage(firstProblem) };
}

/** The secret if it was stored for the present URL of the feed; null if the feed has none. Throws a keychain_ error. */
export async function readFeedSecret(
  secretStore: SecretStore,
  { row, settings }: FeedEntry,
): Promise<BoundSecret | null> {
  if (row.secretPlace === null || settings.source.kind === 'folder') return null;
  return await secretStore.getBound(secretAccountFor(row.id), feedDestination(settings.source.url));
}

/** The keychain account of a feed's secret. */
export function secretAccountFor(feedId: string): string {
  return `feed-${feedId}`;
}

export interface FeedRunLimits {
  readonly maxSessions: number;
  readonly maxBytes: number;
}

export function createLimitMessage({ maxSessions, maxBytes }: FeedRunLimits): Message {
  return createMessage('feed.runLimitReached', { max: maxSessions, megabytes: maxBytes / 2 ** 20 });
}

export function feedError(message: Message, field?: string): AppError {
  return new AppError('feed_refused', message, { details: field === undefined ? {} : { field } });
}

/**
 * Returns the normalized URL. It must use https, or http to this computer, and must not contain credentials or a
 * parameter that Session Desk adds. Throws feed_refused.
 */
export function validateUrl(text: string): string {
  const field = 'source.url';
  if (!URL.canParse(text)) throw feedError(createMessage('feed.urlInvalid'), field);
  const url = new URL(text);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    throw feedError(createMessage('feed.urlNotHttps'), field);
  }
  if (url.username !== '' || url.password !== '') throw feedError(createMessage('feed.urlHasCredentials'), field);
  if (url.searchParams.has('since') || url.searchParams.has('cursor')) {
    throw feedError(createMessage('feed.urlHasReservedParameter'), field);
  }
  url.hash = '';
  return url.href;
}

/** Returns the folder's real path. Throws feed_refused if the path is relative or not a readable folder. */
export async function validateFolder(path: string): Promise<string> {
  const field = 'source.path';
  if (!isAbsolute(path)) throw feedError(createMessage('feed.pathNotAbsolute'), field);
  const resolvedPath = await realpath(path).catch(() => null);
  const stats = resolvedPath === null ? null : await stat(resolvedPath).catch(() => null);
  if (resolvedPath === null || !stats?.isDirectory()) throw feedError(createMessage('feed.folderNotFound'), field);
  return resolvedPath;
}
