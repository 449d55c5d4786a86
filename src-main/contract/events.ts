/** Schemas of the events that the main process sends to the renderer, at most ten per second of each kind. */
import { z } from 'zod';
import { batch } from './batches.ts';
import { appState, type CallInput, type CallName, type CallOutput } from './calls.ts';
import { exportState, refreshState } from './sessions.ts';
import { importState } from './import.ts';
import { settings } from './settings.ts';
import { removal } from './maintenance.ts';
import { cancellation, session } from './domain.ts';
import type { Envelope } from './errors.ts';

/** Commands of the native menu. The renderer registers its commands under the same ids. */
export const menuCommand = z.enum([
  'openPalette',
  'searchSessions',
  'addSession',
  'importSessions',
  'applyWebhookEvent',
  'addConnection',
  'verifyAudit',
  'exportAudit',
  'goSessions',
  'goBatches',
  'goAudit',
  'goConnections',
  'goSettings',
  'showShortcuts',
]);
export type MenuCommand = z.infer<typeof menuCommand>;

/** Events of core. */
export const coreEvents = {
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
  /** The current result of `removals.list`. */
  'removals.changed': z.object({ rows: z.array(removal) }),
  'audit.appended': z.object({ lastSequence: z.int() }),
  'audit.verificationProgress': z.object({ checked: z.int(), total: z.int() }),
} as const;

/** Events that only the window sends. */
export const hostEvents = {
  /** A command of the native menu. */
  'menu.selected': z.object({ command: menuCommand }),
  /** A deep link was opened. `query`: a reference or a session id. */
  'link.opened': z.object({ query: z.string().max(200) }),
} as const;

export const events = { ...coreEvents, ...hostEvents };
export type EventName = keyof typeof events;
export type CoreEventName = keyof typeof coreEvents;
export type EventPayload<Name extends EventName> = z.output<(typeof events)[Name]>;

export interface ApiClient {
  /** Resolves with `{ ok: false }` if the call fails. Rejects only if the host does not respond. */
  call<Name extends CallName>(name: Name, input: CallInput<Name>): Promise<Envelope<CallOutput<Name>>>;
  /** Adds a listener. Returns a function that removes it. */
  on<Name extends EventName>(name: Name, listener: (payload: EventPayload<Name>) => void): () => void;
}
