/**
 * The interface of a provider adapter and its result types. An adapter never throws because of a network failure or a
 * response; it returns a result. Differences between providers are data: capabilities, a status table by (status, code)
 * and an error table by (HTTP status, code).
 *
 * How other providers would fit (providers.md 4):
 * - Stripe Checkout: cancel is `POST /v1/checkout/sessions/{id}/expire`. `statusAfterCancel` is `expired`, so `expired`
 *   in the response to a cancel means `cancelled`. Statuses: open -> active, complete -> completed, expired. Errors:
 *   400 invalid_request_error -> final. Header `Idempotency-Key`; `canList`; the key shows the environment.
 * - Adyen payment links: cancel is `PATCH /paymentLinks/{id}` with `{ status: 'expired' }`. `statusAfterCancel` is
 *   `expired`. Statuses: active, paymentPending -> in_progress, completed and paid -> completed, expired. Errors: 422
 *   -> final. No list and no idempotency on PATCH. Its /sessions have no cancel: `canCancel` is false and a cancel
 *   returns `not_sent`.
 * - GoCardless: cancel is `POST /billing_requests/{id}/actions/cancel`. Statuses: pending -> active, fulfilled ->
 *   completed, cancelled. Errors: code `invalid_state` -> final. Header `Idempotency-Key`; `canList`; one more header.
 */
import type {
  Cause,
  ConnectionOptions,
  Environment,
  Message,
  Product,
  ProviderName,
  SessionStatus,
} from '../../contract/index.ts';

/** The account of a call. The secret is read for each operation and is not kept longer. */
export interface Account {
  readonly connectionId: string;
  readonly environment: Environment;
  readonly baseUrl: string;
  readonly options: ConnectionOptions;
  readonly secret: string;
}

/** The session of a call. */
export interface Target {
  readonly id: string;
  readonly product: Product;
  /** Sent as `for-user-id` (Xendit). If null, the sub-account of the connection is used. */
  readonly subAccount: string | null;
}

/** The data of an exchange that may be stored: no header, no body, no secret. */
export interface Evidence {
  readonly httpStatus: number | null;
  readonly providerCode: string | null;
  /** The provider's message, at most 500 characters. Texts that look like a secret or a session link are redacted. */
  readonly providerMessage: string | null;
  readonly requestId: string | null;
  /** Duration of the operation, including its authorize and its repeated request. */
  readonly durationMs: number;
  /** The local error code if no complete response arrived, e.g. `ECONNREFUSED`, `CERT_HAS_EXPIRED`, `PROXY_407`. */
  readonly networkCode?: string;
  /** The limits that the provider reported (Xendit's `Rate-Limit-*`). */
  readonly rateLimit?: { readonly remaining: number; readonly resetMs: number };
}

/** A session as the provider reports it, without payer data. */
export interface ProviderSession {
  readonly status: SessionStatus;
  readonly rawStatus: string;
  readonly rawDetail: string | null;
  /** From the provider's status table by (status, code). An unknown status is not final. */
  readonly isFinal: boolean;
  readonly reference: string | null;
  /** Exact decimal text. */
  readonly amount: string | null;
  readonly currency: string | null;
  /** UTC in ISO 8601 with milliseconds, as `expiresAt`. */
  readonly createdAt: string | null;
  readonly expiresAt: string | null;
  /** A payment has started that a cancel may not stop (Xendit: a payment or payment request id is present). */
  readonly paymentInFlight: boolean;
}

/** Results that every operation can have: the request could not be sent, or the provider did not accept it. */
export type CommonErrorResult =
  /** The request never left this computer. This is proven. */
  | { readonly kind: 'not_sent'; readonly cause: Cause }
  /** 401, 403 or an IP address that is not allowed. */
  | { readonly kind: 'refused'; readonly cause: Cause }
  /** 429: the request had no effect. The next request must wait `retryAfterMs`. */
  | {
      readonly kind: 'throttled';
      readonly cause: 'throttled';
      readonly retryAfterMs: number;
      /** false if the provider gave no time and `retryAfterMs` is a default. */
      readonly retryAfterProvided?: false;
    }
  | { readonly kind: 'not_found'; readonly cause: Cause | null };

