/**
 * The operations of the store, by name. Reads run one at a time between writes; writes that wait together share one
 * durable transaction. A write that must be audited appends its audit records in the same transaction.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { BatchState } from '../../../contract/index.ts';
import type { Database } from '../schema.ts';
import type { AuditEntry, AuditEntryOf, AuditIdentity, AuditLog } from '../audit-chain/audit-log.ts';
import { truncateWriteAheadLog } from '../maintenance-task.ts';
import * as audits from './audit.ts';
import * as planItems from './plan-items.ts';
import * as batches from './batches.ts';
import * as cancellations from './cancellations.ts';
import * as connections from './connections.ts';
import * as feeds from './feeds.ts';
import * as imports from './imports.ts';
import * as selections from './selections.ts';
import * as softDelete from './soft-delete.ts';
import * as sessionLists from './session-list.ts';
import * as sessions from './sessions.ts';
import * as settings from './settings.ts';

export interface OperationContext {
  readonly database: Database;
  /** The same database without Kysely, for writes of thousands of rows. */
  readonly sqlite: DatabaseSync;
  readonly audit: AuditLog;
}

/** Adapters from the context to what an operation needs of it. An operation without an input takes null. */
const onSqlite =
  <Output, Input = null>(operation: (sqlite: DatabaseSync, input: Input) => Output) =>
  ({ sqlite }: OperationContext, input: Input): Output =>
    operation(sqlite, input);
const onDatabase =
  <Output, Input = null>(operation: (database: Database, input: Input) => Output) =>
  ({ database }: OperationContext, input: Input): Output =>
    operation(database, input);
/** Also for a write that stores who made it. */
const onAudit =
  <Output, Input>(operation: (sqlite: DatabaseSync, identity: AuditIdentity, input: Input) => Output) =>
  ({ sqlite, audit }: OperationContext, input: Input): Output =>
    operation(sqlite, audit.identity, input);
/** Appends the audit record of the input, if it has one, after the operation in the same transaction. */
const auditedIfGiven =
  <Output, Input>(operation: (context: OperationContext, input: Input) => Output) =>
  async (context: OperationContext, input: Input & { audit: AuditEntry | null }): Promise<Awaited<Output>> => {
    const output = await operation(context, input);
    if (input.audit) context.audit.append(input.audit);
    return output;
  };
const audited = <Output, Input>(
  operation: (context: OperationContext, input: Input) => Output,
): ((context: OperationContext, input: Input & { audit: AuditEntry }) => Promise<Awaited<Output>>) =>
  auditedIfGiven(operation);

export const reads = {
  connections: onDatabase(connections.listConnections),
  countSessionsOfConnection: onSqlite(sessions.countSessionsOfConnection),
  session: onSqlite(sessions.findSession),
  sessionById: onDatabase(sessions.findSessionById),
  sessionPage: onDatabase(sessionLists.sessionPage),
  sessionCountGroups: onSqlite(sessionLists.sessionCountGroups),
  countGroups: onDatabase(sessionLists.countGroups),
  currencies: onSqlite(sessionLists.currencies),
  savedViews: onSqlite(settings.savedViews),
  countSelected: onDatabase(selections.countSelected),
  selectedKeys: onDatabase(selections.selectedKeys),
  watchedSessionKeys: onSqlite(sessions.watchedSessionKeys),
  recentSessionKeys: onSqlite(sessions.recentSessionKeys),
  selectedRows: onDatabase(selections.selectedRows),
  feeds: onSqlite(feeds.listFeeds),
  feedFiles: onSqlite(feeds.feedFiles),
  importMapping: onSqlite(imports.importMapping),
  sessionEvents: onDatabase(sessions.sessionEvents),
  cancellation: onDatabase(cancellations.findCancellation),
  cancellationsOf: onDatabase(cancellations.cancellationsOf),
  unresolvedCancellation: onSqlite(cancellations.unresolvedCancellation),
  unresolvedCancellations: onDatabase(cancellations.unresolvedCancellations),
  batch: onDatabase(batches.findBatch),
  batchPage: onDatabase(batches.batchPage),
  openBatches: onDatabase(batches.openBatches),
  batchCounts: onDatabase(batches.batchCounts),
  waitingItems: onDatabase(batches.waitingItems),
  unresolvedCancellationsOfBatch: onDatabase(batches.unresolvedCancellationsOfBatch),
  planDigest: onSqlite(planItems.computePlanDigest),
  expiredPlans: onSqlite(planItems.expiredPlans),
  batchItemPage: onDatabase(batches.itemPage),
  countItems: onDatabase(batches.countItems),
  settingsForUser: onSqlite(settings.settingsForUser),
  countOldSessions: onSqlite(softDelete.countOldSessions),
  retainedRemovals: onSqlite(softDelete.retainedRemovals),
  rateLimits: onDatabase(connections.listRateLimits),
  auditPage: onSqlite(audits.auditPage),
  auditRecord: onAudit(audits.auditRecord),
  batchConfirmation: onAudit(audits.batchConfirmation),
  auditSlice: onSqlite(audits.auditSlice),
  unreviewedRestore: onSqlite(audits.unreviewedRestore),
  unfinishedExports: onSqlite(audits.unfinishedExports),
  outcomesPerDay: onSqlite(audits.outcomesPerDay),
  verifyAuditSlice: onAudit(audits.verifyAuditSlice),
  findDamageTraces: onSqlite(audits.findDamageTraces),
  classifyDamageAt: onAudit(audits.classifyDamageAt),
  exportMac: ({ audit }: OperationContext, input: Parameters<typeof audits.exportMac>[1]) =>
    audits.exportMac(audit.identity, input),
};

