/** Many sessions read again at their providers, at each connection's pace; and watching, which does so by itself. */
import { z } from 'zod';
import { instant } from './domain.ts';

const sessionKey = z.int().positive();

export const refreshState = z.object({
  refreshId: z.uuid(),
  state: z.enum(['running', 'finished', 'stopped']),
  startedAt: instant,
  total: z.int(),
  /** Of `total`: read, and how they were found. */
  changed: z.int(),
  same: z.int(),
  notFound: z.int(),
  /** Asked for and not learnt. */
  failed: z.int(),
  /** Not asked for: stopped before, or their connection was given up. */
  skipped: z.int(),
  /** At the present pace; null where nothing is left. */
  secondsLeft: z.number().nullable(),
  /** Connections that were given up, or that wait because their provider asked for it. */
  troubles: z.array(
    z.object({ connectionId: z.uuid(), connectionName: z.string(), message: z.string(), givenUp: z.boolean() }),
  ),
});
export type RefreshState = z.infer<typeof refreshState>;

export const watchState = z.object({
  /** How many sessions the operator chose; those in a final state are let go. */
  chosen: z.array(sessionKey),
  /** Whether active sessions added by hand, pasted or told by an event within the last hour are watched too. */
  recent: z.boolean(),
  /** How many are being read now and then; at most `most`. */
  watched: z.int(),
  most: z.int(),
  everySeconds: z.number(),
  /** Connections left alone for now, with why. */
  paused: z.array(z.object({ connectionId: z.uuid(), connectionName: z.string(), message: z.string() })),
});
export type WatchState = z.infer<typeof watchState>;

/** The most sessions a selection can name; more are named by a filter. */
export const longestSelection = 100_000;
export const selection = z.array(sessionKey).min(1, 'Select at least one session.').max(longestSelection);
export const refreshInputs = {
  stop: z.object({ refreshId: z.uuid() }),
  watch: z.object({
    /** Watched from now on, or no longer. */
    sessionKeys: z.array(sessionKey).max(200).default([]),
    watched: z.boolean().default(true),
    recent: z.boolean().optional(),
  }),
};
