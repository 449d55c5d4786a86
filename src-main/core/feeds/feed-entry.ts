/** A feed as it is held in memory: its row, what it is set to, and what it is doing. */
import { newFeed, type Feed, type FeedCounts, parseStoredMessage } from '../../contract/index.ts';
import type { FeedRow } from '../store/index.ts';

const feedSettingsSchema = newFeed.omit({ connectionId: true, secret: true, allowInMemory: true });

export interface FeedEntry {
  row: FeedRow;
  settings: ReturnType<typeof feedSettingsSchema.parse> & { enabled: boolean };
  currentRun: Promise<void> | null;
  /** Ends a run between two pages or pieces: the feed is removed, or the console closes. */
  readonly abortController: AbortController;
  timer: NodeJS.Timeout | null;
  nextRunAt: number | null;
  consecutiveFailures: number;
}

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
  };
}

/** `holdsSecret`: whether one that was kept for this run only is still there. */
export function toFeed({ row, settings, currentRun, nextRunAt }: FeedEntry, holdsSecret: boolean): Feed {
  const { name, product, source, intervalMinutes, enabled } = settings;
  return {
    id: row.id,
    name,
    connectionId: row.connectionId,
    product,
    source,
    intervalMinutes,
    enabled,
    hasSecret: row.secretPlace === 'keychain' || (row.secretPlace === 'memory' && holdsSecret),
    isRunning: currentRun !== null,
    lastRunAt: row.lastRunAt,
    lastError: row.lastError === null ? null : parseStoredMessage(row.lastError),
    lastCounts: row.lastCounts === null ? null : (JSON.parse(row.lastCounts) as FeedCounts),
    nextRunAt: nextRunAt === null ? null : new Date(nextRunAt).toISOString(),
    createdAt: row.createdAt,
  };
}

/** What a feed's secret is kept under. */
export function secretAccountFor(feedId: string): string {
  return `feed-${feedId}`;
}
