/**
 * Everything the store can be asked, by name. Reads answer one at a time between writes; writes that wait together share
 * one durable transaction. A write that changes what the record is about appends its audit entries in that same transaction.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { ImportMapping, SessionFilter } from '../../../contract/index.ts';
import type { Database } from '../kysely.ts';
import type { CancellationRow, ConnectionRow } from '../schema.ts';
import type { AuditEntry, AuditIdentity, AuditLog } from '../chain/log.ts';
import * as audits from './audit.ts';
import * as cancellations from './cancellations.ts';
import * as connections from './connections.ts';
import * as feeds from './feeds.ts';
import * as imports from './imports.ts';
import * as selections from './selections.ts';
import * as sessions from './sessions.ts';
import * as watching from './watching.ts';
import * as upkeep from './upkeep.ts';

export interface Context {
  readonly database: Database;
  /** The same database without Kysely, for batches of a thousand rows. */
  readonly sqlite: DatabaseSync;
  readonly identity: AuditIdentity;
  readonly audit: AuditLog;
}

type Key = Parameters<typeof sessions.findSessionById>[1];

export const reads = {
  connections: ({ database }: Context, _input: null) => connections.listConnections(database),
  countSessionsOf: ({ sqlite }: Context, connectionId: string) => upkeep.countedSessionsOf(sqlite, connectionId),
  session: ({ database }: Context, key: number) => sessions.findSession(database, key),
  sessionById: ({ database }: Context, input: Key) => sessions.findSessionById(database, input),
  sessionPage: ({ database }: Context, input: { filter: SessionFilter; after: number | null; skip: number; limit: number }) =>
    sessions.sessionPage(database, input),
  sessionCounts: ({ sqlite }: Context, _input: null) => upkeep.countedSessions(sqlite),
  searchCounts: ({ database }: Context, input: Parameters<typeof sessions.searchCounts>[1]) => sessions.searchCounts(database, input),
  tallyOf: ({ database }: Context, chosen: selections.Chosen) => selections.tallyOf(database, chosen),
  keysOf: ({ database }: Context, input: Parameters<typeof selections.keysOf>[1]) => selections.keysOf(database, input),
  chosenSessions: ({ sqlite }: Context, _input: null) => watching.chosenSessions(sqlite),
  recentSessions: ({ sqlite }: Context, input: { since: string; limit: number }) => watching.recentSessions(sqlite, input),
  chosenRows: ({ database }: Context, input: Parameters<typeof selections.chosenRows>[1]) => selections.chosenRows(database, input),
  feeds: ({ sqlite }: Context, _input: null) => feeds.listFeeds(sqlite),
  feedFiles: ({ sqlite }: Context, feedId: string) => feeds.feedFiles(sqlite, feedId),
  importMapping: ({ sqlite }: Context, columns: string) => imports.importMapping(sqlite, columns),
  sessionEvents: ({ database }: Context, key: number) => sessions.sessionEvents(database, key),
  cancellation: ({ database }: Context, id: string) => cancellations.findCancellation(database, id),
  cancellationsOf: ({ database }: Context, sessionKey: number) => cancellations.cancellationsOf(database, sessionKey),
  unresolvedCancellation: ({ database }: Context, sessionKey: number) => cancellations.unresolvedCancellation(database, sessionKey),
  unresolvedCancellations: ({ database }: Context, _input: null) => cancellations.unresolvedCancellations(database),
  auditPage: ({ sqlite }: Context, input: audits.AuditPageInput) => audits.auditPage(sqlite, input),
  auditSlice: ({ sqlite }: Context, input: Parameters<typeof audits.auditSlice>[1]) => audits.auditSlice(sqlite, input),
  outcomesPerDay: ({ sqlite }: Context, input: { from: string; to: string }) => audits.outcomesPerDay(sqlite, input),
  checkAudit: ({ sqlite, identity }: Context, input: Parameters<typeof audits.checkAudit>[2]) => audits.checkAudit(sqlite, identity, input),
  auditTraces: ({ sqlite }: Context, input: Parameters<typeof audits.auditTraces>[1]) => audits.auditTraces(sqlite, input),
  damageAt: ({ sqlite, identity }: Context, input: Parameters<typeof audits.damageAt>[2]) => audits.damageAt(sqlite, identity, input),
  sealExport: ({ identity }: Context, input: Parameters<typeof audits.sealExport>[1]) => audits.sealExport(identity, input),
};

