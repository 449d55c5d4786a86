/** Feeds import sessions automatically from the merchant's back office. Neither provider can list its sessions. */
import { z } from 'zod';
import { message } from './messages/index.ts';
import { secret } from './connections.ts';
import { importParseOptions } from './import.ts';
import { instant, product } from './domain.ts';

export const feedSource = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('url'),
    /** https; http is allowed for loopback only. No credentials. Requests add the parameters `since` and `cursor`. */
    url: z.string().trim().min(1, 'validation.feedUrlMissing').max(500),
    format: z.enum(['json', 'json_lines']).default('json'),
  }),
  z.object({ kind: z.literal('folder'), path: z.string().trim().min(1, 'validation.feedFolderMissing').max(500) }),
]);
export type FeedSource = z.infer<typeof feedSource>;

export const newFeed = z.object({
  name: z.string().trim().min(1, 'validation.feedNameMissing').max(80),
  connectionId: z.uuid(),
  /** Used for sessions without a product. */
  product,
  source: feedSource,
  reading: importParseOptions.prefault({}),
  intervalMinutes: z.int().min(1).max(1_440).default(5),
  /** Sent as a bearer token; stored in the keychain. */
  secret: secret.nullable().default(null),
  allowInMemory: z.boolean().default(false),
});

export const feedCounts = z.object({
  /** Pages of a URL, or files of a folder. */
  parts: z.int(),
  lines: z.int(),
  added: z.int(),
  updated: z.int(),
  refused: z.int(),
  /** The problem of the first rejected line. */
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
  /** Why the last run failed, and what to do; null if it did not. The next run continues where this one stopped. */
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
