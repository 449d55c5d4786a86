/** Every call of the console: its input, checked by the host, and its output. Both sides derive their types from here. */
import { z } from 'zod';
import {
  auditChain,
  auditExport,
  auditExportFormat,
  auditFilter,
  auditInputs,
  auditVerdict,
  outcomesOfDay,
} from './audit.ts';
import { batch, batchInputs, batchItems, paceLimits, paceOfConnection, planSummary } from './batches.ts';
import { connection, connectionInputs, connectionVerdict, newConnection } from './connections.ts';
import { callError } from './errors.ts';
import { backup, backupName, oneRemoval, removal, removed, restored, retention } from './maintenance.ts';
import { exportInputs, exportOptions, exportState } from './export.ts';
import { feed, feedInputs, newFeed } from './feeds.ts';
import { importInputs, importPreview, importProblems, importState } from './import.ts';
import { language } from './languages.ts';
import { refreshInputs, refreshState, watchState } from './refresh.ts';
import {
  byFilter,
  bySelection,
  chosenSessions,
  listInputs,
  savedView,
  sessionCounts,
  sessionPage,
} from './sessions.ts';
import { diagnostics, settings, settingsChange } from './settings.ts';
import {
  auditRecord,
  cancellation,
  instant,
  noteText,
  product,
  reason,
  session,
  sessionFact,
  sessionStatus,
  workspaceName,
} from './domain.ts';

const none = z.object({});
const sessionKey = z.int().positive();

export const changedFact = z.object({ fact: sessionFact, from: z.string().nullable(), to: z.string().nullable() });
export type ChangedFact = z.infer<typeof changedFact>;

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
    when: z.string().nullable(),
    to: sessionStatus,
    rawStatus: z.string().nullable(),
    rawDetail: z.string().nullable(),
  }),
  /** Facts that a reading, an event, an import or a feed told otherwise than they were known. */
  z.object({ kind: z.literal('facts'), at: instant, facts: z.array(changedFact) }),
  /** null: the note was removed. */
  z.object({ kind: z.literal('note'), at: instant, operator: z.string(), note: z.string().nullable() }),
  z.object({ kind: z.literal('cancellation'), at: instant, cancellation }),
]);
export type TimelineEntry = z.infer<typeof timelineEntry>;

/** A session with its whole story, newest first. */
export const sessionStory = z.object({ session, timeline: z.array(timelineEntry) });
export type SessionStory = z.infer<typeof sessionStory>;

export const deskState = z.object({
  version: z.string(),
  operator: z.string(),
  hostName: z.string(),
  workspace: workspaceName,
  /** null while the workspace is open; else why it is not, e.g. a damaged file or a second copy. */
  trouble: callError.nullable(),
  /** Whether secrets can be kept beyond this run. */
  keychain: z.enum(['available', 'locked', 'unavailable']),
  dataFolder: z.string(),
  /** True until a connection or a session exists: the screen explains itself and offers practice. */
  firstRun: z.boolean(),
});
export type DeskState = z.infer<typeof deskState>;

const call = <Input extends z.ZodType, Output extends z.ZodType>(input: Input, output: Output) => ({ input, output });