export const writes = {
  putConnection: async (context: Context, input: { row: ConnectionRow; audit: AuditEntry | null }) => {
    await connections.putConnection(context.database, input.row);
    if (input.audit) await append(context, input.audit);
  },
  deleteConnection: async (context: Context, input: { id: string; audit: AuditEntry }) => {
    await connections.deleteConnection(context.database, input.id);
    await append(context, input.audit);
  },
  trackSessions: async (context: Context, input: { sessions: readonly sessions.NewSession[]; audit: AuditEntry | null }) => {
    const rows = await sessions.trackSessions(context.database, { sessions: input.sessions, operator: context.identity.operator });
    const [only] = rows;
    if (input.audit) await append(context, rows.length === 1 && only ? { ...input.audit, sessionKey: only.key } : input.audit);
    return rows;
  },
  takeSessions: ({ sqlite, identity }: Context, input: Omit<imports.TakeSessions, 'operator'>) =>
    imports.takeSessions(sqlite, { ...input, operator: identity.operator }),
  addFeed: (context: Context, { row, audit }: { row: feeds.FeedRow; audit: AuditEntry }) => {
    feeds.insertFeed(context.sqlite, row);
    append(context, audit);
  },
  changeFeed: (context: Context, { audit, ...changes }: Parameters<typeof feeds.changeFeed>[1] & { audit: AuditEntry }) => {
    feeds.changeFeed(context.sqlite, changes);
    append(context, audit);
  },
  deleteFeed: (context: Context, { id, audit }: { id: string; audit: AuditEntry }) => {
    feeds.deleteFeed(context.sqlite, id);
    append(context, audit);
  },
  takeFeedPage: (context: Context, { place, sessions }: { place: feeds.FeedPlace; sessions: Omit<imports.TakeSessions, 'operator'> }) =>
    feeds.takeFeedPage(context.sqlite, { place, sessions: { ...sessions, operator: context.identity.operator } }),
  markFeedFile: ({ sqlite }: Context, input: Parameters<typeof feeds.markFeedFile>[1]) => feeds.markFeedFile(sqlite, input),
  endFeedRun: (context: Context, { audit, ...end }: Parameters<typeof feeds.endFeedRun>[1] & { audit: AuditEntry | null }) => {
    feeds.endFeedRun(context.sqlite, end);
    if (audit) append(context, audit);
  },
  changeWatched: ({ sqlite }: Context, input: Parameters<typeof watching.changeWatched>[1]) => watching.changeWatched(sqlite, input),
  rememberMapping: ({ sqlite }: Context, input: { columns: string; mapping: ImportMapping; at: string }) => imports.rememberMapping(sqlite, input),
  recordReading: async (context: Context, input: Parameters<typeof sessions.recordReading>[1] & { audit: AuditEntry | null }) => {
    const row = await sessions.recordReading(context.database, input);
    if (input.audit) append(context, input.audit);
    return row;
  },
  /** An event of a session that is not tracked yet tracks it. */
  recordEvent: async (
    context: Context,
    input: { session: sessions.NewSession; reading: sessions.SessionReading; when: string | null; audit: AuditEntry },
  ) => {
    const { database, identity } = context;
    const known = await sessions.findSessionOfConnection(database, input.session);
    const [added] = known ? [] : await sessions.trackSessions(database, { sessions: [input.session], operator: identity.operator });
    const session = known ?? added;
    if (!session) throw new Error('A session was neither known nor added.');
    const row = await sessions.recordEvent(database, { sessionKey: session.key, reading: input.reading, when: input.when, at: input.session.firstSeenAt });
    await append(context, { ...input.audit, sessionKey: row.key });
    return row;
  },
  /** The durable intent: nothing may be sent before this has answered. */
  intend: async (context: Context, input: { row: CancellationRow; audit: AuditEntry }) => {
    await cancellations.insertCancellation(context.database, input.row);
    await append(context, input.audit);
    return input.row;
  },
  changeCancellation: async (
    context: Context,
    input: {
      id: string;
      changes: cancellations.CancellationChanges;
      reading: Parameters<typeof sessions.recordReading>[1] | null;
      audit: AuditEntry;
    },
  ) => {
    const row = await cancellations.changeCancellation(context.database, input.id, input.changes);
    const session = input.reading ? await sessions.recordReading(context.database, input.reading) : null;
    await append(context, input.audit);
    return { row, session };
  },
  removeOldSessions: (context: Context, input: Parameters<typeof upkeep.removeOldSessions>[1]) => {
    const removed = upkeep.removeOldSessions(context.sqlite, input);
    if (removed > 0) append(context, { action: 'sessions_removed', detail: `${removed} sessions not heard of since ${input.before}` });
    return removed;
  },
  appendAudit: (context: Context, audit: AuditEntry) => append(context, audit),
};

function append({ audit: log }: Context, entry: AuditEntry): void {
  log.append(entry);
}

type Operations = typeof reads & typeof writes;
export type OperationName = keyof Operations;
export type OperationInput<Name extends OperationName> = Parameters<Operations[Name]>[1];
export type OperationOutput<Name extends OperationName> = Awaited<ReturnType<Operations[Name]>>;