/**
 * Operations that write outside the transaction of the writes: into a temporary table, or to the file as a whole. Like
 * reads, they run one at a time and may work in slices.
 */
export const unloggedWrites = {
  selectSessions: selections.selectSessions,
  clearSelection: onSqlite(selections.clearSelection),
  rewriteAfterPurge: onSqlite(softDelete.rewriteAfterPurge),
  truncateWriteAheadLog: onSqlite(truncateWriteAheadLog),
};

export const writes = {
  putConnection: auditedIfGiven(onDatabase(connections.putConnection)),
  deleteConnection: audited(onDatabase(connections.deleteConnection)),
  trackSessions: async (
    context: OperationContext,
    input: { sessions: readonly sessions.NewSession[]; audit: AuditEntry | null },
  ) => {
    const rows = sessions.trackSessions(context.sqlite, context.audit.identity, input.sessions);
    const [only] = rows;
    if (input.audit)
      context.audit.append(rows.length === 1 && only ? { ...input.audit, sessionKey: only.key } : input.audit);
    return rows;
  },
  ingestSessions: onAudit(imports.ingestSessions),
  addFeed: audited(onSqlite(feeds.insertFeed)),
  changeFeed: audited(onSqlite(feeds.changeFeed)),
  deleteFeed: audited(onSqlite(feeds.deleteFeed)),
  ingestFeedPage: onAudit(feeds.ingestFeedPage),
  markFeedFile: onSqlite(feeds.markFeedFile),
  endFeedRun: auditedIfGiven(onSqlite(feeds.endFeedRun)),
  setWatched: onSqlite(sessions.setWatched),
  putView: onSqlite(settings.putView),
  removeView: onSqlite(settings.removeView),
  saveMapping: onSqlite(imports.saveMapping),
  recordReading: auditedIfGiven(onSqlite(sessions.recordReading)),
  /** An unchanged note is not recorded. */
  setNote: async (
    context: OperationContext,
    { audit, ...input }: Parameters<typeof sessions.setNote>[2] & { audit: AuditEntry },
  ) => {
    const { row, hasChanged } = await sessions.setNote(context.database, context.audit.identity, input);
    if (hasChanged) context.audit.append({ ...audit, outcome: row.note === null ? 'note_removed' : 'note_written' });
    return row;
  },
  /** Tracks the session of the event if it is not tracked yet. */
  recordEvent: async (
    context: OperationContext,
    input: {
      session: sessions.NewSession;
      reading: sessions.SessionReading;
      occurredAt: string | null;
      audit: AuditEntry;
    },
  ) => {
    const { database, sqlite, audit } = context;
    // The event contains no product.
    const known = await sessions.findSessionById(database, {
      connectionId: input.session.connectionId,
      id: input.session.id,
    });
    const [added] = known ? [] : sessions.trackSessions(sqlite, audit.identity, [input.session]);
    const session = known ?? added;
    if (!session) throw new Error('The session of the event was neither found nor added.');
    const row = sessions.recordEvent(context.sqlite, {
      sessionKey: session.key,
      reading: input.reading,
      occurredAt: input.occurredAt,
      receivedAt: input.session.firstSeenAt,
    });
    context.audit.append({ ...input.audit, sessionKey: row.key });
    return row;
  },
  /** Writes the durable intent. No request may be sent before this call resolves. */
  insertIntent: audited(onSqlite(cancellations.insertCancellation)),
  changeCancellation: async (
    context: OperationContext,
    input: {
      id: string;
      changes: cancellations.CancellationChanges;
      reading: Parameters<typeof sessions.recordReading>[1] | null;
      audit: AuditEntry;
    },
  ) => {
    const row = cancellations.changeCancellation(context.sqlite, input.id, input.changes);
    const session = input.reading ? sessions.recordReading(context.sqlite, input.reading) : null;
    context.audit.append({ ...input.audit, batchId: batches.findBatchOfCancellation(context.sqlite, input.id) });
    return { row, session };
  },
  insertBatch: onDatabase(batches.insertBatch),
  changeBatch: async (
    context: OperationContext,
    {
      audit,
      ...input
    }: { id: string; from: readonly BatchState[]; changes: batches.BatchChanges; audit: AuditEntry | null },
  ) => {
    const row = await batches.changeBatch(context.database, input);
    if (row && audit) context.audit.append({ ...audit, batchId: row.id });
    return row;
  },
  /**
   * Writes the durable intent of a batch item, marked as sent. The caller sends the request after this call resolves.
   */
  startItem: (
    context: OperationContext,
    {
      audits,
      ...input
    }: Parameters<typeof batches.startItem>[1] & {
      audits: {
        intended: AuditEntryOf<'cancel_intended'>;
        sent: AuditEntryOf<'cancel_sent'>;
        declined: AuditEntryOf<'cancel_declined'>;
      };
    },
  ) => {
    const started = batches.startItem(context.sqlite, input);
    if (started.kind === 'skipped') {
      if (started.reason !== 'not_waiting')
        context.audit.append({ ...audits.declined, detail: { kind: 'code', code: started.reason } });
      return started;
    }
    context.audit.append({ ...audits.intended, cancellationId: started.row.id });
    if (started.kind === 'started') context.audit.append(audits.sent);
    return started;
  },
  snapshotSlice: onSqlite(planItems.snapshotSlice),
  reevaluateSlice: onSqlite(planItems.reevaluateSlice),
  clearExpiredPlan: onSqlite(planItems.clearExpiredPlan),
  reopenItems: onDatabase(batches.reopenItems),
  markItemsNotSent: onDatabase(batches.markItemsNotSent),
  putRateLimit: audited(onDatabase(connections.putRateLimit)),
  putSetting: audited(onSqlite(settings.putSetting)),
  /** Sets the operator of the next records, until the thread ends. */
  setOperator: ({ audit }: OperationContext, operator: string) => audit.setOperator(operator),
  removeOldSessions: (context: OperationContext, input: softDelete.RemovalSlice) => {
    const removed = softDelete.removeOldSessions(context.sqlite, context.audit.identity, input);
    if (removed > 0)
      context.audit.append({
        action: 'sessions_removed',
        detail: { kind: 'removal', sessions: removed, before: input.before },
      });
    return removed;
  },
  restoreSessions: (context: OperationContext, input: Parameters<typeof softDelete.restoreSessions>[1]) => {
    const slice = softDelete.restoreSessions(context.sqlite, input);
    if (slice) {
      const { remaining: _remaining, ...counts } = slice;
      context.audit.append({ action: 'sessions_restored', detail: { kind: 'removal_undo', ...counts } });
    }
    return slice;
  },
  purgeRemoved: onSqlite(softDelete.purgeRemoved),
  appendAudit: ({ audit }: OperationContext, entry: AuditEntry) => void audit.append(entry),
};

type Operations = typeof reads & typeof unloggedWrites & typeof writes;
export type OperationName = keyof Operations;
export type OperationInput<Name extends OperationName> = Parameters<Operations[Name]>[1];
export type OperationOutput<Name extends OperationName> = OutputOf<ReturnType<Operations[Name]>>;
/** A read may work in slices: it yields after each slice, so that other requests run, and returns its result. */
type OutputOf<Returned> = Returned extends AsyncGenerator<void, infer Output, void> ? Output : Awaited<Returned>;