export const calls = {
  'desk.state': call(none, deskState),
  /** Opens the other workspace, or tries again the one that could not be opened. */
  'workspace.open': call(z.object({ workspace: workspaceName }), deskState),

  'connections.list': call(none, z.array(connection)),
  'connections.add': call(newConnection, connection),
  /** Asks the provider whether it takes the credential; touches no session. */
  'connections.test': call(connectionInputs.one, connectionVerdict),
  /** Renames it, or changes how it is asked. */
  'connections.change': call(connectionInputs.change, connection),
  'connections.replaceSecret': call(connectionInputs.secret, connection),
  /** Keeps the secret that webhook events of this account are signed with; not the connection's own. */
  'connections.setEventSecret': call(connectionInputs.secret, connection),
  /** Deletes a secret from the keychain; the connection stays, and asks for it. */
  'connections.forgetSecret': call(connectionInputs.forgetSecret, connection),
  /** Forgets the connection and its secret. Refused while sessions are tracked on it. */
  'connections.remove': call(connectionInputs.one, none),

  'sessions.page': call(listInputs.page, sessionPage),
  'sessions.counts': call(listInputs.counts, sessionCounts),
  /** Looks the id up at the provider first: an id that the account does not know is not tracked. */
  'sessions.add': call(
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
  'sessions.applyEvent': call(
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
  'sessions.story': call(z.object({ sessionKey }), sessionStory),
  /** Reads the session at its provider now. */
  'sessions.refresh': call(z.object({ sessionKey }), session),
  /** Writes the operator's own words beside the session, or takes them away. */
  'sessions.setNote': call(z.object({ sessionKey, note: noteText }), session),

  /** Reads many sessions at their providers, at each connection's pace. Answers as it begins. */
  'refreshes.start': call(chosenSessions, refreshState),
  /** What was read stays recorded; nothing more is asked. */
  'refreshes.stop': call(refreshInputs.stop, refreshState),
  /** Newest first, of this run of the console. */
  'refreshes.list': call(none, z.array(refreshState)),

  /** Writes a file into the workspace's folder. Answers as it begins; `exports.changed` tells how far it is. */
  'exports.start': call(z.union([bySelection.extend(exportOptions), byFilter.extend(exportOptions)]), exportState),
  /** Answers when the file is complete, or will never be. */
  'exports.wait': call(exportInputs.one, exportState),
  /** Takes the unfinished file away. */
  'exports.stop': call(exportInputs.one, exportState),

  'views.list': call(none, z.array(savedView)),
  /** Adds the view, or puts it in the place of the one with its id. */
  'views.put': call(savedView, savedView),
  'views.remove': call(savedView.pick({ id: true }), none),

  'watching.state': call(none, watchState),
  /** Watches sessions from now on, or no longer; they are read again about every half minute, within the pace. */
  'watching.change': call(refreshInputs.watch, watchState),

  'feeds.list': call(none, z.array(feed)),
  /** Adds a feed; its first run follows at once. */
  'feeds.add': call(newFeed, feed),
  'feeds.change': call(feedInputs.change, feed),
  'feeds.replaceSecret': call(feedInputs.replaceSecret, feed),
  /** Forgets the feed and its secret; the sessions it brought stay. */
  'feeds.remove': call(feedInputs.one, none),
  /** Runs it now and answers when the run is over. */
  'feeds.run': call(feedInputs.one, feed),

  /** Reads the head of a file and shows what an import would make of it; tracks nothing. */
  'imports.preview': call(importInputs.preview, importPreview),
  /** Begins an import, or a check that writes nothing; the pieces of the file follow. */
  'imports.begin': call(importInputs.begin, importState),
  /** The next piece of the file. Answers when there is room for the one after it. */
  'imports.chunk': call(importInputs.chunk, importState),
  /** The file is at its end. Answers when the last line is tracked. */
  'imports.finish': call(importInputs.finish, importState),
  /** Ends an import early: what it has tracked stays. */
  'imports.stop': call(importInputs.stop, importState),
  /** What was wrong, line by line: the first thousand are kept. */
  'imports.problems': call(importInputs.problems, importProblems),

  /** Cancels one session and answers with the outcome. An unresolved attempt is read back before anything is sent again. */
  'cancellations.request': call(z.object({ sessionKey, reason }), cancellation),
  /** "Check with provider": reads an unknown cancellation back; sends nothing. */
  'cancellations.check': call(z.object({ cancellationId: z.uuid() }), cancellation),

  /** Freezes the chosen sessions as a plan. Answers as it begins; `batches.changed` tells how far it is. Sends nothing. */
  'batches.plan': call(chosenSessions, batch),
  /** A plan of those sessions of an ended batch that failed, or whose outcome nobody knows. */
  'batches.planRetry': call(batchInputs.retry, batch),
  /** Newest first. */
  'batches.list': call(batchInputs.list, z.object({ rows: z.array(batch), next: z.int().nullable() })),
  'batches.get': call(batchInputs.one, batch),
  'batches.summary': call(batchInputs.one, planSummary),
  'batches.items': call(batchInputs.items, batchItems),
  /** Reads the plan's stale sessions at their providers, then judges them anew. `refreshes.changed` tells how far it is. */
  'batches.refreshPlan': call(batchInputs.one, refreshState),
  /** Throws a plan away. */
  'batches.discard': call(batchInputs.one, batch),
  /** The one way from a plan to a batch: refused and recorded unless digest, count, time and operator are right. */
  'batches.confirm': call(batchInputs.confirm, batch),
  /** While it is armed: nothing was sent, and nothing will be. */
  'batches.callOff': call(batchInputs.one, batch),
  'batches.pause': call(batchInputs.one, batch),
  'batches.resume': call(batchInputs.one, batch),
  /** What is under way is finished and recorded; the rest stays not sent. */
  'batches.stop': call(batchInputs.one, batch),
  /** Lets the batches of a connection that was paused go on there. */
  'batches.resumeConnection': call(z.object({ connectionId: z.uuid() }), paceOfConnection),
  /** Writes what became of the sessions into a file, with the head of the audit log. `exports.wait` answers when it is whole. */
  'batches.export': call(batchInputs.export, exportState),

  'pace.list': call(none, z.array(paceOfConnection)),
  /** From now on, also for what is running. */
  'pace.change': call(paceLimits.extend({ connectionId: z.uuid() }), paceOfConnection),
  /** A locked connection takes no cancel until it is unlocked; reading goes on. */
  'connections.setLocked': call(connectionInputs.setLocked, connection),

  'audit.page': call(
    auditInputs.page,
    /** `total`: how many records the filter matches. */
    z.object({ rows: z.array(auditRecord), total: z.int() }),
  ),
  /** One record with what ties it to its neighbours; null where the log has none of that number. */
  'audit.record': call(auditInputs.record, auditChain.nullable()),
  /** Goes through the whole log and answers with what it found; meanwhile `audit.verifying` tells how far it is. */
  'audit.verify': call(none, auditVerdict),
  /** Ends a running verification early; its answer is then `stopped`. */
  'audit.stopVerification': call(none, none),
  /** Writes the matching records, with the head, into a file of the workspace's folder. */
  'audit.export': call(z.object({ format: auditExportFormat, filter: auditFilter.optional() }), auditExport),

  'backups.list': call(none, z.array(backup)),
  /** Copies the database as it is now, while work goes on. */
  'backups.make': call(none, backup),
  /** Puts a backup in the place of the database, which is kept beside it, and opens it. No audit record is lost where the old file can be read. */
  'backups.restore': call(z.object({ name: backupName }), deskState),
  /** Removes sessions in a final state that are old, with their timeline; never an audit record. For a day it can be undone. */
  'sessions.removeOld': call(retention, removed),
  /** What was removed and can still be brought back, newest first. */
  'sessions.removals': call(none, z.array(removal)),
  /** Brings back what a removal took away. Answers when all are back; `removals.changed` tells how far it is. */
  'sessions.undoRemoval': call(oneRemoval, restored),

  /** How many of them that would be now. */
  'sessions.countOld': call(retention, z.object({ count: z.int() })),

  /** What the screen speaks: at its start, and at each change. A host with words of its own, as in a menu, says them in it. */
  'screen.setLanguage': call(z.object({ language }), none),

  'settings.get': call(none, settings),
  'settings.change': call(settingsChange, settings),

  /** Gathers a diagnostics bundle, redacted, for somebody to look at. */
  'diagnostics.gather': call(none, diagnostics),
  /** Writes the bundle that was gathered last, as it was shown, into the workspace's folder. */
  'diagnostics.write': call(diagnostics.pick({ diagnosticsId: true }), z.object({ file: z.string() })),

  /** Both days included. */
  'audit.outcomesPerDay': call(z.object({ from: z.iso.date(), to: z.iso.date() }), z.array(outcomesOfDay)),
} as const;

export type CallName = keyof typeof calls;
/** What a caller writes; defaults may be left out. */
export type CallInput<Name extends CallName> = z.input<(typeof calls)[Name]['input']>;
/** What a handler receives: checked, trimmed, defaults filled in. */
export type CheckedInput<Name extends CallName> = z.output<(typeof calls)[Name]['input']>;
export type CallOutput<Name extends CallName> = z.output<(typeof calls)[Name]['output']>;

/** One function of core per call. */
export type Handlers = { [Name in CallName]: (input: CheckedInput<Name>) => Promise<CallOutput<Name>> };
