/** Schemas of the session list: filter, sort order, selection, counts and saved views. */
import { z } from 'zod';
import { environment, instant, product, providerName, session, sessionSource, sessionStatus } from './domain.ts';
import { messageFields, message } from './messages/index.ts';

export const exportFormat = z.enum(['jsonl', 'csv']);
export type ExportFormat = z.infer<typeof exportFormat>;

export const exportOptions = {
  format: exportFormat,
  /** Exports full session ids. An id opens the customer's payment page, so ids are masked by default. */
  unmaskedIds: z.boolean().default(false),
};

export const exportState = z.object({
  exportId: z.uuid(),
  state: z.enum(['running', 'finished', 'stopped', 'failed']),
  total: z.int(),
  written: z.int(),
  /** Path in the workspace folder; null until the file is complete. */
  file: z.string().nullable(),
  /** Why the export failed, and what to do. */
  error: message.nullable(),
});
export type ExportState = z.infer<typeof exportState>;

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
export const pollingChange = z.object({
  /** The sessions to watch, or to stop watching. */
  sessionKeys: z.array(sessionKey).max(200).default([]),
  isPolled: z.boolean().default(true),
  includesRecent: z.boolean().optional(),
});

/** Opaque to the renderer. */
const cursor = z.string().max(2_000);
const decimal = z
  .string()
  .trim()
  .regex(/^\d{1,18}(\.\d{1,8})?$/, 'validation.amountInvalid');

/**
 * All conditions must match; an empty list, an empty text and null are no condition. Times are instants, so that a
 * filter has the same meaning on every page.
 */
export const sessionFilter = z.object({
  /** Substring of a reference, a session id or a note; case-insensitive. */
  search: z.string().trim().max(200).default(''),
  statuses: z.array(sessionStatus).max(20).default([]),
  providers: z.array(providerName).max(20).default([]),
  products: z.array(product).max(20).default([]),
  connectionIds: z.array(z.uuid()).max(200).default([]),
  environments: z.array(environment).max(20).default([]),
  sources: z.array(sessionSource).max(20).default([]),
  /**
   * Creation time, or time of first sight if the provider returns none. `createdFrom` is inclusive, `createdBefore`
   * exclusive.
   */
  createdFrom: instant.nullable().default(null),
  createdBefore: instant.nullable().default(null),
  /** In major units; both ends are inclusive. Both null: every session in this currency, with or without an amount. */
  amount: z
    .object({
      currency: z.string().regex(/^[A-Z]{3}$/, 'validation.currencyMissing'),
      from: decimal.nullable().default(null),
      to: decimal.nullable().default(null),
    })
    .nullable()
    .default(null),
  /** Last status check before this instant; includes sessions that were never checked. */
  checkedBefore: instant.nullable().default(null),
  neverChecked: z.boolean().default(false),
});
export type SessionFilter = z.infer<typeof sessionFilter>;

/** A filter without conditions. */
export const emptySessionFilter: SessionFilter = sessionFilter.parse({});

/**
 * Sort order of the list; ties are sorted by tracking time. `amount` sorts by currency first. Missing values sort as
 * never (`checked`), as the latest time (`expires`), as the lowest amount (`amount`), and as the last text
 * (`reference`).
 */
export const sessionSort = z.object({
  by: z.enum(['tracked', 'created', 'expires', 'amount', 'checked', 'reference', 'status']).default('tracked'),
  descending: z.boolean().default(true),
});
export type SessionSort = z.infer<typeof sessionSort>;
export const newestFirst: SessionSort = sessionSort.parse({});

/** Sort order of `status`: statuses that may need an action come first. */
export const statusOrder = [
  'active',
  'unknown',
  'in_progress',
  'completed_unfinished',
  'completed',
  'failed',
  'cancelled',
  'expired',
] as const satisfies readonly z.infer<typeof sessionStatus>[];

export const sessionPage = z.object({
  rows: z.array(session),
  /** Cursor of the next page; null on the last page. */
  next: cursor.nullable(),
});

/** Counts of matching sessions. Each `by…` count ignores the filter's own condition on that field. */
export const sessionCounts = z.object({
  total: z.int(),
  byStatus: z.record(sessionStatus, z.int()),
  byProvider: z.record(providerName, z.int()),
  byProduct: z.record(product, z.int()),
  byEnvironment: z.record(environment, z.int()),
  bySource: z.record(sessionSource, z.int()),
  byConnection: z.record(z.string(), z.int()),
  /** Currencies of all tracked sessions. */
  currencies: z.array(z.string()),
});
export type SessionCounts = z.infer<typeof sessionCounts>;

/** Sessions by key, or all sessions that match a filter except `excludedKeys`. */
export const selectionByKeys = z.object({ sessionKeys: sessionKeyList });
export const selectionByFilter = z.object({
  filter: sessionFilter,
  excludedKeys: z.array(z.int().positive()).max(maxSelectionSize).default([]),
});
export const sessionSelection = z.union([selectionByKeys, selectionByFilter]);
export type SessionSelection = z.infer<typeof sessionSelection>;

export const sessionInputs = {
  list: z.object({
    filter: sessionFilter,
    sort: sessionSort.default(newestFirst),
    /** Returns rows after this cursor; null for the first page. */
    after: cursor.nullable().default(null),
    /** Rows to skip after `after`, so that the scroll bar can jump. */
    skip: z.int().nonnegative().default(0),
    limit: z.int().min(1).max(500).default(200),
    /** Identifies the viewer. A request fails with `superseded` if the same viewer starts a newer `generation`. */
    viewId: z.string().max(64).default(''),
    generation: z.int().nonnegative().default(0),
  }),
  count: z.object({
    filter: sessionFilter,
    /** Identifies the viewer. A running count fails with `superseded` if the same viewer starts another one. */
    viewId: z.string().max(64).default(''),
  }),
};

/** A named filter, sort order and set of columns. `query`: the renderer's URL query, in which ages are relative. */
export const savedView = z.object({
  id: z.uuid(),
  name: z.string().trim().min(1, 'validation.viewNameMissing').max(80),
  query: z.string().max(4_000),
  columns: z.array(z.string().max(40)).max(40),
});
export type SavedView = z.infer<typeof savedView>;
