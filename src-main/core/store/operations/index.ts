/**
 * Everything the store can be asked, by name. Reads answer one at a time between writes; writes that wait together share
 * one durable transaction. A write that changes what the record is about appends its audit entries in that same transaction.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { BatchState, ImportMapping, SavedView } from '../../../contract/index.ts';
import type { Database } from '../kysely.ts';
import type { CancellationRow, ConnectionRow, NewBatchRow, PaceRow } from '../schema.ts';
import type { AuditEntry, AuditIdentity, AuditLog } from '../audit-chain/audit-log.ts';
import * as audits from './audit.ts';
import * as digests from './plan-digest.ts';
import * as choices from './plan-selection.ts';
import * as plans from './plan-items.ts';
import * as results from './batch-items.ts';
import * as batchRuns from './batch-runs.ts';
import * as batches from './batches.ts';
import * as cancellations from './cancellations.ts';
import * as connections from './connections.ts';
import * as feeds from './feeds.ts';
import * as imports from './imports.ts';
import * as selections from './selections.ts';
import * as removals from './soft-delete.ts';
import * as lists from './session-list.ts';
import * as sessions from './sessions.ts';
import * as settings from './settings.ts';
import * as views from './saved-views.ts';
import * as watching from './watched-sessions.ts';
import * as upkeep from './session-counts.ts';

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
  session: ({ sqlite }: Context, key: number) => sessions.findSession(sqlite, key),
  sessionById: ({ database }: Context, input: Key) => sessions.findSessionById(database, input),
  sessionPage: ({ database }: Context, input: lists.ListInput) => lists.sessionPage(database, input),
  sessionCells: ({ sqlite }: Context, _input: null) => lists.sessionCells(sqlite),
  countedCells: ({ database }: Context, input: Parameters<typeof lists.countedCells>[1]) =>
    lists.countedCells(database, input),
  currencies: ({ sqlite }: Context, _input: null) => lists.currencies(sqlite),
  savedViews: ({ sqlite }: Context, _input: null) => views.savedViews(sqlite),
  tallyOf: ({ database }: Context, chosen: selections.Chosen) => selections.tallyOf(database, chosen),
  keysOf: ({ database }: Context, input: Parameters<typeof selections.keysOf>[1]) => selections.keysOf(database, input),
  chosenSessions: ({ sqlite }: Context, _input: null) => watching.chosenSessions(sqlite),
  recentSessions: ({ sqlite }: Context, input: { since: string; limit: number }) =>
    watching.recentSessions(sqlite, input),
  chosenRows: ({ database }: Context, input: Parameters<typeof selections.chosenRows>[1]) =>
    selections.chosenRows(database, input),
  feeds: ({ sqlite }: Context, _input: null) => feeds.listFeeds(sqlite),
  feedFiles: ({ sqlite }: Context, feedId: string) => feeds.feedFiles(sqlite, feedId),
  importMapping: ({ sqlite }: Context, columns: string) => imports.importMapping(sqlite, columns),
  sessionEvents: ({ database }: Context, key: number) => sessions.sessionEvents(database, key),
  cancellation: ({ database }: Context, id: string) => cancellations.findCancellation(database, id),
  cancellationsOf: ({ database }: Context, sessionKey: number) => cancellations.cancellationsOf(database, sessionKey),
  unresolvedCancellation: ({ database }: Context, sessionKey: number) =>
    cancellations.unresolvedCancellation(database, sessionKey),
  unresolvedCancellations: ({ database }: Context, _input: null) => cancellations.unresolvedCancellations(database),
  batch: ({ database }: Context, id: string) => batches.findBatch(database, id),
  batchPage: ({ database }: Context, input: { before: number | null; limit: number }) =>
    batches.batchPage(database, input),
  openBatches: ({ database }: Context, _input: null) => batches.openBatches(database),
  batchCounts: ({ database }: Context, numbers: readonly number[]) => batches.batchCounts(database, numbers),
  waitingItems: ({ database }: Context, input: Parameters<typeof batchRuns.waitingItems>[1]) =>
    batchRuns.waitingItems(database, input),
  unsettledOfBatch: ({ database }: Context, batchNumber: number) => batchRuns.unsettledOfBatch(database, batchNumber),
  choose: (context: Context, input: Parameters<typeof choices.choose>[1]) => choices.choose(context, input),
  forgetChosen: ({ sqlite }: Context, planNumber: number) => choices.forgetChosen(sqlite, planNumber),
  planDigest: ({ sqlite }: Context, plan: Parameters<typeof digests.digestOf>[1]) => digests.digestOf(sqlite, plan),
  spentPlans: ({ sqlite }: Context, _input: null) => plans.spentPlans(sqlite),
  batchItemPage: ({ database }: Context, input: Parameters<typeof results.itemPage>[1]) =>
    results.itemPage(database, input),
  countItems: ({ database }: Context, input: Parameters<typeof results.countItems>[1]) =>
    results.countItems(database, input),
  settingsOf: ({ sqlite }: Context, user: string) => settings.settingsOf(sqlite, user),
  countOldSessions: ({ sqlite }: Context, before: string) => removals.countOldSessions(sqlite, before),
  keptRemovals: ({ sqlite }: Context, since: string) => removals.keptRemovals(sqlite, since),
  paces: ({ database }: Context, _input: null) => batches.listPaces(database),
  auditPage: ({ sqlite }: Context, input: audits.AuditPageInput) => audits.auditPage(sqlite, input),
  auditRecord: ({ sqlite, identity }: Context, sequence: number) => audits.auditRecord(sqlite, identity, sequence),
  auditSlice: ({ sqlite }: Context, input: Parameters<typeof audits.auditSlice>[1]) => audits.auditSlice(sqlite, input),
  exportsCutOff: ({ sqlite }: Context, _input: null) => audits.exportsCutOff(sqlite),
  outcomesPerDay: ({ sqlite }: Context, input: { from: string; to: string }) => audits.outcomesPerDay(sqlite, input),
  checkAudit: ({ sqlite, identity }: Context, input: Parameters<typeof audits.checkAudit>[2]) =>
    audits.checkAudit(sqlite, identity, input),
  auditTraces: ({ sqlite }: Context, input: Parameters<typeof audits.auditTraces>[1]) =>
    audits.auditTraces(sqlite, input),
  damageAt: ({ sqlite, identity }: Context, input: Parameters<typeof audits.damageAt>[2]) =>
    audits.damageAt(sqlite, identity, input),
  sealExport: ({ identity }: Context, input: Parameters<typeof audits.sealExport>[1]) =>
    audits.sealExport(identity, input),
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
  trackSessions: async (
    context: Context,
    input: { sessions: readonly sessions.NewSession[]; audit: AuditEntry | null },
  ) => {
    const rows = sessions.trackSessions(context.sqlite, {
      sessions: input.sessions,
      operator: context.identity.operator,
    });
    const [only] = rows;
    if (input.audit)
      await append(context, rows.length === 1 && only ? { ...input.audit, sessionKey: only.key } : input.audit);
    return rows;
  },
  takeSessions: ({ sqlite, identity }: Context, input: Omit<imports.TakeSessions, 'operator'>) =>
    imports.takeSessions(sqlite, { ...input, operator: identity.operator }),
  addFeed: (context: Context, { row, audit }: { row: feeds.FeedRow; audit: AuditEntry }) => {
    feeds.insertFeed(context.sqlite, row);
    append(context, audit);
  },
  changeFeed: (
    context: Context,
    { audit, ...changes }: Parameters<typeof feeds.changeFeed>[1] & { audit: AuditEntry },
  ) => {
    feeds.changeFeed(context.sqlite, changes);
    append(context, audit);
  },
  deleteFeed: (context: Context, { id, audit }: { id: string; audit: AuditEntry }) => {
    feeds.deleteFeed(context.sqlite, id);
    append(context, audit);
  },
  takeFeedPage: (
    context: Context,
    { place, sessions }: { place: feeds.FeedPlace; sessions: Omit<imports.TakeSessions, 'operator'> },
  ) => feeds.takeFeedPage(context.sqlite, { place, sessions: { ...sessions, operator: context.identity.operator } }),
  markFeedFile: ({ sqlite }: Context, input: Parameters<typeof feeds.markFeedFile>[1]) =>
    feeds.markFeedFile(sqlite, input),
  endFeedRun: (
    context: Context,
    { audit, ...end }: Parameters<typeof feeds.endFeedRun>[1] & { audit: AuditEntry | null },
  ) => {
    feeds.endFeedRun(context.sqlite, end);
    if (audit) append(context, audit);
  },
  changeWatched: ({ sqlite }: Context, input: Parameters<typeof watching.changeWatched>[1]) =>
    watching.changeWatched(sqlite, input),
  putView: ({ sqlite }: Context, view: SavedView) => views.putView(sqlite, view),
  removeView: ({ sqlite }: Context, id: string) => views.removeView(sqlite, id),
  rememberMapping: ({ sqlite }: Context, input: { columns: string; mapping: ImportMapping; at: string }) =>
    imports.rememberMapping(sqlite, input),
  recordReading: async (
    context: Context,
    input: Parameters<typeof sessions.recordReading>[1] & { audit: AuditEntry | null },
  ) => {
    const row = sessions.recordReading(context.sqlite, input);
    if (input.audit) append(context, input.audit);
    return row;
  },
  /** A note that stays as it was leaves no trace. */
  setNote: async (
    context: Context,
    { audit, ...input }: Omit<Parameters<typeof sessions.setNote>[1], 'operator'> & { audit: AuditEntry },
  ) => {
    const { row, changed } = await sessions.setNote(context.database, {
      ...input,
      operator: context.identity.operator,
    });
    if (changed) append(context, { ...audit, outcome: row.note === null ? 'note_removed' : 'note_written' });
    return row;
  },
  /** An event of a session that is not tracked yet tracks it. */
  recordEvent: async (
    context: Context,
    input: { session: sessions.NewSession; reading: sessions.SessionReading; when: string | null; audit: AuditEntry },
  ) => {
    const { database, sqlite, identity } = context;
    const known = await sessions.findSessionOfConnection(database, input.session);
    const [added] = known
      ? []
      : sessions.trackSessions(sqlite, { sessions: [input.session], operator: identity.operator });
    const session = known ?? added;
    if (!session) throw new Error('A session was neither known nor added.');
    const row = sessions.recordEvent(context.sqlite, {
      sessionKey: session.key,
      reading: input.reading,
      when: input.when,
      at: input.session.firstSeenAt,
    });
    await append(context, { ...input.audit, sessionKey: row.key });
    return row;
  },
  /** The durable intent: nothing may be sent before this has answered. */
  intend: async (context: Context, input: { row: CancellationRow; audit: AuditEntry }) => {
    cancellations.insertCancellation(context.sqlite, input.row);
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
    const row = cancellations.changeCancellation(context.sqlite, input.id, input.changes);
    const session = input.reading ? sessions.recordReading(context.sqlite, input.reading) : null;
    append(context, { ...input.audit, batchId: batchRuns.batchOfCancellation(context.sqlite, input.id) });
    return { row, session };
  },
  insertBatch: async (context: Context, row: NewBatchRow) => await batches.insertBatch(context.database, row),
  changeBatch: async (
    context: Context,
    {
      audit,
      ...input
    }: { id: string; from: readonly BatchState[]; changes: batches.BatchChanges; audit: AuditEntry | null },
  ) => {
    const row = await batches.changeBatch(context.database, input);
    if (row && audit) append(context, { ...audit, batchId: row.id });
    return row;
  },
  /** The durable intent of a session in a batch, marked as sent: its call follows at once, and only then. */
  beginItem: async (
    context: Context,
    {
      audits,
      ...input
    }: Parameters<typeof batchRuns.beginItem>[1] & {
      audits: { intended: AuditEntry; sent: AuditEntry; declined: AuditEntry };
    },
  ) => {
    const begun = await batchRuns.beginItem(context, input);
    if (begun.kind === 'skipped') {
      if (begun.why !== 'not_waiting') append(context, { ...audits.declined, detail: begun.why });
      return begun;
    }
    append(context, { ...audits.intended, cancellationId: begun.row.id });
    if (begun.kind === 'begun') append(context, audits.sent);
    return begun;
  },
  freezeSlice: ({ sqlite }: Context, judging: plans.Judging) => plans.freezeSlice(sqlite, judging),
  judgeSlice: ({ sqlite }: Context, input: Parameters<typeof plans.judgeSlice>[1]) => plans.judgeSlice(sqlite, input),
  clearSpentPlan: ({ sqlite }: Context, input: Parameters<typeof plans.clearSpentPlan>[1]) =>
    plans.clearSpentPlan(sqlite, input),
  reopenItems: ({ database }: Context, batchNumber: number) => batchRuns.reopenItems(database, batchNumber),
  giveUpItems: ({ database }: Context, input: Parameters<typeof batchRuns.giveUpItems>[1]) =>
    batchRuns.giveUpItems(database, input),
  putPace: async (context: Context, { row, audit }: { row: PaceRow; audit: AuditEntry }) => {
    await batches.putPace(context.database, row);
    append(context, audit);
  },
  putSetting: (context: Context, { setting, audit }: { setting: settings.Setting; audit: AuditEntry }) => {
    settings.putSetting(context.sqlite, setting);
    append(context, audit);
  },
  /** Who acts from now on; it lives as long as this thread. */
  actAs: ({ audit }: Context, operator: string) => audit.actAs(operator),
  removeOldSessions: (
    context: Context,
    { id, at, ...input }: Omit<removals.RemovalSlice, 'removal'> & { id: string; at: string },
  ) => {
    const removal = { id, at, operator: context.identity.operator };
    const removed = removals.removeOldSessions(context.sqlite, { ...input, removal });
    if (removed > 0)
      append(context, { action: 'sessions_removed', detail: `${removed} sessions not heard of since ${input.before}` });
    return removed;
  },
  restoreSessions: (context: Context, input: Parameters<typeof removals.restoreSessions>[1]) => {
    const slice = removals.restoreSessions(context.sqlite, input);
    if (slice) append(context, { action: 'sessions_restored', detail: removals.inWords(slice) });
    return slice;
  },
  forgetRemoved: ({ sqlite }: Context, input: Parameters<typeof removals.forgetRemoved>[1]) =>
    removals.forgetRemoved(sqlite, input),
  appendAudit: (context: Context, audit: AuditEntry) => append(context, audit),
};

function append({ audit: log }: Context, entry: AuditEntry): void {
  log.append(entry);
}

type Operations = typeof reads & typeof writes;
export type OperationName = keyof Operations;
export type OperationInput<Name extends OperationName> = Parameters<Operations[Name]>[1];
export type OperationOutput<Name extends OperationName> = OutputOf<ReturnType<Operations[Name]>>;
/** A read may work in slices, each a turn of its own: it yields between them and returns its answer. */
type OutputOf<Returned> = Returned extends AsyncGenerator<void, infer Output, void> ? Output : Awaited<Returned>;
