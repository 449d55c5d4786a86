/**
 * The operations of the store, by name. Reads run one at a time between writes; writes that wait together share one
 * durable transaction. A write that must be audited appends its audit records in the same transaction.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { BatchState, ImportMapping, SavedView } from '../../../contract/index.ts';
import type { Database, CancellationRow, ConnectionRow, NewBatchRow, RateLimitRow } from '../schema.ts';
import type { AuditEntry, AuditEntryOf, AuditLog } from '../audit-chain/audit-log.ts';
import { truncateWriteAheadLog } from '../maintenance-task.ts';
import * as audits from './audit.ts';
import * as planSelections from './plan-selection.ts';
import * as planItems from './plan-items.ts';
import * as batchRuns from './batch-runs.ts';
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

type SessionIdentity = Parameters<typeof sessions.findSessionById>[1];

export const reads = {
  connections: ({ database }: OperationContext, _input: null) => connections.listConnections(database),
  countSessionsOfConnection: ({ sqlite }: OperationContext, connectionId: string) =>
    sessions.countSessionsOfConnection(sqlite, connectionId),
  session: ({ sqlite }: OperationContext, key: number) => sessions.findSession(sqlite, key),
  sessionById: ({ database }: OperationContext, input: SessionIdentity) => sessions.findSessionById(database, input),
  sessionPage: ({ database }: OperationContext, input: sessionLists.ListInput) =>
    sessionLists.sessionPage(database, input),
  sessionCountGroups: ({ sqlite }: OperationContext, _input: null) => sessionLists.sessionCountGroups(sqlite),
  countGroups: ({ database }: OperationContext, input: Parameters<typeof sessionLists.countGroups>[1]) =>
    sessionLists.countGroups(database, input),
  currencies: ({ sqlite }: OperationContext, _input: null) => sessionLists.currencies(sqlite),
  savedViews: ({ sqlite }: OperationContext, _input: null) => settings.savedViews(sqlite),
  countSelected: ({ database }: OperationContext, selection: selections.SelectionOrPlan) =>
    selections.countSelected(database, selection),
  selectedKeys: ({ database }: OperationContext, input: Parameters<typeof selections.selectedKeys>[1]) =>
    selections.selectedKeys(database, input),
  watchedSessionKeys: ({ sqlite }: OperationContext, _input: null) => sessions.watchedSessionKeys(sqlite),
  recentSessionKeys: ({ sqlite }: OperationContext, input: { since: string; limit: number }) =>
    sessions.recentSessionKeys(sqlite, input),
  selectedRows: ({ database }: OperationContext, input: Parameters<typeof selections.selectedRows>[1]) =>
    selections.selectedRows(database, input),
  feeds: ({ sqlite }: OperationContext, _input: null) => feeds.listFeeds(sqlite),
  feedFiles: ({ sqlite }: OperationContext, feedId: string) => feeds.feedFiles(sqlite, feedId),
  importMapping: ({ sqlite }: OperationContext, columns: string) => imports.importMapping(sqlite, columns),
  sessionEvents: ({ database }: OperationContext, key: number) => sessions.sessionEvents(database, key),
  cancellation: ({ database }: OperationContext, id: string) => cancellations.findCancellation(database, id),
  cancellationsOf: ({ database }: OperationContext, sessionKey: number) =>
    cancellations.cancellationsOf(database, sessionKey),
  unresolvedCancellation: ({ database }: OperationContext, sessionKey: number) =>
    cancellations.unresolvedCancellation(database, sessionKey),
  unresolvedCancellations: ({ database }: OperationContext, _input: null) =>
    cancellations.unresolvedCancellations(database),
  batch: ({ database }: OperationContext, id: string) => batches.findBatch(database, id),
  batchPage: ({ database }: OperationContext, input: { before: number | null; limit: number }) =>
    batches.batchPage(database, input),
  openBatches: ({ database }: OperationContext, _input: null) => batches.openBatches(database),
  batchCounts: ({ database }: OperationContext, numbers: readonly number[]) => batches.batchCounts(database, numbers),
  waitingItems: ({ database }: OperationContext, input: Parameters<typeof batchRuns.waitingItems>[1]) =>
    batchRuns.waitingItems(database, input),
  unresolvedCancellationsOfBatch: ({ database }: OperationContext, batchNumber: number) =>
    batchRuns.unresolvedCancellationsOfBatch(database, batchNumber),
  planDigest: ({ sqlite }: OperationContext, plan: Parameters<typeof planItems.computePlanDigest>[1]) =>
    planItems.computePlanDigest(sqlite, plan),
  expiredPlans: ({ sqlite }: OperationContext, _input: null) => planItems.expiredPlans(sqlite),
  batchItemPage: ({ database }: OperationContext, input: Parameters<typeof batches.itemPage>[1]) =>
    batches.itemPage(database, input),
  countItems: ({ database }: OperationContext, input: Parameters<typeof batches.countItems>[1]) =>
    batches.countItems(database, input),
  settingsForUser: ({ sqlite }: OperationContext, user: string) => settings.settingsForUser(sqlite, user),
  countOldSessions: ({ sqlite }: OperationContext, before: string) => softDelete.countOldSessions(sqlite, before),
  retainedRemovals: ({ sqlite }: OperationContext, since: string) => softDelete.retainedRemovals(sqlite, since),
  rateLimits: ({ database }: OperationContext, _input: null) => batches.listRateLimits(database),
  auditPage: ({ sqlite }: OperationContext, input: audits.AuditPageInput) => audits.auditPage(sqlite, input),
  auditRecord: ({ sqlite, audit }: OperationContext, sequence: number) =>
    audits.auditRecord(sqlite, audit.identity, sequence),
  batchConfirmation: ({ sqlite, audit }: OperationContext, batchId: string) =>
    audits.batchConfirmation(sqlite, audit.identity, batchId),
  auditSlice: ({ sqlite }: OperationContext, input: Parameters<typeof audits.auditSlice>[1]) =>
    audits.auditSlice(sqlite, input),
  unreviewedRestore: ({ sqlite }: OperationContext, _input: null) => audits.unreviewedRestore(sqlite),
  unfinishedExports: ({ sqlite }: OperationContext, _input: null) => audits.unfinishedExports(sqlite),
  outcomesPerDay: ({ sqlite }: OperationContext, input: { from: string; to: string }) =>
    audits.outcomesPerDay(sqlite, input),
  verifyAuditSlice: ({ sqlite, audit }: OperationContext, input: Parameters<typeof audits.verifyAuditSlice>[2]) =>
    audits.verifyAuditSlice(sqlite, audit.identity, input),
  findDamageTraces: ({ sqlite }: OperationContext, input: Parameters<typeof audits.findDamageTraces>[1]) =>
    audits.findDamageTraces(sqlite, input),
  classifyDamageAt: ({ sqlite, audit }: OperationContext, input: Parameters<typeof audits.classifyDamageAt>[2]) =>
    audits.classifyDamageAt(sqlite, audit.identity, input),
  exportMac: ({ audit }: OperationContext, input: Parameters<typeof audits.exportMac>[1]) =>
    audits.exportMac(audit.identity, input),
};

/**
 * Operations that write outside the transaction of the writes: into a temporary table, or to the file as a whole. Like
 * reads, they run one at a time and may work in slices.
 */
