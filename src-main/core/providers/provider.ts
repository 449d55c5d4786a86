/**
 * What a provider is: the questions the console asks of one, and the closed sets of answers it must fit its own into.
 * An adapter never throws for anything a network or a provider can do; it answers.
 */
import type { Cause, ConnectionOptions, Environment, Product, ProviderName, SessionStatus } from '../../contract/index.ts';

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
  /** The provider's words, cut to 500 characters, with anything that looks like a secret or a session link struck out. */
  readonly providerMessage: string | null;
  readonly requestId: string | null;
  readonly durationMs: number;
}

/** A session as the provider tells it, without payer data. */
export interface FoundSession {
  readonly status: SessionStatus;
  readonly rawStatus: string;
  readonly rawDetail: string | null;
  /** From the provider's own table by (status, code); an unknown status is not final. */
  readonly final: boolean;
  readonly reference: string | null;
  readonly amount: string | null;
  readonly currency: string | null;
  readonly createdAt: string | null;
  readonly expiresAt: string | null;
  /** A payment has begun that a cancel may not stop (Xendit: a payment or payment request id is present). */
  readonly paymentInFlight: boolean;
}

/** An answer shared by every question: it could not be asked, or the provider said no. */
type NoAnswer =
  /** Proven: the request never left this machine. */
  | { readonly kind: 'not_sent'; readonly cause: Cause }
  /** 401, 403 or an address that is not allowed. */
  | { readonly kind: 'refused'; readonly cause: Cause }
  /** 429: nothing was done; wait this long. */
  | { readonly kind: 'throttled'; readonly cause: 'throttled'; readonly waitMs: number }
  | { readonly kind: 'not_found'; readonly cause: Cause | null };

export type CancelAnswer = { readonly evidence: Evidence } & (
  | NoAnswer
  /** The provider said so for this very id. */
  | { readonly kind: 'cancelled'; readonly session: FoundSession }
  /** Not cancellable any more, says the provider (Flinks 400, Xendit 422): read back to learn the state. */
  | { readonly kind: 'final' }
  /** Sent, and the answer does not tell what became of it. Read back before anything else. */
  | { readonly kind: 'unclear'; readonly cause: Cause }
);

export type ReadAnswer = { readonly evidence: Evidence } & (
  | NoAnswer
  | { readonly kind: 'found'; readonly session: FoundSession }
  | { readonly kind: 'unreadable'; readonly cause: Cause }
);

/** Whether the provider takes the account's credential. */
export type CheckAnswer = { readonly evidence: Evidence } & (
  | Exclude<NoAnswer, { kind: 'not_found' }>
  | { readonly kind: 'accepted' }
  | { readonly kind: 'unreadable'; readonly cause: Cause }
);

export interface Provider {
  readonly name: ProviderName;
  /** A sentence that warns of an id which does not look like this provider's, or null. Never a reason to refuse. */
  idWarning(id: string): string | null;
  /** A sentence that says why this secret cannot belong to this account, or null (Xendit: key prefixes). */
  secretObjection(secret: string, environment: Environment): string | null;
  cancel(account: Account, target: Target, signal: AbortSignal): Promise<CancelAnswer>;
  read(account: Account, target: Target, signal: AbortSignal): Promise<ReadAnswer>;
  check(account: Account, signal: AbortSignal): Promise<CheckAnswer>;
  /** Drops what is remembered for a connection (tokens, sockets): its secret was replaced or it was removed. */
  forget(connectionId: string): void;
}
