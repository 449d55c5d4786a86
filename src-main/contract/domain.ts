/** The words of the console as schemas: the shapes that travel between the main process and the screen. */
import { z } from 'zod';

// The Content-Security-Policy forbids eval, which zod's compiled parsers would need.
z.config({ jitless: true });

/** An instant as an ISO 8601 string in UTC, e.g. `2026-11-20T14:02:00.000Z`. */
export const instant = z.iso.datetime();

export const providerName = z.enum(['flinks', 'xendit']);
export type ProviderName = z.infer<typeof providerName>;

/** What a session pays through. One provider may have several products on the same route. */
export const product = z.enum(['geft', 'eft', 'e_transfer', 'payment_session']);
export type Product = z.infer<typeof product>;

export const productsByProvider: Record<ProviderName, readonly Product[]> = {
  flinks: ['geft', 'eft', 'e_transfer'],
  xendit: ['payment_session'],
};

export const environment = z.enum(['sandbox', 'production']);
export type Environment = z.infer<typeof environment>;

/** `work` holds the record of real sessions, `practice` the simulated providers; they never mix. */
export const workspaceName = z.enum(['work', 'practice']);
export type WorkspaceName = z.infer<typeof workspaceName>;

/** Normalised over both providers; the provider's own words are kept beside it as `rawStatus` and `rawDetail`. */
export const sessionStatus = z.enum([
  'active',
  'in_progress',
  'completed',
  'completed_unfinished',
  'failed',
  'cancelled',
  'expired',
  'unknown',
]);
export type SessionStatus = z.infer<typeof sessionStatus>;

/** A state nothing can change any more. Everything else, `unknown` included, may still be paid. */
export const finalStatuses = [
  'completed',
  'failed',
  'cancelled',
  'expired',
] as const satisfies readonly SessionStatus[];

/** Flinks Pay's codes, told as `rawDetail` beside a status (providers.md 1.7); e-Transfer may tell others. */
export const flinksStatusCode = z.enum([
  'EFT0101',
  'EFT0301',
  'EFT0302',
  'EFT0401',
  'EFT0402',
  'EFT0403',
  'EFT0404',
  'EFT0501',
  'EFT0601',
]);

export const sessionSource = z.enum(['added', 'pasted', 'imported', 'event', 'practice']);
export type SessionSource = z.infer<typeof sessionSource>;

/** The operator's own words about a session; an empty one is none. */
export const noteText = z
  .string()
  .trim()
  .max(500, 'A note has at most 500 characters.')
  .transform((text) => text || null)
  .nullable();

/** What is known of a session beside its state, and may be told otherwise later. */
export const sessionField = z.enum(['reference', 'amount', 'currency', 'subAccount', 'createdAt', 'expiresAt']);
export type SessionField = z.infer<typeof sessionField>;

export const session = z.object({
  /** The console's own number for the session. */
  key: z.int().positive(),
  connectionId: z.uuid(),
  product,
  /** The provider's session id. Whoever holds it can open the payer's page: masked on screen, never in a log. */
  id: z.string(),
  reference: z.string().nullable(),
  /** A decimal number as text, in the currency's own units; nothing is assumed about minor units. */
  amount: z.string().nullable(),
  currency: z.string().nullable(),
  status: sessionStatus,
  rawStatus: z.string().nullable(),
  rawDetail: z.string().nullable(),
  source: sessionSource,
  /** Xendit's xenPlatform sub-account, sent as `for-user-id`; it wins over the connection's. */
  subAccount: z.string().nullable(),
  createdAt: instant.nullable(),
  expiresAt: instant.nullable(),
  firstSeenAt: instant,
  lastCheckedAt: instant.nullable(),
  /** The operator's own words, at most 500 characters. */
  note: z.string().nullable(),
});
export type Session = z.infer<typeof session>;

/** Why an operator cancels: a saved category and a free note such as a ticket number. */
export const reason = z.object({
  category: z.string().trim().min(1, 'Choose a reason.').max(80),
  note: z.string().trim().max(500).default(''),
});
export type Reason = z.infer<typeof reason>;

/** Where the life of a cancellation stands. The first two pass; of the rest only `unknown` can still change. */
export const cancellationState = z.enum([
  'intended',
  'sent',
  'cancelled',
  'already_final',
  'not_found',
  'refused',
  'still_active',
  'unknown',
  'not_sent',
]);
export type CancellationState = z.infer<typeof cancellationState>;

