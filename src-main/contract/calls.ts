/** Every call of the console: its input, checked by the host, and its output. Both sides derive their types from here. */
import { z } from 'zod';
import {
  auditChain,
  auditExport,
  auditExportFormat,
  auditFilter,
  auditInputs,
  verificationResult,
  dailyOutcomes,
} from './audit.ts';
import { batch, batchInputs, batchItems, rateLimit, connectionRateLimit, planSummary } from './batches.ts';
import { connection, connectionInputs, connectionTestResult, newConnection } from './connections.ts';
import { callError } from './errors.ts';
import { backup, backupName, removalById, removal, removalResult, restoreResult, retention } from './maintenance.ts';
import { exportInputs, exportOptions, exportState } from './export.ts';
import { feed, feedInputs, newFeed } from './feeds.ts';
import { importInputs, importPreview, importProblems, importState } from './import.ts';
import { language } from './languages.ts';
import { refreshInputs, refreshState, pollingState } from './refresh.ts';
import {
  selectionByFilter,
  selectionByKeys,
  sessionSelection,
  listInputs,
  savedView,
  sessionCounts,
  sessionPage,
} from './sessions.ts';
import { diagnosticsBundle, settings, settingsChange } from './settings.ts';
import {
  auditRecord,
  cancellation,
  instant,
  noteText,
  product,
  reason,
  session,
  sessionField,
  sessionStatus,
  workspaceName,
} from './domain.ts';

const emptyObject = z.object({});
const sessionKey = z.int().positive();

export const fieldChange = z.object({ fact: sessionField, from: z.string().nullable(), to: z.string().nullable() });
export type FieldChange = z.infer<typeof fieldChange>;

export const timelineEntry = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('tracked'), at: instant, operator: z.string() }),
  z.object({
    kind: z.literal('status'),
    at: instant,
    from: sessionStatus.nullable(),
    to: sessionStatus,
    rawStatus: z.string().nullable(),
    rawDetail: z.string().nullable(),
  }),
  /** A webhook event whose signature fitted; `when` is the provider's own time, as it wrote it. */
  z.object({
    kind: z.literal('event'),
    at: instant,
    providerTime: z.string().nullable(),
    to: sessionStatus,
    rawStatus: z.string().nullable(),
    rawDetail: z.string().nullable(),
  }),
  /** Facts that a reading, an event, an import or a feed told otherwise than they were known. */
  z.object({ kind: z.literal('facts'), at: instant, changes: z.array(fieldChange) }),
  /** null: the note was removed. */
  z.object({ kind: z.literal('note'), at: instant, operator: z.string(), note: z.string().nullable() }),
  z.object({ kind: z.literal('cancellation'), at: instant, cancellation }),
]);
export type TimelineEntry = z.infer<typeof timelineEntry>;

/** A session with its whole story, newest first. */
export const sessionDetails = z.object({ session, timeline: z.array(timelineEntry) });
export type SessionDetails = z.infer<typeof sessionDetails>;

export const appState = z.object({
  version: z.string(),
  operator: z.string(),
  hostName: z.string(),
  workspace: workspaceName,
  /** null while the workspace is open; else why it is not, e.g. a damaged file or a second copy. */
  workspaceError: callError.nullable(),
  /** Whether secrets can be kept beyond this run. */
  keychain: z.enum(['available', 'locked', 'unavailable']),
  dataFolder: z.string(),
  /** True until a connection or a session exists: the screen explains itself and offers practice. */
  isFirstRun: z.boolean(),
});
export type AppState = z.infer<typeof appState>;

const defineCall = <Input extends z.ZodType, Output extends z.ZodType>(input: Input, output: Output) => ({
  input,
  output,
});