export type CancelResult = { readonly evidence: Evidence } & (
  | CommonErrorResult
  /** The provider confirmed the cancel for this session id. */
  | { readonly kind: 'cancelled'; readonly session: ProviderSession }
  /** The provider reports that the session is already final (Flinks 400, Xendit 422). A read gives its status. */
  | { readonly kind: 'final' }
  /** The request was sent and its effect is not known. The session must be read before anything else is sent. */
  | { readonly kind: 'unclear'; readonly cause: Cause }
);

export type ReadResult = { readonly evidence: Evidence } & (
  | CommonErrorResult
  | { readonly kind: 'found'; readonly session: ProviderSession }
  | { readonly kind: 'unreadable'; readonly cause: Cause }
);

/** Whether the provider accepts the credential of the account. */
export type CredentialTestResult = { readonly evidence: Evidence } & (
  | Exclude<CommonErrorResult, { kind: 'not_found' }>
  | { readonly kind: 'accepted' }
  | { readonly kind: 'unreadable'; readonly cause: Cause }
);

/** What a provider supports. */
export interface ProviderCapabilities {
  readonly canCancel: boolean;
  /** Whether the provider can list or search sessions. Neither Flinks nor Xendit can. */
  readonly canList: boolean;
  readonly statusNeedsAuthorization: 'never' | 'sometimes' | 'always';
  /** Whether a session contains its expiry time. */
  readonly hasExpiry: boolean;
  /** Whether the response to a cancel contains the session with its id. If not, only a read confirms a cancel. */
  readonly hasSessionInCancelResponse: boolean;
  /** Whether a cancel may be accepted before it is processed (202). If so, a read confirms it. */
  readonly isCancelAsynchronous: boolean;
  /** The normalized status of a session after a cancel. Some providers only have `expired`. */
  readonly statusAfterCancel: Extract<SessionStatus, 'cancelled' | 'expired'>;
  readonly idempotencyHeader: string | null;
  /** The header that names a sub-account. */
  readonly subAccountHeader: string | null;
  /** Whether the secret shows its environment. */
  readonly hasEnvironmentInSecret: boolean;
}

/** A row of a status table. The first matching row applies. If none matches, the status is `unknown` and not final. */
export interface StatusMapping {
  /** The status as `normalizeStatus` returns it; null if the response has no status. */
  readonly rawStatus: string | null;
  /** The codes of this status in upper case; null means that the response has no code. */
  readonly codes: readonly (string | null)[] | 'any';
  readonly status: SessionStatus;
  readonly isFinal: boolean;
}

/** A row of an error table. The HTTP status is compared first, then the code. The first matching row applies. */
export interface ErrorMapping {
  readonly httpStatus: number | readonly [from: number, to: number];
  /** If set, the row matches only this code. */
  readonly code?: string;
  readonly outcome:
    | { readonly kind: 'final' }
    | { readonly kind: 'not_found' }
    | { readonly kind: 'throttled' }
    | { readonly kind: 'refused'; readonly cause: Cause }
    | { readonly kind: 'unclear'; readonly cause: Cause };
}

export interface Provider {
  readonly name: ProviderName;
  readonly capabilities: ProviderCapabilities;
  /** A warning if the id does not have this provider's format, or null. Such an id is not rejected. */
  getIdWarning(id: string): Message | null;
  /** Why the secret cannot belong to an account in this environment, or null. The message never quotes the secret. */
  validateSecret(secret: string, environment: Environment): Message | null;
  cancel(account: Account, target: Target, signal: AbortSignal): Promise<CancelResult>;
  read(account: Account, target: Target, signal: AbortSignal): Promise<ReadResult>;
  /** Reads fields that `read` omits (Flinks: createdAt and currency). Absent if `read` returns all fields. */
  readDetails?(account: Account, target: Target, signal: AbortSignal): Promise<ReadResult>;
  testCredential(account: Account, signal: AbortSignal): Promise<CredentialTestResult>;
  /** Discards the tokens and sockets of a connection that was changed or removed. */
  releaseConnection(connectionId: string): void;
}

export type Providers = Readonly<Record<ProviderName, Provider>>;
