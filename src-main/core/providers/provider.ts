/**
 * What a provider is: the questions the console asks of one, and the closed sets of answers it must fit its own into.
 * An adapter never throws for anything a network or a provider can do; it answers. What sets providers apart is data:
 * capabilities, a table of states by (status, code), a table of errors by (HTTP status, code), a pattern for ids.
 *
 * How others would fit (providers.md 4), on paper:
 * - Stripe Checkout: cancel is `POST /v1/checkout/sessions/{id}/expire`; cancelEndsAs `expired`, its only word for it,
 *   so `expired` in answer to our own call is `cancelled`. States: open -> active, complete -> completed, expired.
 *   Errors: 400 invalid_request_error -> final. `Idempotency-Key`; canList; the key tells the environment.
 * - Adyen payment links: cancel is `PATCH /paymentLinks/{id}` with `{ status: 'expired' }`; cancelEndsAs `expired`.
 *   States: active, paymentPending -> in_progress, completed and paid -> completed, expired. Errors: 422 -> final. No
 *   list, no idempotency on a PATCH. Its /sessions know no cancel: canCancel false, and cancel answers `not_sent`.
 * - GoCardless: cancel is `POST /billing_requests/{id}/actions/cancel`. States: pending -> active, fulfilled ->
 *   completed, cancelled. Errors: code `invalid_state` -> final. `Idempotency-Key`; canList; one more header.
 */
import type {
  Cause,
  ConnectionOptions,
  Environment,
  Product,
  ProviderName,
  SessionStatus,
} from '../../contract/index.ts';

/** The account a call is made for. The secret is fetched per operation and held no longer than that. */
export interface Account {
  readonly connectionId: string;
  readonly environment: Environment;
  readonly baseUrl: string;
  readonly options: ConnectionOptions;
  readonly secret: string;
}

/** The session a call is about. */
export interface Target {
  readonly id: string;
  readonly product: Product;
  /** Sent as `for-user-id` (Xendit); null falls back to the connection's. */
  readonly subAccount: string | null;
}

/** What may be written down of an exchange: no header, no body, no secret. */
export interface Evidence {
  readonly httpStatus: number | null;
  readonly providerCode: string | null;
  /** The provider's words, cut to 500 characters, with what looks like a secret or a session link struck out. */
  readonly providerMessage: string | null;
  readonly requestId: string | null;
  /** Of the whole question, with its authorize and its repeat. */
  readonly durationMs: number;
  /** What this machine saw where no whole answer came, e.g. `ECONNREFUSED`, `CERT_HAS_EXPIRED`, `PROXY_407`. */
  readonly networkCode?: string;
  /** What the provider said of its limits (Xendit's `Rate-Limit-*`). */
  readonly rateLimit?: { readonly remaining: number; readonly resetMs: number };
}

/** A session as the provider tells it, without payer data. */
export interface ProviderSession {
  readonly status: SessionStatus;
  readonly rawStatus: string;
  readonly rawDetail: string | null;
  /** From the provider's own table by (status, code); an unknown status is not final. */
  readonly isFinal: boolean;
  readonly reference: string | null;
  readonly amount: string | null;
  readonly currency: string | null;
  readonly createdAt: string | null;
  readonly expiresAt: string | null;
  /** A payment has begun that a cancel may not stop (Xendit: a payment or payment request id is present). */
  readonly paymentInFlight: boolean;
}

/** An answer shared by every question: it could not be asked, or the provider said no. */
export type CommonErrorResult =
  /** Proven: the request never left this machine. */
  | { readonly kind: 'not_sent'; readonly cause: Cause }
  /** 401, 403 or an address that is not allowed. */
  | { readonly kind: 'refused'; readonly cause: Cause }
  /** 429: nothing was done; wait this long. */
  | {
      readonly kind: 'throttled';
      readonly cause: 'throttled';
      readonly retryAfterMs: number;
      readonly retryAfterProvided?: false;
    }
  | { readonly kind: 'not_found'; readonly cause: Cause | null };

