/** Every call of the console: its input, checked by the host, and its output. Both sides derive their types from here. */
import { z } from 'zod';
import { auditExport, auditExportFormat, auditFilter, auditVerdict, outcomesOfDay } from './audit.ts';
import { connection, connectionVerdict, newConnection, secret } from './connections.ts';
import { callError } from './errors.ts';
import { backup, backupName, removed, retention } from './upkeep.ts';
import { exportInputs, exportOptions, exportState } from './export.ts';
import { feed, feedInputs, newFeed } from './feeds.ts';
import { importInputs, importPreview, importProblems, importState } from './import.ts';
import { refreshInputs, refreshState, selection, watchState } from './refresh.ts';
import { auditRecord, cancellation, instant, product, reason, session, sessionStatus, workspaceName } from './words.ts';

const none = z.object({});
const sessionKey = z.int().positive();

/** A cursor is opaque to the screen: it is handed back as it came. */
const cursor = z.string().max(200);

export const sessionFilter = z.object({
  /** Part of a reference or of a session id, in any case. */
  search: z.string().trim().max(200).default(''),
  status: sessionStatus.nullable().default(null),
});
export type SessionFilter = z.infer<typeof sessionFilter>;

const sessionPage = z.object({
  rows: z.array(session),
  /** Where the next page begins; null at the end. */
  next: cursor.nullable(),
});

/** How many sessions a search matches: in all, and by status. */
export const sessionCounts = z.object({ total: z.int(), byStatus: z.record(sessionStatus, z.int()) });
export type SessionCounts = z.infer<typeof sessionCounts>;

export const timelineEntry = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('tracked'), at: instant, operator: z.string() }),
  z.object({
    kind: z.literal('status'), at: instant,
    from: sessionStatus.nullable(), to: sessionStatus, rawStatus: z.string().nullable(), rawDetail: z.string().nullable(),
  }),
  /** A webhook event whose signature fitted; `when` is the provider's own time, as it wrote it. */
  z.object({
    kind: z.literal('event'), at: instant, when: z.string().nullable(),
    to: sessionStatus, rawStatus: z.string().nullable(), rawDetail: z.string().nullable(),
  }),
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
  'connections.test': call(z.object({ connectionId: z.uuid() }), connectionVerdict),
  'connections.replaceSecret': call(z.object({ connectionId: z.uuid(), secret, keepForThisRun: z.boolean().default(false) }), connection),
  /** Keeps the secret that webhook events of this account are signed with; not the connection's own. */
  'connections.setEventSecret': call(z.object({ connectionId: z.uuid(), secret, keepForThisRun: z.boolean().default(false) }), connection),
  /** Forgets the connection and its secret. Refused while sessions are tracked on it. */
  'connections.remove': call(z.object({ connectionId: z.uuid() }), none),

  'sessions.page': call(
    z.object({
      filter: sessionFilter,
      /** Rows after this place; null for the first page. */
      after: cursor.nullable().default(null),
      /** Rows to pass over after `after`, for a scroll bar thrown to the middle. */
      skip: z.int().nonnegative().default(0),
      limit: z.int().min(1).max(500).default(200),
    }),
    sessionPage,
  ),
  'sessions.counts': call(z.object({ filter: sessionFilter.pick({ search: true }) }), sessionCounts),
  /** Looks the id up at the provider first: an id that the account does not know is not tracked. */
  'sessions.add': call(
    z.object({
      connectionId: z.uuid(), product,
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

  /** Reads many sessions at their providers, at each connection's pace. Answers as it begins. */
  'refreshes.start': call(z.union([z.object({ sessionKeys: selection }), z.object({ filter: sessionFilter })]), refreshState),
  /** What was read stays recorded; nothing more is asked. */
  'refreshes.stop': call(refreshInputs.stop, refreshState),
  /** Newest first, of this run of the console. */
  'refreshes.list': call(none, z.array(refreshState)),

  /** Writes a file into the workspace's folder. Answers as it begins; `exports.changed` tells how far it is. */
  'exports.start': call(
    z.union([z.object({ sessionKeys: selection, ...exportOptions }), z.object({ filter: sessionFilter, ...exportOptions })]),
    exportState,
  ),
  /** Answers when the file is complete, or will never be. */
  'exports.wait': call(exportInputs.one, exportState),
  /** Takes the unfinished file away. */
  'exports.stop': call(exportInputs.one, exportState),

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

  'audit.page': call(
    z.object({
      filter: auditFilter.optional(),
      before: z.int().positive().nullable().default(null),
      limit: z.int().min(1).max(500).default(200),
    }),
    /** `total`: how many records the filter matches. */
    z.object({ rows: z.array(auditRecord), total: z.int() }),
  ),
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
  /** Removes sessions in a final state that are old, with their timeline; never an audit record. */
  'sessions.removeOld': call(retention, removed),

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
