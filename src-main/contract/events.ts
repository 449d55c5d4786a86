/** Schemas of the events that core sends to the renderer, at most ten per second of each kind. */
import { z } from 'zod';
import { batch } from './batches.ts';
import { appState } from './calls.ts';
import { exportState } from './export.ts';
import { importState } from './import.ts';
import type { WindowEventName, windowEvents } from './host.ts';
import { refreshState } from './refresh.ts';
import { settings } from './settings.ts';
import { removal } from './maintenance.ts';
import { cancellation, session } from './domain.ts';

export const events = {
  'app.changed': appState,
  'connections.changed': z.object({}),
  /** Changed sessions. `isTruncated`: more sessions changed than `rows` lists, so the renderer reads its page again. */
  'sessions.changed': z.object({ rows: z.array(session), isTruncated: z.boolean() }),
  'cancellations.changed': z.object({ rows: z.array(cancellation) }),
  /** Imports that progressed. */
  'imports.changed': z.object({ rows: z.array(importState) }),
  'refreshes.changed': z.object({ rows: z.array(refreshState) }),
  'exports.changed': z.object({ rows: z.array(exportState) }),
  'feeds.changed': z.object({}),
  /** Plans and batches that changed. */
  'batches.changed': z.object({ rows: z.array(batch) }),
  'settings.changed': settings,
  /** The current result of `sessions.removals`. */
  'removals.changed': z.object({ rows: z.array(removal) }),
  'audit.appended': z.object({ lastSequence: z.int() }),
  'audit.verificationProgress': z.object({ checked: z.int(), total: z.int() }),
} as const;

export type EventName = keyof typeof events;
export type EventPayload<Name extends EventName | WindowEventName> = z.output<
  (typeof events & typeof windowEvents)[Name]
>;
