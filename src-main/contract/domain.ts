/** Schemas of the domain objects that main process and renderer exchange. */
import { z } from 'zod';

/** Control characters, line ends, and marks that change the direction of the text after them. */
const unsafeCharacters = /[\p{Cc}\u2028\u2029\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;

/** Both providers use letters, digits and hyphens. Any other character could change the path of a request. */
export const sessionIdPattern = /^[A-Za-z0-9_-]{1,200}$/;

/** Whether a text fits on one line of a screen, a file and a terminal, and reads there as it is stored. */
export function isPlainText(text: string): boolean {
  return !unsafeCharacters.test(text);
}

/** A trimmed text of one line, at most `maxLength` UTF-16 code units long. */
export const plainText = (maxLength: number) =>
  z.string().trim().max(maxLength).refine(isPlainText, 'validation.textHasControlCharacters');

/**
 * Shortens a session ID as the screen shows it. The rest distinguishes sessions but cannot open the customer's payment
 * page, also for a short ID.
 */
export function maskId(id: string): string {
  return id.length <= 14 ? `${id.slice(0, 2)}…` : `${id.slice(0, 8)}…${id.slice(-4)}`;
}

// zod's compiled parsers use eval, which the Content-Security-Policy forbids.
z.config({ jitless: true });

/** An instant as an ISO 8601 string in UTC, e.g. `2026-11-20T14:02:00.000Z`. */
export const instant = z.iso.datetime();

export const providerName = z.enum(['flinks', 'xendit']);
export type ProviderName = z.infer<typeof providerName>;

/** The payment product of a session. A provider may serve several products under the same endpoint. */
export const product = z.enum(['geft', 'eft', 'e_transfer', 'payment_session']);
export type Product = z.infer<typeof product>;

export const productsByProvider: Record<ProviderName, readonly Product[]> = {
  flinks: ['geft', 'eft', 'e_transfer'],
  xendit: ['payment_session'],
};

export const environment = z.enum(['sandbox', 'production']);
export type Environment = z.infer<typeof environment>;

/** `work`: real sessions. `practice`: simulated providers. The workspaces share no data. */
export const workspaceName = z.enum(['work', 'practice']);
export type WorkspaceName = z.infer<typeof workspaceName>;

/** Status normalised over both providers. `rawStatus` and `rawDetail` hold the provider's own values. */
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

/** Statuses that do not change any more. A session with any other status, including `unknown`, may still be paid. */
export const finalStatuses = [
  'completed',
  'failed',
  'cancelled',
  'expired',
] as const satisfies readonly SessionStatus[];

export function isFinalStatus(status: SessionStatus): status is (typeof finalStatuses)[number] {
  return finalStatuses.some((final) => final === status);
}

/** Flinks Pay's status codes, stored in `rawDetail` (providers.md 1.7). e-Transfer may return other codes. */
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

/** The operator's note on a session; an empty note becomes null. */
export const noteText = z
  .string()
  .trim()
  .max(500, 'validation.noteTooLong')
  .transform((text) => text || null)
  .nullable();

/** Fields of a session, other than its status, that a later reading can change. */
export const sessionField = z.enum(['reference', 'amount', 'currency', 'subAccount', 'createdAt', 'expiresAt']);
export type SessionField = z.infer<typeof sessionField>;

export const session = z.object({
  /** Session Desk's internal number of the session. */
  key: z.int().positive(),
  connectionId: z.uuid(),
  product,
  /** The provider's session id. It opens the customer's payment page, so it is masked on screen and never logged. */
  id: z.string(),
  reference: z.string().nullable(),
  /** Decimal number as text, in major currency units. */
  amount: z.string().nullable(),
  currency: z.string().nullable(),
  status: sessionStatus,
  rawStatus: z.string().nullable(),
  rawDetail: z.string().nullable(),
  source: sessionSource,
  /** Xendit's xenPlatform sub-account, sent as `for-user-id`; it overrides the connection's. */
  subAccount: z.string().nullable(),
  createdAt: instant.nullable(),
  expiresAt: instant.nullable(),
  firstSeenAt: instant,
  lastCheckedAt: instant.nullable(),
  /** The operator's note, at most 500 characters. */
  note: z.string().nullable(),
});
export type Session = z.infer<typeof session>;

/** Why the operator cancels: a category and an optional note such as a ticket number. */
export const reason = z.object({
  category: z.string().trim().min(1, 'validation.reasonMissing').max(80),
  note: z.string().trim().max(500).default(''),
});
export type Reason = z.infer<typeof reason>;

/** A reason that an operator enters. A stored reason of an earlier version can have other characters. */
export const enteredReason = reason.extend({ category: plainText(80).min(1, 'validation.reasonMissing') });

/** The first two states are transient. Of the others, only `unknown` can still change. */
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

/** Why a cancellation or a read failed, as far as is known. The renderer holds a text for each value. */
export const cause = z.enum([
  // The request was not sent.
  'connect_failed',
  'name_not_found',
  'certificate_refused',
  'credential_missing',
  'keychain_unavailable',
  'stopped_before_sending',
  'authorize_failed',
  // The request was sent, and its result is not known.
  'timed_out',
  'connection_lost',
  'server_error',
  'answer_cut',
  'answer_unreadable',
  'wrong_session_answered',
  'status_unexpected',
  'redirected',
  'console_stopped',
  // The provider refused the request.
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
  /** For `already_final` and `still_active`: the status that the provider returned. */
  foundStatus: sessionStatus.nullable(),
  /** `answer`: the response to the cancel request. `read_back`: a later status check. */
  confirmedBy: z.enum(['answer', 'read_back']).nullable(),
  /** A payment was in progress at the provider; cancelling the session may not stop it. */
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

/** After this time, a copied session ID or reference is removed from the clipboard. */
export const clipboardExpirySeconds = 60;

/** Makes a switch exhaustive: a missing case of a union is a compile error. */
export function assertNever(value: never): never {
  throw new Error(`Unhandled case: ${JSON.stringify(value)}`);
}

/** The value of a JSON text; undefined if the text is not valid JSON. */
export function tryParseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