export const calls = {
  'app.state': defineCall(emptyObject, appState),
  /** Opens the other workspace, or tries again the one that could not be opened. */
  'workspace.open': defineCall(z.object({ workspace: workspaceName }), appState),

  'connections.list': defineCall(emptyObject, z.array(connection)),
  'connections.add': defineCall(newConnection, connection),
  /** Asks the provider whether it takes the credential; touches no session. */
  'connections.test': defineCall(connectionInputs.byId, connectionTestResult),
  /** Renames it, or changes how it is asked. */
  'connections.change': defineCall(connectionInputs.change, connection),
  'connections.replaceSecret': defineCall(connectionInputs.setSecret, connection),
  /** Keeps the secret that webhook events of this account are signed with; not the connection's own. */
  'connections.setWebhookSecret': defineCall(connectionInputs.setSecret, connection),
  /** Deletes a secret from the keychain; the connection stays, and asks for it. */
  'connections.deleteSecret': defineCall(connectionInputs.deleteSecret, connection),
  /** Forgets the connection and its secret. Refused while sessions are tracked on it. */
  'connections.remove': defineCall(connectionInputs.byId, emptyObject),

  'sessions.page': defineCall(listInputs.page, sessionPage),
  'sessions.counts': defineCall(listInputs.counts, sessionCounts),
  /** Looks the id up at the provider first: an id that the account does not know is not tracked. */
  'sessions.add': defineCall(
    z.object({
      connectionId: z.uuid(),
      product,
      id: z.string().trim().min(1, 'Enter a session id.').max(200),
      reference: z.string().trim().max(200).nullable().default(null),
      subAccount: z.string().trim().max(100).nullable().default(null),
    }),
    session,
  ),
  /** Takes a webhook event, pasted or from a file, whose signature fits; one that does not fit changes nothing. */
  'sessions.applyWebhookEvent': defineCall(
    z.object({
      connectionId: z.uuid(),
      /** For a session that is not tracked yet: the event does not say. */
      product,
      /** Exactly as it was received: one byte more or less and the signature is another. */
      body: z.string().min(1, 'Paste the body of the event.').max(100_000),
      /** `X-Webhook-Signature` (Flinks) or `x-callback-token` (Xendit). */
      signature: z.string().trim().min(1, 'Paste the signature header of the event.').max(1_000),
    }),
    session,
  ),
  'sessions.details': defineCall(z.object({ sessionKey }), sessionDetails),
  /** Reads the session at its provider now. */
  'sessions.refresh': defineCall(z.object({ sessionKey }), session),
  /** Writes the operator's own words beside the session, or takes them away. */
  'sessions.setNote': defineCall(z.object({ sessionKey, note: noteText }), session),

  /** Reads many sessions at their providers, at each connection's pace. Answers as it begins. */
  'refreshes.start': defineCall(sessionSelection, refreshState),
  /** What was read stays recorded; nothing more is asked. */
  'refreshes.stop': defineCall(refreshInputs.stop, refreshState),
  /** Newest first, of this run of the console. */
  'refreshes.list': defineCall(emptyObject, z.array(refreshState)),

  /** Writes a file into the workspace's folder. Answers as it begins; `exports.changed` tells how far it is. */
  'exports.start': defineCall(
    z.union([selectionByKeys.extend(exportOptions), selectionByFilter.extend(exportOptions)]),
    exportState,
  ),
  /** Answers when the file is complete, or will never be. */
  'exports.wait': defineCall(exportInputs.byId, exportState),
  /** Takes the unfinished file away. */
  'exports.stop': defineCall(exportInputs.byId, exportState),

  'views.list': defineCall(emptyObject, z.array(savedView)),
  /** Adds the view, or puts it in the place of the one with its id. */
  'views.save': defineCall(savedView, savedView),
  'views.remove': defineCall(savedView.pick({ id: true }), emptyObject),

  'polling.state': defineCall(emptyObject, pollingState),
  /** Watches sessions from now on, or no longer; they are read again about every half minute, within the pace. */
  'polling.change': defineCall(refreshInputs.changePolling, pollingState),

  'feeds.list': defineCall(emptyObject, z.array(feed)),
  /** Adds a feed; its first run follows at once. */
  'feeds.add': defineCall(newFeed, feed),
  'feeds.change': defineCall(feedInputs.change, feed),
  'feeds.replaceSecret': defineCall(feedInputs.replaceSecret, feed),
  /** Forgets the feed and its secret; the sessions it brought stay. */
  'feeds.remove': defineCall(feedInputs.byId, emptyObject),
  /** Runs it now and answers when the run is over. */
  'feeds.run': defineCall(feedInputs.byId, feed),

  /** Reads the head of a file and shows what an import would make of it; tracks nothing. */
  'imports.preview': defineCall(importInputs.preview, importPreview),
  /** Begins an import, or a check that writes nothing; the pieces of the file follow. */
  'imports.begin': defineCall(importInputs.begin, importState),
  /** The next piece of the file. Answers when there is room for the one after it. */
  'imports.chunk': defineCall(importInputs.chunk, importState),
  /** The file is at its end. Answers when the last line is tracked. */
  'imports.finish': defineCall(importInputs.finish, importState),
  /** Ends an import early: what it has tracked stays. */
  'imports.stop': defineCall(importInputs.stop, importState),
  /** What was wrong, line by line: the first thousand are kept. */
  'imports.problems': defineCall(importInputs.problems, importProblems),

  /** Cancels one session and answers with the outcome. An unresolved attempt is read back before anything is sent again. */
  'cancellations.request': defineCall(z.object({ sessionKey, reason }), cancellation),
  /** "Check with provider": reads an unknown cancellation back; sends nothing. */
  'cancellations.check': defineCall(z.object({ cancellationId: z.uuid() }), cancellation),

  /** Freezes the chosen sessions as a plan. Answers as it begins; `batches.changed` tells how far it is. Sends nothing. */
  'batches.plan': defineCall(sessionSelection, batch),
  /** A plan of those sessions of an ended batch that failed, or whose outcome nobody knows. */
  'batches.planRetry': defineCall(batchInputs.retry, batch),
  /** Newest first. */
  'batches.list': defineCall(batchInputs.list, z.object({ rows: z.array(batch), next: z.int().nullable() })),
  'batches.get': defineCall(batchInputs.byId, batch),
  'batches.summary': defineCall(batchInputs.byId, planSummary),
  'batches.items': defineCall(batchInputs.items, batchItems),
  /** Reads the plan's stale sessions at their providers, then judges them anew. `refreshes.changed` tells how far it is. */
  'batches.refreshPlan': defineCall(batchInputs.byId, refreshState),
  /** Throws a plan away. */
  'batches.discard': defineCall(batchInputs.byId, batch),
  /** The one way from a plan to a batch: refused and recorded unless digest, count, time and operator are right. */
  'batches.confirm': defineCall(batchInputs.confirm, batch),
  /** While it is armed: nothing was sent, and nothing will be. */
  'batches.callOff': defineCall(batchInputs.byId, batch),
  'batches.pause': defineCall(batchInputs.byId, batch),
  'batches.resume': defineCall(batchInputs.byId, batch),
  /** What is under way is finished and recorded; the rest stays not sent. */
  'batches.stop': defineCall(batchInputs.byId, batch),
  /** Lets the batches of a connection that was paused go on there. */
  'batches.resumeConnection': defineCall(z.object({ connectionId: z.uuid() }), connectionRateLimit),
  /** Writes what became of the sessions into a file, with the head of the audit log. `exports.wait` answers when it is whole. */
  'batches.export': defineCall(batchInputs.export, exportState),

  'rateLimits.list': defineCall(emptyObject, z.array(connectionRateLimit)),
  /** From now on, also for what is running. */
  'rateLimits.change': defineCall(rateLimit.extend({ connectionId: z.uuid() }), connectionRateLimit),
  /** A locked connection takes no cancel until it is unlocked; reading goes on. */
  'connections.setLocked': defineCall(connectionInputs.setLocked, connection),

  'audit.page': defineCall(
    auditInputs.page,
    /** `total`: how many records the filter matches. */
    z.object({ rows: z.array(auditRecord), total: z.int() }),
  ),
  /** One record with what ties it to its neighbours; null where the log has none of that number. */
  'audit.record': defineCall(auditInputs.record, auditChain.nullable()),
  /** Goes through the whole log and answers with what it found; meanwhile `audit.verificationProgress` tells how far it is. */
  'audit.verify': defineCall(emptyObject, verificationResult),
  /** Ends a running verification early; its answer is then `stopped`. */
  'audit.stopVerification': defineCall(emptyObject, emptyObject),
  /** Writes the matching records, with the head, into a file of the workspace's folder. */
  'audit.export': defineCall(z.object({ format: auditExportFormat, filter: auditFilter.optional() }), auditExport),

  'backups.list': defineCall(emptyObject, z.array(backup)),
  /** Copies the database as it is now, while work goes on. */
  'backups.create': defineCall(emptyObject, backup),
  /** Puts a backup in the place of the database, which is kept beside it, and opens it. No audit record is lost where the old file can be read. */
  'backups.restore': defineCall(z.object({ name: backupName }), appState),
  /** Removes sessions in a final state that are old, with their timeline; never an audit record. For a day it can be undone. */
  'sessions.removeOld': defineCall(retention, removalResult),
  /** What was removed and can still be brought back, newest first. */
  'sessions.removals': defineCall(emptyObject, z.array(removal)),
  /** Brings back what a removal took away. Answers when all are back; `removals.changed` tells how far it is. */
  'sessions.undoRemoval': defineCall(removalById, restoreResult),

  /** How many of them that would be now. */
  'sessions.countOld': defineCall(retention, z.object({ count: z.int() })),

  /** What the screen speaks: at its start, and at each change. A host with words of its own, as in a menu, says them in it. */
  'app.setLanguage': defineCall(z.object({ language }), emptyObject),

  'settings.get': defineCall(emptyObject, settings),
  'settings.change': defineCall(settingsChange, settings),

  /** Gathers a diagnostics bundle, redacted, for somebody to look at. */
  'diagnostics.collect': defineCall(emptyObject, diagnosticsBundle),
  /** Writes the bundle that was gathered last, as it was shown, into the workspace's folder. */
  'diagnostics.write': defineCall(diagnosticsBundle.pick({ diagnosticsId: true }), z.object({ file: z.string() })),

  /** Both days included. */
  'audit.outcomesPerDay': defineCall(z.object({ from: z.iso.date(), to: z.iso.date() }), z.array(dailyOutcomes)),
} as const;

export type CallName = keyof typeof calls;
/** What a caller writes; defaults may be left out. */
export type CallInput<Name extends CallName> = z.input<(typeof calls)[Name]['input']>;
/** What a handler receives: checked, trimmed, defaults filled in. */
export type ParsedInput<Name extends CallName> = z.output<(typeof calls)[Name]['input']>;
export type CallOutput<Name extends CallName> = z.output<(typeof calls)[Name]['output']>;

/** One function of core per call. */
export type CallHandlers = { [Name in CallName]: (input: ParsedInput<Name>) => Promise<CallOutput<Name>> };
