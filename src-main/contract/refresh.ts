/** Schemas of status checks of many sessions (refresh), and of automatic status checks (polling). */
import { z } from 'zod';
import { messageFields } from './messages/index.ts';
import { instant } from './domain.ts';

const sessionKey = z.int().positive();

export const refreshState = z.object({
  refreshId: z.uuid(),
  state: z.enum(['running', 'finished', 'stopped']),
  startedAt: instant,
  total: z.int(),
  /** Results of the sessions that were checked so far. */
  changed: z.int(),
  unchanged: z.int(),
  notFound: z.int(),
  /** Checks without a result. */
  failed: z.int(),
  /** Not checked: the refresh was stopped, or their connection was skipped. */
  skipped: z.int(),
  /** Estimate at the current rate limit; null if no session remains. */
  remainingSeconds: z.number().nullable(),
  /** Connections that are skipped, or that wait because their provider asked for it. */
  issues: z.array(
    z.object({ connectionId: z.uuid(), connectionName: z.string(), ...messageFields, isSkipped: z.boolean() }),
  ),
});
export type RefreshState = z.infer<typeof refreshState>;

export const pollingState = z.object({
  /** Sessions that the operator selected. Sessions in a final state are removed from the list. */
  selectedSessionKeys: z.array(sessionKey),
  /** Whether active sessions are watched too that were added, pasted or reported by an event within the last hour. */
  includesRecent: z.boolean(),
  /** Number of watched sessions; at most `maxSessions`. */
  polledCount: z.int(),
  maxSessions: z.int(),
  intervalSeconds: z.number(),
  /** Connections that are paused, and why. */
  paused: z.array(z.object({ connectionId: z.uuid(), connectionName: z.string(), ...messageFields })),
});
export type PollingState = z.infer<typeof pollingState>;

/** Maximum sessions in a selection; a filter can select more. */
export const maxSelectionSize = 100_000;
export const sessionKeyList = z.array(sessionKey).min(1, 'validation.selectionEmpty').max(maxSelectionSize);
export const refreshInputs = {
  stop: z.object({ refreshId: z.uuid() }),
  changePolling: z.object({
    /** The sessions to watch, or to stop watching. */
    sessionKeys: z.array(sessionKey).max(200).default([]),
    isPolled: z.boolean().default(true),
    includesRecent: z.boolean().optional(),
  }),
};
