/** The list of sessions: what narrows it, what orders it, what is chosen from it, and how many there are of each kind. */
import { z } from 'zod';
import { sessionKeyList, maxSelectionSize } from './refresh.ts';
import { environment, instant, product, providerName, session, sessionSource, sessionStatus } from './domain.ts';

/** A cursor is opaque to the screen: it is handed back as it came. */
const cursor = z.string().max(2_000);
const decimal = z
  .string()
  .trim()
  .regex(/^\d{1,18}(\.\d{1,8})?$/, 'Write a plain number such as 12.50.');

/** Every part narrows; an empty list, an empty text and null leave it open. Instants, so that a filter means the same on every page. */
export const sessionFilter = z.object({
  /** Part of a reference, of a session id or of a note, in any case. */
  search: z.string().trim().max(200).default(''),
  statuses: z.array(sessionStatus).max(20).default([]),
  providers: z.array(providerName).max(20).default([]),
  products: z.array(product).max(20).default([]),
  connectionIds: z.array(z.uuid()).max(200).default([]),
  environments: z.array(environment).max(20).default([]),
  sources: z.array(sessionSource).max(20).default([]),
  /** Created, or first seen where the provider tells no time: from this instant on, and before that one. */
  createdFrom: instant.nullable().default(null),
  createdBefore: instant.nullable().default(null),
  /** Both ends included, in the currency's own units; both null: every session in this currency, its amount known or not. */
  amount: z
    .object({
      currency: z.string().regex(/^[A-Z]{3}$/, 'Choose a currency.'),
      from: decimal.nullable().default(null),
      to: decimal.nullable().default(null),
    })
    .nullable()
    .default(null),
  /** Not read at its provider since this instant; one never read included. */
  checkedBefore: instant.nullable().default(null),
  neverChecked: z.boolean().default(false),
});
export type SessionFilter = z.infer<typeof sessionFilter>;

/** The filter that leaves everything open. */
export const emptySessionFilter: SessionFilter = sessionFilter.parse({});

/**
 * What a list can be ordered by; sessions alike in it follow by when they were tracked. `amount` is by currency first.
 * What is not known comes as never read (`checked`), as no end (`expires`), as nothing (`amount`), and after all others (`reference`).
 */
export const sessionSort = z.object({
  by: z.enum(['tracked', 'created', 'expires', 'amount', 'checked', 'reference', 'status']).default('tracked'),
  descending: z.boolean().default(true),
});
export type SessionSort = z.infer<typeof sessionSort>;
export const newestFirst: SessionSort = sessionSort.parse({});

/** The order of `status`: what may need doing first. */
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
  /** Where the next page begins; null at the end. */
  next: cursor.nullable(),
});

/** How many a filter matches; and beside each choice how many there would be with that choice alone in its place. */
export const sessionCounts = z.object({
  total: z.int(),
  byStatus: z.record(sessionStatus, z.int()),
  byProvider: z.record(providerName, z.int()),
  byProduct: z.record(product, z.int()),
  byEnvironment: z.record(environment, z.int()),
  bySource: z.record(sessionSource, z.int()),
  byConnection: z.record(z.string(), z.int()),
  /** Every currency that a tracked session has. */
  currencies: z.array(z.string()),
});
export type SessionCounts = z.infer<typeof sessionCounts>;

/** By their keys, or all that a filter matches but those taken out by hand. */
export const selectionByKeys = z.object({ sessionKeys: sessionKeyList });
export const selectionByFilter = z.object({
  filter: sessionFilter,
  excludedKeys: z.array(z.int().positive()).max(maxSelectionSize).default([]),
});
export const sessionSelection = z.union([selectionByKeys, selectionByFilter]);
export type SessionSelection = z.infer<typeof sessionSelection>;

export const listInputs = {
  page: z.object({
    filter: sessionFilter,
    sort: sessionSort.default(newestFirst),
    /** Rows after this place; null for the first page. */
    after: cursor.nullable().default(null),
    /** Rows to pass over after `after`, for a scroll bar thrown to the middle. */
    skip: z.int().nonnegative().default(0),
    limit: z.int().min(1).max(500).default(200),
    /** Who looks: pages of an earlier turn of the same viewer are given up with `superseded`, those of one turn come beside each other. */
    viewId: z.string().max(64).default(''),
    generation: z.int().nonnegative().default(0),
  }),
  counts: z.object({
    filter: sessionFilter,
    /** Who counts: a count that is still running for the same one is given up with `superseded`. */
    viewId: z.string().max(64).default(''),
  }),
};

/** A filter, order and choice of columns under a name. The words in the address are the screen's own: ages stay relative in them. */
export const savedView = z.object({
  id: z.uuid(),
  name: z.string().trim().min(1, 'Give the view a name.').max(80),
  query: z.string().max(4_000),
  columns: z.array(z.string().max(40)).max(40),
});
export type SavedView = z.infer<typeof savedView>;