/** What stood in the way, as far as is known. The words for each are the screen's. */
export const cause = z.enum([
  // The request never left: nothing was asked of the provider.
  'connect_failed',
  'name_not_found',
  'certificate_refused',
  'credential_missing',
  'keychain_unavailable',
  'stopped_before_sending',
  'authorize_failed',
  // The request left, and what became of it is not in the answer.
  'timed_out',
  'connection_lost',
  'server_error',
  'answer_cut',
  'answer_unreadable',
  'wrong_session_answered',
  'status_unexpected',
  'redirected',
  'console_stopped',
  // The provider answered, and the answer is no.
  'unauthorized',
  'forbidden',
  'address_not_allowed',
  'throttled',
  'request_invalid',
  'endpoint_off',
]);
export type Cause = z.infer<typeof cause>;

export const cancellation = z.object({
  id: z.uuid(),
  sessionKey: z.int().positive(),
  state: cancellationState,
  cause: cause.nullable(),
  /** The session's state as the provider told it, for `already_final` and `still_active`. */
  foundStatus: sessionStatus.nullable(),
  /** `answer`: the cancel's own answer said so; `read_back`: the session was read afterwards. */
  confirmedBy: z.enum(['answer', 'read_back']).nullable(),
  /** A payment had begun at the provider: cancelling the session may not stop it. */
  paymentInFlight: z.boolean(),
  operator: z.string(),
  reason,
  /** How many cancel requests may have reached the provider. */
  calls: z.int().nonnegative(),
  httpStatus: z.int().nullable(),
  providerCode: z.string().nullable(),
  providerMessage: z.string().nullable(),
  requestId: z.string().nullable(),
  requestedAt: instant,
  settledAt: instant.nullable(),
});
export type Cancellation = z.infer<typeof cancellation>;

export const auditAction = z.enum([
  'workspace_opened',
  'connection_added',
  'connection_tested',
  'secret_replaced',
  'connection_removed',
  'event_secret_stored',
  'session_added',
  'session_noted',
  'session_checked',
  'event_applied',
  'event_refused',
  'cancel_declined',
  'cancel_intended',
  'cancel_sent',
  'cancel_settled',
  'import_begun',
  'import_ended',
  'feed_added',
  'feed_changed',
  'feed_removed',
  'feed_ran',
  'sessions_exported',
  'audit_epoch_began',
  'audit_damage_found',
  'audit_verified',
  'audit_exported',
  'database_backed_up',
  'database_restored',
  'sessions_removed',
  'sessions_restored',
  'connection_locked',
  'connection_unlocked',
  'connection_changed',
  'secret_forgotten',
  'event_secret_forgotten',
  'pace_changed',
  'settings_changed',
  'diagnostics_written',
  'batch_planned',
  'batch_refreshed',
  'batch_discarded',
  'batch_confirmed',
  'batch_declined',
  'batch_called_off',
  'batch_started',
  'batch_paused',
  'batch_resumed',
  'batch_connection_paused',
  'batch_connection_resumed',
  'batch_stopped',
  'batch_interrupted',
  'batch_finished',
  'batch_exported',
]);
export type AuditAction = z.infer<typeof auditAction>;

export const auditRecord = z.object({
  sequence: z.int().positive(),
  at: instant,
  operator: z.string(),
  host: z.string(),
  action: auditAction,
  connectionId: z.string().nullable(),
  connectionName: z.string().nullable(),
  environment: environment.nullable(),
  sessionKey: z.int().nullable(),
  sessionId: z.string().nullable(),
  cancellationId: z.string().nullable(),
  reasonCategory: z.string().nullable(),
  reasonNote: z.string().nullable(),
  outcome: z.string().nullable(),
  detail: z.string().nullable(),
  providerCode: z.string().nullable(),
  requestId: z.string().nullable(),
  durationMs: z.number().nullable(),
  batchId: z.string().nullable(),
});
export type AuditRecord = z.infer<typeof auditRecord>;

/** Every union ends here: a member added later that a switch forgets is a compile error. */
export function assertNever(value: never): never {
  throw new Error(`Unhandled case: ${JSON.stringify(value)}`);
}