export const unloggedWrites = {
  selectSessions: (context: OperationContext, input: Parameters<typeof planSelections.selectSessions>[1]) =>
    planSelections.selectSessions(context, input),
  clearSelection: ({ sqlite }: OperationContext, planNumber: number) =>
    planSelections.clearSelection(sqlite, planNumber),
  rewriteAfterPurge: ({ sqlite }: OperationContext, _input: null) => softDelete.rewriteAfterPurge(sqlite),
  truncateWriteAheadLog: ({ sqlite }: OperationContext, _input: null) => truncateWriteAheadLog(sqlite),
};

export const writes = {
  putConnection: async (context: OperationContext, input: { row: ConnectionRow; audit: AuditEntry | null }) => {
    await connections.putConnection(context.database, input.row);
    if (input.audit) await append(context, input.audit);
  },
  deleteConnection: async (context: OperationContext, input: { id: string; audit: AuditEntry }) => {
    await connections.deleteConnection(context.database, input.id);
    await append(context, input.audit);
  },
  trackSessions: async (
    context: OperationContext,
    input: { sessions: readonly sessions.NewSession[]; audit: AuditEntry | null },
  ) => {
    const rows = sessions.trackSessions(context.sqlite, {
      sessions: input.sessions,
      operator: context.audit.identity.operator,
    });
    const [only] = rows;
    if (input.audit)
      await append(context, rows.length === 1 && only ? { ...input.audit, sessionKey: only.key } : input.audit);
    return rows;
  },
  ingestSessions: ({ sqlite, audit }: OperationContext, input: Omit<imports.IngestInput, 'operator'>) =>
    imports.ingestSessions(sqlite, { ...input, operator: audit.identity.operator }),
  addFeed: (context: OperationContext, { row, audit }: { row: feeds.FeedRow; audit: AuditEntry }) => {
    feeds.insertFeed(context.sqlite, row);
    append(context, audit);
  },
  changeFeed: (
    context: OperationContext,
    { audit, ...changes }: Parameters<typeof feeds.changeFeed>[1] & { audit: AuditEntry },
  ) => {
    feeds.changeFeed(context.sqlite, changes);
    append(context, audit);
  },
  deleteFeed: (context: OperationContext, { id, audit }: { id: string; audit: AuditEntry }) => {
    feeds.deleteFeed(context.sqlite, id);
    append(context, audit);
  },
  ingestFeedPage: (
    context: OperationContext,
    { checkpoint, sessions }: { checkpoint: feeds.FeedCheckpoint; sessions: Omit<imports.IngestInput, 'operator'> },
  ) =>
    feeds.ingestFeedPage(context.sqlite, {
      checkpoint,
      sessions: { ...sessions, operator: context.audit.identity.operator },
    }),
  markFeedFile: ({ sqlite }: OperationContext, input: Parameters<typeof feeds.markFeedFile>[1]) =>
    feeds.markFeedFile(sqlite, input),
  endFeedRun: (
    context: OperationContext,
    { audit, ...end }: Parameters<typeof feeds.endFeedRun>[1] & { audit: AuditEntry | null },
  ) => {
    feeds.endFeedRun(context.sqlite, end);
    if (audit) append(context, audit);
  },
  setWatched: ({ sqlite }: OperationContext, input: Parameters<typeof sessions.setWatched>[1]) =>
    sessions.setWatched(sqlite, input),
  putView: ({ sqlite }: OperationContext, view: SavedView) => settings.putView(sqlite, view),
  removeView: ({ sqlite }: OperationContext, id: string) => settings.removeView(sqlite, id),
  saveMapping: ({ sqlite }: OperationContext, input: { columns: string; mapping: ImportMapping; at: string }) =>
    imports.saveMapping(sqlite, input),
  recordReading: async (
    context: OperationContext,
    input: Parameters<typeof sessions.recordReading>[1] & { audit: AuditEntry | null },
  ) => {
    const row = sessions.recordReading(context.sqlite, input);
    if (input.audit) append(context, input.audit);
    return row;
  },
  /** An unchanged note is not recorded. */
  setNote: async (
    context: OperationContext,
    { audit, ...input }: Omit<Parameters<typeof sessions.setNote>[1], 'operator'> & { audit: AuditEntry },
  ) => {
    const { row, hasChanged } = await sessions.setNote(context.database, {
      ...input,
      operator: context.audit.identity.operator,
    });
    if (hasChanged) append(context, { ...audit, outcome: row.note === null ? 'note_removed' : 'note_written' });
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
    const known = await sessions.findSessionOfConnection(database, input.session);
    const [added] = known
      ? []
      : sessions.trackSessions(sqlite, { sessions: [input.session], operator: audit.identity.operator });
    const session = known ?? added;
    if (!session) throw new Error('The session of the event was neither found nor added.');
    const row = sessions.recordEvent(context.sqlite, {
      sessionKey: session.key,
      reading: input.reading,
      occurredAt: input.occurredAt,
      receivedAt: input.session.firstSeenAt,
    });
    await append(context, { ...input.audit, sessionKey: row.key });
    return row;
  },
  /** Writes the durable intent. No request may be sent before this call resolves. */
  insertIntent: async (context: OperationContext, input: { row: CancellationRow; audit: AuditEntry }) => {
    cancellations.insertCancellation(context.sqlite, input.row);
    await append(context, input.audit);
    return input.row;
  },
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
    append(context, { ...input.audit, batchId: batchRuns.findBatchOfCancellation(context.sqlite, input.id) });
    return { row, session };
  },
  insertBatch: async (context: OperationContext, row: NewBatchRow) => await batches.insertBatch(context.database, row),
  changeBatch: async (
    context: OperationContext,
    {
      audit,
      ...input
    }: { id: string; from: readonly BatchState[]; changes: batches.BatchChanges; audit: AuditEntry | null },
  ) => {
    const row = await batches.changeBatch(context.database, input);
    if (row && audit) append(context, { ...audit, batchId: row.id });
    return row;
  },
  /**
   * Writes the durable intent of a batch item, marked as sent. The caller sends the request after this call resolves.
   */
  startItem: async (
    context: OperationContext,
    {
      audits,
      ...input
    }: Parameters<typeof batchRuns.startItem>[1] & {
      audits: {
        intended: AuditEntryOf<'cancel_intended'>;
        sent: AuditEntryOf<'cancel_sent'>;
        declined: AuditEntryOf<'cancel_declined'>;
      };
    },
  ) => {
    const started = await batchRuns.startItem(context, input);
    if (started.kind === 'skipped') {
      if (started.reason !== 'not_waiting')
        append(context, { ...audits.declined, detail: { kind: 'code', code: started.reason } });
      return started;
    }
    append(context, { ...audits.intended, cancellationId: started.row.id });
    if (started.kind === 'started') append(context, audits.sent);
    return started;
  },
  snapshotSlice: ({ sqlite }: OperationContext, options: planItems.EligibilityOptions) =>
    planItems.snapshotSlice(sqlite, options),
  reevaluateSlice: ({ sqlite }: OperationContext, input: Parameters<typeof planItems.reevaluateSlice>[1]) =>
    planItems.reevaluateSlice(sqlite, input),
  clearExpiredPlan: ({ sqlite }: OperationContext, input: Parameters<typeof planItems.clearExpiredPlan>[1]) =>
    planItems.clearExpiredPlan(sqlite, input),
  reopenItems: ({ database }: OperationContext, batchNumber: number) => batchRuns.reopenItems(database, batchNumber),
  markItemsNotSent: ({ database }: OperationContext, input: Parameters<typeof batchRuns.markItemsNotSent>[1]) =>
    batchRuns.markItemsNotSent(database, input),
  putRateLimit: async (context: OperationContext, { row, audit }: { row: RateLimitRow; audit: AuditEntry }) => {
    await batches.putRateLimit(context.database, row);
    append(context, audit);
  },
  putSetting: (context: OperationContext, { setting, audit }: { setting: settings.Setting; audit: AuditEntry }) => {
    settings.putSetting(context.sqlite, setting);
    append(context, audit);
  },
  /** Sets the operator of the next records, until the thread ends. */
  setOperator: ({ audit }: OperationContext, operator: string) => audit.setOperator(operator),
  removeOldSessions: (
    context: OperationContext,
    { id, at, ...input }: Omit<softDelete.RemovalSlice, 'removal'> & { id: string; at: string },
  ) => {
    const removal = { id, at, operator: context.audit.identity.operator };
    const removed = softDelete.removeOldSessions(context.sqlite, { ...input, removal });
    if (removed > 0)
      append(context, {
        action: 'sessions_removed',
        detail: { kind: 'removal', sessions: removed, before: input.before },
      });
    return removed;
  },
  restoreSessions: (context: OperationContext, input: Parameters<typeof softDelete.restoreSessions>[1]) => {
    const slice = softDelete.restoreSessions(context.sqlite, input);
    if (slice) {
      const { remaining: _remaining, ...counts } = slice;
      append(context, { action: 'sessions_restored', detail: { kind: 'removal_undo', ...counts } });
    }
    return slice;
  },
  purgeRemoved: ({ sqlite }: OperationContext, input: Parameters<typeof softDelete.purgeRemoved>[1]) =>
    softDelete.purgeRemoved(sqlite, input),
  appendAudit: (context: OperationContext, audit: AuditEntry) => append(context, audit),
};

function append({ audit: log }: OperationContext, entry: AuditEntry): void {
  log.append(entry);
}

type Operations = typeof reads & typeof unloggedWrites & typeof writes;
export type OperationName = keyof Operations;
export type OperationInput<Name extends OperationName> = Parameters<Operations[Name]>[1];
export type OperationOutput<Name extends OperationName> = OutputOf<ReturnType<Operations[Name]>>;
/** A read may work in slices: it yields after each slice, so that other requests run, and returns its result. */
type OutputOf<Returned> = Returned extends AsyncGenerator<void, infer Output, void> ? Output : Awaited<Returned>;
