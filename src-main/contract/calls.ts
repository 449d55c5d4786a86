/**
 * Input and output schemas of every call between renderer and main process. The host validates both. Both sides derive
 * their types from these schemas.
 */
import { z } from 'zod';
import {
  plainText,
  sessionIdPattern,
  cancellation,
  instant,
  noteText,
  product,
  enteredReason,
  session,
  sessionField,
  sessionStatus,
  workspaceName,
} from './domain.ts';
import {
  auditChain,
  auditExport,
  auditFilter,
  auditInputs,
  verificationResult,
  dailyOutcomes,
  auditRecord,
} from './audit.ts';
import { batch, batchInputs, batchItems, rateLimit, connectionRateLimit, planSummary } from './batches.ts';
import { connection, connectionInputs, connectionTestResult, newConnection } from './connections.ts';
import { callError } from './errors.ts';
import { language } from './languages.ts';
import { backup, backupName, removal, removalResult, restoreResult, restoreReview, retention } from './maintenance.ts';
import {
  exportFormat,
  exportOptions,
  exportState,
  pollingChange,
  refreshState,
  pollingState,
  selectionByFilter,
  selectionByKeys,
  sessionSelection,
  sessionInputs,
  savedView,
  sessionCounts,
  sessionPage,
} from './sessions.ts';
import { feed, feedInputs, newFeed } from './feeds.ts';
import { importInputs, importPreview, importProblems, importState } from './import.ts';
import { diagnosticsBundle, settings, settingsChange } from './settings.ts';

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
  /** A webhook event with a valid signature. `providerTime`: the time in the event, as the provider wrote it. */
  z.object({
    kind: z.literal('event'),
    at: instant,
    providerTime: z.string().nullable(),
    to: sessionStatus,
    rawStatus: z.string().nullable(),
    rawDetail: z.string().nullable(),
  }),
  /** Fields that a status check, an event, an import or a feed changed. */
  z.object({ kind: z.literal('facts'), at: instant, changes: z.array(fieldChange) }),
  /** null: the note was removed. */
  z.object({ kind: z.literal('note'), at: instant, operator: z.string(), note: z.string().nullable() }),
  z.object({ kind: z.literal('cancellation'), at: instant, cancellation }),
]);
export type TimelineEntry = z.infer<typeof timelineEntry>;

/** A session with its timeline, newest entry first. */
export const sessionDetails = z.object({ session, timeline: z.array(timelineEntry) });
export type SessionDetails = z.infer<typeof sessionDetails>;

export const appState = z.object({
  version: z.string(),
  operator: z.string(),
  hostName: z.string(),
  workspace: workspaceName,
  /** null while the workspace is open; else why it is not, e.g. a damaged file or a second process. */
  workspaceError: callError.nullable(),
  /** Whether secrets can be stored permanently. */
  keychain: z.enum(['available', 'locked', 'unavailable']),
  dataFolder: z.string(),
  /** A backup was restored, and nothing is sent until the operator has reviewed it: see `backups.getReview`. */
  isRestoreReviewPending: z.boolean(),
  /** True until a connection exists; the renderer then shows the introduction. */
  isFirstRun: z.boolean(),
});
export type AppState = z.infer<typeof appState>;

const defineCall = <Input extends z.ZodType, Output extends z.ZodType>(input: Input, output: Output) => ({
  input,
  output,
});

