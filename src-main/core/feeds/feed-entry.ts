/** A feed as it is held in memory: its row, what it is set to, and what it is doing. */
import { newFeed, type Feed, type FeedCounts } from '../../contract/index.ts';
import type { FeedRow } from '../store/index.ts';

const feedSettings = newFeed.omit({ connectionId: true, secret: true, keepForThisRun: true });

export interface Entry {
  row: FeedRow;
  settings: ReturnType<typeof feedSettings.parse> & { enabled: boolean };
  running: Promise<void> | null;
  /** Ends a run between two pages or pieces: the feed is removed, or the console closes. */
  readonly stopping: AbortController;
  timer: NodeJS.Timeout | null;
  nextRunAt: number | null;
  failuresInRow: number;
}

export function entryOf(row: FeedRow): Entry {
  const stored = JSON.parse(row.settings) as { enabled?: boolean };
  return {
    row,
    settings: { ...feedSettings.parse(stored), enabled: stored.enabled !== false },
    running: null,
    stopping: new AbortController(),
    timer: null,
    nextRunAt: null,
    failuresInRow: 0,
  };
}

/** `holdsSecret`: whether one that was kept for this run only is still there. */
export function viewOf({ row, settings, running, nextRunAt }: Entry, holdsSecret: boolean): Feed {
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
    running: running !== null,
    lastRunAt: row.lastRunAt,
    lastError: row.lastError,
    lastCounts: row.lastCounts === null ? null : (JSON.parse(row.lastCounts) as FeedCounts),
    nextRunAt: nextRunAt === null ? null : new Date(nextRunAt).toISOString(),
    createdAt: row.createdAt,
  };
}

/** What a feed's secret is kept under. */
export function accountOf(feedId: string): string {
  return `feed-${feedId}`;
}
