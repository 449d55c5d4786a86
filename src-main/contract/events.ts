/** What changes without being asked for: pushed by the main process, at most ten a second of each kind. */
import { z } from 'zod';
import { batch } from './batches.ts';
import { appState } from './calls.ts';
import { exportState } from './export.ts';
import { importState } from './import.ts';
import { menuCommand } from './menu.ts';
import { refreshState } from './refresh.ts';
import { settings } from './settings.ts';
import { removal } from './maintenance.ts';
import { cancellation, session } from './domain.ts';

export const events = {
  'app.changed': appState,
  'connections.changed': z.object({}),
  /** Sessions whose row changed, as they now are. `isTruncated`: more changed than are listed, so read the page again. */
  'sessions.changed': z.object({ rows: z.array(session), isTruncated: z.boolean() }),
  'cancellations.changed': z.object({ rows: z.array(cancellation) }),
  /** Imports that went on, as they now stand. */
  'imports.changed': z.object({ rows: z.array(importState) }),
  'refreshes.changed': z.object({ rows: z.array(refreshState) }),
  'exports.changed': z.object({ rows: z.array(exportState) }),
  'feeds.changed': z.object({}),
  /** Plans and batches that went on, as they now stand. */
  'batches.changed': z.object({ rows: z.array(batch) }),
  'settings.changed': settings,
  /** All that can be undone now, as `sessions.removals` would answer. */
  'removals.changed': z.object({ rows: z.array(removal) }),
  'audit.appended': z.object({ lastSequence: z.int() }),
  'audit.verificationProgress': z.object({ checked: z.int(), total: z.int() }),
  /** From the native menu of the window; a browser has none. */
  'menu.selected': z.object({ command: menuCommand }),
  /** From a link that was followed elsewhere, in the window alone: a reference or session id. */
  'link.opened': z.object({ query: z.string().max(200) }),
} as const;

export type EventName = keyof typeof events;
export type EventPayload<Name extends EventName> = z.output<(typeof events)[Name]>;