/** Calls that core handles. */
export const coreCalls = {
  'app.getState': defineCall(emptyObject, appState),
  /** Opens the other workspace, or retries the one that could not be opened. */
  'workspace.open': defineCall(z.object({ workspace: workspaceName }), appState),

  'connections.list': defineCall(emptyObject, z.array(connection)),
  'connections.add': defineCall(newConnection, connection),
  /** Checks whether the provider accepts the credential. Reads no session. */
  'connections.test': defineCall(connectionInputs.byId, connectionTestResult),
  /** Changes the name or the options. */
  'connections.change': defineCall(connectionInputs.change, connection),
  'connections.replaceSecret': defineCall(connectionInputs.setSecret, connection),
  /** Stores the secret that signs the webhook events of this account. It is separate from the API secret. */
  'connections.setWebhookSecret': defineCall(connectionInputs.setSecret, connection),
  /** Deletes a secret from the keychain. The connection stays, and its credential is `missing`. */
  'connections.deleteSecret': defineCall(connectionInputs.deleteSecret, connection),
  /** Removes the connection and its secrets. Fails with connection_in_use while sessions of it are tracked. */
  'connections.remove': defineCall(connectionInputs.byId, emptyObject),

  'sessions.list': defineCall(sessionInputs.list, sessionPage),
  'sessions.count': defineCall(sessionInputs.count, sessionCounts),
  /** Reads the session at the provider first. An id without a session in this account is not tracked. */
  'sessions.add': defineCall(
    z.object({
      connectionId: z.uuid(),
      product,
      id: z
        .string()
        .trim()
        .min(1, 'validation.sessionIdMissing')
        .regex(sessionIdPattern, 'validation.sessionIdCharacters'),
      reference: plainText(200).nullable().default(null),
      subAccount: plainText(100).nullable().default(null),
    }),
    session,
  ),
  /** Applies a webhook event, pasted or from a file. An event with an invalid signature changes nothing. */
  'sessions.applyWebhookEvent': defineCall(
    z.object({
      connectionId: z.uuid(),
      /** Used if the session is not tracked yet, because the event does not name the product. */
      product,
      /** Exactly as received: the signature covers every byte. */
      body: z.string().min(1, 'validation.eventBodyMissing').max(100_000),
      /** `X-Webhook-Signature` (Flinks) or `x-callback-token` (Xendit). */
      signature: z.string().trim().min(1, 'validation.eventSignatureMissing').max(1_000),
    }),
    session,
  ),
  'sessions.getDetails': defineCall(z.object({ sessionKey }), sessionDetails),
  /** Checks the status of the session at its provider. */
  'sessions.refresh': defineCall(z.object({ sessionKey }), session),
  /** Sets or deletes the operator's note on the session. */
  'sessions.setNote': defineCall(z.object({ sessionKey, note: noteText }), session),

  /** Checks the status of many sessions, within each connection's rate limit. Returns when the refresh starts. */
  'refreshes.start': defineCall(sessionSelection, refreshState),
  /** Sends no further requests. Statuses that were read stay recorded. */
  'refreshes.stop': defineCall(refreshState.pick({ refreshId: true }), refreshState),
  /** Refreshes since Session Desk was started, newest first. */
  'refreshes.list': defineCall(emptyObject, z.array(refreshState)),

  /** Writes a file into the workspace folder. Returns when the export starts; `exports.changed` reports progress. */
  'exports.start': defineCall(
    z.union([selectionByKeys.extend(exportOptions), selectionByFilter.extend(exportOptions)]),
    exportState,
  ),
  /** Returns when the export has ended. */
  'exports.wait': defineCall(exportState.pick({ exportId: true }), exportState),
  /** Deletes the unfinished file. */
  'exports.stop': defineCall(exportState.pick({ exportId: true }), exportState),

  'views.list': defineCall(emptyObject, z.array(savedView)),
  /** Adds the view, or replaces the view with the same id. */
  'views.save': defineCall(savedView, savedView),
  'views.remove': defineCall(savedView.pick({ id: true }), emptyObject),

  'polling.getState': defineCall(emptyObject, pollingState),
  /** Starts or stops watching sessions. Their status is checked about every 30 s, within the rate limit. */
  'polling.change': defineCall(pollingChange, pollingState),

  'feeds.list': defineCall(emptyObject, z.array(feed)),
  /** Adds a feed and starts its first run. */
  'feeds.add': defineCall(newFeed, feed),
  'feeds.change': defineCall(feedInputs.change, feed),
  'feeds.replaceSecret': defineCall(feedInputs.replaceSecret, feed),
  /** Removes the feed and its secret. Its sessions stay tracked. */
  'feeds.remove': defineCall(feedInputs.byId, emptyObject),
  /** Runs the feed now. Returns when the run has ended. */
  'feeds.run': defineCall(feedInputs.byId, feed),

  /** Parses the beginning of a file and returns what an import would track. Tracks nothing. */
  'imports.preview': defineCall(importInputs.preview, importPreview),
  /** Starts an import, or a check that writes nothing. The chunks of the file follow. */
  'imports.start': defineCall(importInputs.start, importState),
  /** The next chunk of the file. Returns when the next chunk can be sent. */
  'imports.addChunk': defineCall(importInputs.addChunk, importState),
  /** Marks the end of the file. Returns when the last line is tracked. */
  'imports.finish': defineCall(importState.pick({ importId: true }), importState),
  /** Ends an import early. Sessions that were tracked stay tracked. */
  'imports.stop': defineCall(importState.pick({ importId: true }), importState),
  /** Problems by line. Only the first 1,000 are retained. */
  'imports.listProblems': defineCall(importInputs.listProblems, importProblems),

  /** Cancels one session and returns the outcome. Checks the status first if an earlier outcome is unknown. */
  'cancellations.request': defineCall(z.object({ sessionKey, reason: enteredReason }), cancellation),
  /** Checks the status of a cancellation with an unknown outcome. Sends no cancel request. */
  'cancellations.check': defineCall(z.object({ cancellationId: z.uuid() }), cancellation),

  /** Creates a plan. Returns when planning starts; `batches.changed` reports the progress. Sends nothing. */
  'batches.plan': defineCall(sessionSelection, batch),
  /** Creates a plan from the failed or unknown sessions of an ended batch. */
  'batches.planRetry': defineCall(batchInputs.planRetry, batch),
  /** Newest first. */
  'batches.list': defineCall(batchInputs.list, z.object({ rows: z.array(batch), next: z.int().nullable() })),
  'batches.get': defineCall(batchInputs.byId, batch),
  'batches.getSummary': defineCall(batchInputs.byId, planSummary),
  'batches.listItems': defineCall(batchInputs.listItems, batchItems),
  /** Checks outdated statuses, then updates the eligibility. `refreshes.changed` reports the progress. */
  'batches.refreshPlan': defineCall(batchInputs.byId, refreshState),
  /** Discards a plan. */
  'batches.discard': defineCall(batchInputs.byId, batch),
  /**
   * Confirms a plan; the only way to start a batch. A wrong digest, count or operator, or an expired plan is declined
   * and recorded.
   */
  'batches.confirm': defineCall(batchInputs.confirm, batch),
  /** Aborts a batch during the start delay. Nothing is sent. */
  'batches.abort': defineCall(batchInputs.byId, batch),
  'batches.pause': defineCall(batchInputs.byId, batch),
  'batches.resume': defineCall(batchInputs.byId, batch),
  /** Requests in progress are completed and recorded; all other sessions are not sent. */
  'batches.stop': defineCall(batchInputs.byId, batch),
  /** Resumes the batches on a connection that was paused. */
  'batches.resumeConnection': defineCall(z.object({ connectionId: z.uuid() }), connectionRateLimit),
  /** Exports the outcomes, with the head of the audit log. `exports.wait` returns when the file is complete. */
  'batches.export': defineCall(batchInputs.export, exportState),

  'rateLimits.list': defineCall(emptyObject, z.array(connectionRateLimit)),
  /** Takes effect immediately, also for running batches. */
  'rateLimits.change': defineCall(rateLimit.extend({ connectionId: z.uuid() }), connectionRateLimit),
  /** A locked connection sends no cancel requests; status checks continue. */
  'connections.setLocked': defineCall(connectionInputs.setLocked, connection),

  'audit.list': defineCall(
    auditInputs.list,
    /** `total`: how many records the filter matches. */
    z.object({ rows: z.array(auditRecord), total: z.int() }),
  ),
  /** One record with its links to its neighbours; null if no record has this sequence number. */
  'audit.get': defineCall(auditInputs.get, auditChain.nullable()),
  /** Verifies the whole log. `audit.verificationProgress` reports the progress. */
  'audit.verify': defineCall(emptyObject, verificationResult),
  /** Stops a running verification; its result is then `stopped`. */
  'audit.stopVerification': defineCall(emptyObject, emptyObject),
  /** Exports the matching records and the head into a file in the workspace folder. */
  'audit.export': defineCall(z.object({ format: exportFormat, filter: auditFilter.optional() }), auditExport),

  'backups.list': defineCall(emptyObject, z.array(backup)),
  /** Copies the current database without interrupting other work. */
  'backups.create': defineCall(emptyObject, backup),
  /** Deletes a copy of the database, after a confirmation outside the page where the host has one. */
  'backups.delete': defineCall(z.object({ name: backupName }), emptyObject),
  /**
   * Replaces the database with a backup and opens it. The replaced file stays in the workspace folder. If it can be
   * read, its newer audit records are merged, so that none is lost.
   */
  'backups.restore': defineCall(z.object({ name: backupName }), appState),
  /**
   * What the restored backup would send and where to, compared with the keychain; null if no review is pending.
   */
  'backups.getReview': defineCall(emptyObject, restoreReview.nullable()),
  /** Ends the review: requests to providers and feeds start again. Fails with restore_not_reviewed if outdated. */
  'backups.completeReview': defineCall(restoreReview.pick({ restoredSequence: true }), appState),
  /** Removes old sessions in a final state and their timelines, but no audit record. Can be undone for 24 hours. */
  'removals.start': defineCall(retention, removalResult),
  /** Removals that can still be undone, newest first. */
  'removals.list': defineCall(emptyObject, z.array(removal)),
  /** Restores removed sessions. Returns when all are restored; `removals.changed` reports progress. */
  'removals.undo': defineCall(removal.pick({ removalId: true }), restoreResult),

  /** How many sessions `removals.start` would remove now. */
  'removals.countSessions': defineCall(retention, z.object({ count: z.int() })),

  'settings.get': defineCall(emptyObject, settings),
  'settings.change': defineCall(settingsChange, settings),

  /** Creates a redacted diagnostics bundle for review. */
  'diagnostics.collect': defineCall(emptyObject, diagnosticsBundle),
  /** Writes the reviewed bundle into the workspace folder. */
  'diagnostics.write': defineCall(diagnosticsBundle.pick({ diagnosticsId: true }), z.object({ file: z.string() })),

  /** Both days are inclusive. */
  'audit.countOutcomes': defineCall(z.object({ from: z.iso.date(), to: z.iso.date() }), z.array(dailyOutcomes)),
} as const;

