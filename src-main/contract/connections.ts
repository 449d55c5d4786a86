/** Schemas of connections. A connection is one account at a provider; no output contains its secret. */
import { z } from 'zod';
import { plainText, cause, environment, instant, type providerName } from './domain.ts';

/**
 * Options of the Flinks Pay API. Its documentation has several variants; Flinks tells each client which one applies.
 */
export const flinksOptions = z.object({
  provider: z.literal('flinks'),
  /** `oauth`: exchanges client id and secret for a bearer token. `api_key`: sends `x-api-key` and `x-client-id`. */
  authMode: z.enum(['oauth', 'api_key']).default('oauth'),
  clientId: z.string().trim().min(1, 'validation.clientIdMissing').max(200),
  /** Sends `x-client-id` in `oauth` mode too; `api_key` mode always does. */
  sendClientId: z.boolean().default(false),
  /** How the authorize request sends the credentials: a Basic header, or `Username` and `Password` form fields. */
  credentialsIn: z.enum(['header', 'form']).default('header'),
  /**
   * Reuses a token until it expires. If false, each operation gets a new token, which also works for single-use tokens.
   */
  reuseToken: z.boolean().default(false),
  /** Whether this account can cancel e-Transfer sessions; Flinks does not enable the endpoint for every client. */
  eTransferCancel: z.boolean().default(true),
  /**
   * Session lifetime in minutes, as agreed at onboarding. Flinks returns no expiry, so this value is only an estimate.
   */
  windowMinutes: z
    .int('validation.wholeMinutesRequired')
    .min(1, 'validation.minutesTooLow')
    .max(43_200, 'validation.minutesTooHigh')
    .nullable()
    .default(null),
});
export type FlinksOptions = z.infer<typeof flinksOptions>;

export const xenditOptions = z.object({
  provider: z.literal('xendit'),
  /** A xenPlatform sub-account, sent as `for-user-id` unless the session has its own. */
  forUserId: z.string().trim().max(100).nullable().default(null),
});
export type XenditOptions = z.infer<typeof xenditOptions>;

export const connectionOptions = z.discriminatedUnion('provider', [flinksOptions, xenditOptions]);
export type ConnectionOptions = z.infer<typeof connectionOptions>;

/** Options that an operator enters. Stored options of an earlier version can have other characters. */
const enteredOptions = z.discriminatedUnion('provider', [
  flinksOptions.extend({ clientId: plainText(200).min(1, 'validation.clientIdMissing') }),
  xenditOptions.extend({ forUserId: plainText(100).nullable().default(null) }),
]);

/**
 * `stored`: in the OS keychain. `in_memory`: until Session Desk closes. `missing`: must be entered again.
 * `other_destination`: stored for another provider, environment or origin, or by a version that stored none; it is not
 * sent and must be entered again.
 */
export const credential = z.object({
  state: z.enum(['stored', 'in_memory', 'missing', 'other_destination']),
  lastFour: z.string().nullable(),
  storedAt: instant.nullable(),
});
export type Credential = z.infer<typeof credential>;

export const connection = z.object({
  id: z.uuid(),
  name: z.string(),
  environment,
  /** https; http is allowed for loopback only. No path, credentials or query. */
  baseUrl: z.url(),
  options: connectionOptions,
  credential,
  /** Whether a webhook secret (Flinks) or callback token (Xendit) is stored; it verifies the signature of events. */
  hasWebhookSecret: z.boolean(),
  /** A locked connection is read-only: it sends no cancel requests. */
  isLocked: z.boolean(),
  createdAt: instant,
});
export type Connection = z.infer<typeof connection>;

/** A secret that the operator enters. No call returns it. */
export const secret = z.string().min(1, 'validation.secretMissing').max(2_000);

const connectionName = plainText(80).min(1, 'validation.connectionNameMissing');

export const newConnection = z.object({
  name: connectionName,
  environment,
  baseUrl: z.string().trim().min(1, 'validation.baseUrlMissing').max(300),
  options: enteredOptions,
  secret,
  /** The operator agrees to keep the secret in memory until Session Desk closes, because no keychain is available. */
  allowInMemory: z.boolean().default(false),
});
export type NewConnection = z.infer<typeof newConnection>;

export const connectionInputs = {
  byId: z.object({ connectionId: z.uuid() }),
  /** Provider, environment and base URL are immutable; client id and sub-account are too while sessions are tracked. */
  change: z.object({ connectionId: z.uuid(), name: connectionName, options: enteredOptions }),
  setSecret: z.object({ connectionId: z.uuid(), secret, allowInMemory: z.boolean().default(false) }),
  /** `api`: the secret for requests. `webhook`: the secret that signs webhook events. */
  deleteSecret: z.object({ connectionId: z.uuid(), purpose: z.enum(['api', 'webhook']) }),
  setLocked: z.object({ connectionId: z.uuid(), isLocked: z.boolean() }),
};

/** Result of a connection test. `accepted`: the provider accepted the credential. */
export const connectionTestResult = z.object({
  result: z.enum(['accepted', 'refused', 'unreachable', 'unreadable', 'throttled']),
  /** Why the test failed, if known; the renderer derives the recommended action from it. */
  cause: cause.nullable(),
  durationMs: z.number(),
  /** For `throttled`: the wait that the provider requires; null if it gives none. */
  retryAfterMs: z.number().nullable(),
  /** Technical code of the failure, e.g. `ECONNREFUSED` or `HTTP 503`. */
  code: z.string().nullable(),
  /** The IP address of this computer that the provider rejected, if the response contains it. */
  rejectedIpAddress: z.string().nullable(),
  /** The provider's error code and message, redacted. */
  providerMessage: z.string().nullable(),
});
export type ConnectionTestResult = z.infer<typeof connectionTestResult>;

export const baseUrlPresets: Record<z.infer<typeof providerName>, Record<z.infer<typeof environment>, string>> = {
  flinks: { sandbox: 'https://payments-uat.flinksapp.com', production: 'https://payments.flinksapp.com' },
  xendit: { sandbox: 'https://api.xendit.co', production: 'https://api.xendit.co' },
};
