/** Feeds: where sessions come from by themselves. Neither provider can list its sessions, the merchant's back office can. */
import { z } from 'zod';
import { message } from './messages/index.ts';
import { secret } from './connections.ts';
import { importParseOptions } from './import.ts';
import { instant, product } from './domain.ts';

export const feedSource = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('url'),
    /** https, or http on loopback alone; no credentials in it. Asked with `since` and `cursor` added. */
    url: z.string().trim().min(1, 'Enter the URL of the feed.').max(500),
    format: z.enum(['json', 'json_lines']).default('json'),
  }),
  z.object({ kind: z.literal('folder'), path: z.string().trim().min(1, 'Enter the folder to watch.').max(500) }),
]);
export type FeedSource = z.infer<typeof feedSource>;

export const newFeed = z.object({
  name: z.string().trim().min(1, 'Give the feed a name.').max(80),
  connectionId: z.uuid(),
  /** For sessions that name none themselves. */
  product,
  source: feedSource,
  reading: importParseOptions.prefault({}),
  intervalMinutes: z.int().min(1).max(1_440).default(5),
  /** Sent as a bearer token; kept in the keychain. */
  secret: secret.nullable().default(null),
  allowInMemory: z.boolean().default(false),
});

export const feedCounts = z.object({
  /** Pages of a URL, files of a folder. */
  parts: z.int(),
  lines: z.int(),
  added: z.int(),
  updated: z.int(),
  refused: z.int(),
  /** What was wrong with the first line that was refused. */
  firstProblem: message.nullable(),
});
export type FeedCounts = z.infer<typeof feedCounts>;

export const feed = z.object({
  id: z.uuid(),
  name: z.string(),
  connectionId: z.uuid(),
  product,
  source: feedSource,
  intervalMinutes: z.int(),
  enabled: z.boolean(),
  hasSecret: z.boolean(),
  isRunning: z.boolean(),
  lastRunAt: instant.nullable(),
  /** Why the last run broke off, and what to do; null where it did not. It goes on where it stopped. */
  lastError: message.nullable(),
  lastCounts: feedCounts.nullable(),
  nextRunAt: instant.nullable(),
  createdAt: instant,
});
export type Feed = z.infer<typeof feed>;

const feedId = z.uuid();
export const feedInputs = {
  byId: z.object({ feedId }),
  change: z.object({ feedId, enabled: z.boolean().optional(), intervalMinutes: z.int().min(1).max(1_440).optional() }),
  replaceSecret: z.object({ feedId, secret, allowInMemory: z.boolean().default(false) }),
};