/** Calls that the host handles without core. */
export const hostCalls = {
  /** Reports the renderer's language at its start and at each change. The native menu and dialogs use it too. */
  'app.setLanguage': defineCall(z.object({ language }), emptyObject),
  /** The page has copied a text that is removed from the clipboard after `clipboardExpirySeconds`. */
  'app.expireClipboard': defineCall(z.object({ text: z.string().min(1).max(1_000) }), emptyObject),
} as const;

export const calls = { ...coreCalls, ...hostCalls };
export type CallName = keyof typeof calls;
/** Input of a caller; fields with a default are optional. */
export type CallInput<Name extends CallName> = z.input<(typeof calls)[Name]['input']>;
/** Input of a handler: validated, trimmed, with defaults. */
export type ParsedInput<Name extends CallName> = z.output<(typeof calls)[Name]['input']>;
export type CallOutput<Name extends CallName> = z.output<(typeof calls)[Name]['output']>;

/** One function per call. */
export type CallHandlers = { [Name in CallName]: (input: ParsedInput<Name>) => Promise<CallOutput<Name>> };
export type CoreCallName = keyof typeof coreCalls;
export type CoreCallHandlers = Pick<CallHandlers, CoreCallName>;
export type HostCallHandlers = Pick<CallHandlers, keyof typeof hostCalls>;