export type CancelResult = { readonly evidence: Evidence } & (
  | CommonErrorResult
  /** The provider said so for this very id. */
  | { readonly kind: 'cancelled'; readonly session: ProviderSession }
  /** Not cancellable any more, says the provider (Flinks 400, Xendit 422): read back to learn the state. */
  | { readonly kind: 'final' }
  /** Sent, and the answer does not tell what became of it. Read back before anything else. */
  | { readonly kind: 'unclear'; readonly cause: Cause }
);

export type ReadResult = { readonly evidence: Evidence } & (
  | CommonErrorResult
  | { readonly kind: 'found'; readonly session: ProviderSession }
  | { readonly kind: 'unreadable'; readonly cause: Cause }
);

/** Whether the provider takes the account's credential. */
export type CredentialTestResult = { readonly evidence: Evidence } & (
  | Exclude<CommonErrorResult, { kind: 'not_found' }>
  | { readonly kind: 'accepted' }
  | { readonly kind: 'unreadable'; readonly cause: Cause }
);

/** What a provider can do, for the screen and for the plan. */
export interface ProviderCapabilities {
  readonly canCancel: boolean;
  /** Whether it can list or search sessions; neither of today's can. */
  readonly canList: boolean;
  readonly statusNeedsAuthorization: 'never' | 'sometimes' | 'always';
  /** Whether a session tells when it expires. */
  readonly hasExpiry: boolean;
  /** Whether a cancel answers with the session, its id in it. Without an echo, only a read-back confirms a cancel. */
  readonly hasSessionInCancelResponse: boolean;
  /** Whether a cancel may be accepted before it is done (202): then a read-back confirms it. */
  readonly isCancelAsynchronous: boolean;
  /** The state that a cancel leaves behind in the provider's words, normalised: some only know `expired`. */
  readonly statusAfterCancel: Extract<SessionStatus, 'cancelled' | 'expired'>;
  readonly idempotencyHeader: string | null;
  /** The header that names a sub-account. */
  readonly subAccountHeader: string | null;
  /** Whether the secret itself tells sandbox from production. */
  readonly hasEnvironmentInSecret: boolean;
}

/** A row of a provider's table of states. The first that fits counts; what fits none is `unknown` and not final. */
export interface StatusMapping {
  /** The status in lower case and one spelling; null where there is none. */
  readonly rawStatus: string | null;
  /** The codes it goes with, in upper case; null stands for none. */
  readonly codes: readonly (string | null)[] | 'any';
  readonly status: SessionStatus;
  readonly isFinal: boolean;
}

/** A row of a provider's table of errors: HTTP status first, code second. The first that fits counts. */
export interface ErrorMapping {
  readonly httpStatus: number | readonly [from: number, to: number];
  /** Only with this code; without it, with any. */
  readonly code?: string;
  readonly outcome:
    | { readonly kind: 'final' | 'not_found' | 'throttled' }
    | { readonly kind: 'refused'; readonly cause: Cause }
    | { readonly kind: 'unclear'; readonly cause: Cause };
}

export interface Provider {
  readonly name: ProviderName;
  readonly capabilities: ProviderCapabilities;
  /** A sentence that warns of an id which does not look like this provider's, or null. Never a reason to refuse. */
  getIdWarning(id: string): string | null;
  /** A sentence that says why this secret cannot belong to this account, or null (Xendit: key prefixes). */
  validateSecret(secret: string, environment: Environment): string | null;
  cancel(account: Account, target: Target, signal: AbortSignal): Promise<CancelResult>;
  read(account: Account, target: Target, signal: AbortSignal): Promise<ReadResult>;
  /** Reads what `read` leaves out (Flinks: when it was made, its currency); absent where `read` tells all. */
  readDetails?(account: Account, target: Target, signal: AbortSignal): Promise<ReadResult>;
  testCredential(account: Account, signal: AbortSignal): Promise<CredentialTestResult>;
  /** Drops what is remembered for a connection (tokens, sockets): its secret was replaced or it was removed. */
  releaseConnection(connectionId: string): void;
}

export type Providers = Readonly<Record<ProviderName, Provider>>;
