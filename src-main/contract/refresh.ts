/** Many sessions read again at their providers, at each connection's pace; and watching, which does so by itself. */
import { z } from 'zod';
import { messageFields } from './messages/index.ts';
import { instant } from './domain.ts';

const sessionKey = z.int().positive();

export const refreshState = z.object({
  refreshId: z.uuid(),
  state: z.enum(['running', 'finished', 'stopped']),
  startedAt: instant,
  total: z.int(),
  /** Of `total`: read, and how they were found. */
  changed: z.int(),
  unchanged: z.int(),
  notFound: z.int(),
  /** Asked for and not learnt. */
  failed: z.int(),
  /** Not asked for: stopped before, or their connection was given up. */
  skipped: z.int(),
  /** At the present pace; null where nothing is left. */
  remainingSeconds: z.number().nullable(),
  /** Connections that were given up, or that wait because their provider asked for it. */
  issues: z.array(
    z.object({ connectionId: z.uuid(), connectionName: z.string(), ...messageFields, isSkipped: z.boolean() }),
  ),
});
export type RefreshState = z.infer<typeof refreshState>;

export const pollingState = z.object({
  /** How many sessions the operator chose; those in a final state are let go. */
  selectedSessionKeys: z.array(sessionKey),
  /** Whether active sessions added by hand, pasted or told by an event within the last hour are watched too. */
  includesRecent: z.boolean(),
  /** How many are being read now and then; at most `most`. */
  polledCount: z.int(),
  maxSessions: z.int(),
  intervalSeconds: z.number(),
  /** Connections left alone for now, with why. */
  paused: z.array(z.object({ connectionId: z.uuid(), connectionName: z.string(), ...messageFields })),
});
export type PollingState = z.infer<typeof pollingState>;

/** The most sessions a selection can name; more are named by a filter. */
export const maxSelectionSize = 100_000;
export const sessionKeyList = z.array(sessionKey).min(1, 'Select at least one session.').max(maxSelectionSize);
export const refreshInputs = {
  stop: z.object({ refreshId: z.uuid() }),
  changePolling: z.object({
    /** Watched from now on, or no longer. */
    sessionKeys: z.array(sessionKey).max(200).default([]),
    isPolled: z.boolean().default(true),
    includesRecent: z.boolean().optional(),
  }),
};
