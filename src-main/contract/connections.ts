/** One account at a provider, as the screen sees it: everything but the secret. */
import { z } from 'zod';
import { cause, environment, instant } from './domain.ts';
import type { providerName } from './domain.ts';

/** How Flinks Pay wants to be called; its pages describe several ways and a client knows which one it was given. */
export const flinksOptions = z.object({
  provider: z.literal('flinks'),
  /** `oauth`: client id and secret are traded for a bearer token. `api_key`: `x-api-key` with `x-client-id`. */
  authMode: z.enum(['oauth', 'api_key']).default('oauth'),
  clientId: z.string().trim().min(1, 'Enter the client id that Flinks gave you.').max(200),
  /** Sends `x-client-id` in `oauth` mode too; `api_key` mode always does. */
  sendClientId: z.boolean().default(false),
  /** Where authorize takes the credentials: a Basic header, or `Username` and `Password` in the form. */
  credentialsIn: z.enum(['header', 'form']).default('header'),
  /** Keeps a token for as long as it lives. Off: a fresh token for each operation, safe where tokens are single-use. */
  reuseToken: z.boolean().default(false),
  /** Whether this account may cancel e-Transfer sessions; the endpoint is not released for every client. */
  eTransferCancel: z.boolean().default(true),
  /** Minutes until a session of this account runs out, as agreed at onboarding; Flinks tells no expiry, so it serves for an estimate alone. */
  windowMinutes: z
    .int('Enter whole minutes.')
    .min(1, 'Enter 1 or more.')
    .max(43_200, 'Enter at most 43,200: 30 days.')
    .nullable()
    .default(null),
});
export type FlinksOptions = z.infer<typeof flinksOptions>;

export const xenditOptions = z.object({
  provider: z.literal('xendit'),
  /** A xenPlatform sub-account, sent as `for-user-id` unless the session names its own. */
  forUserId: z.string().trim().max(100).nullable().default(null),
});
export type XenditOptions = z.infer<typeof xenditOptions>;

export const connectionOptions = z.discriminatedUnion('provider', [flinksOptions, xenditOptions]);
export type ConnectionOptions = z.infer<typeof connectionOptions>;

/** `stored`: in the OS keychain. `in_memory`: in memory until the console ends. `missing`: must be entered again. */
export const credential = z.object({
  state: z.enum(['stored', 'in_memory', 'missing']),
  lastFour: z.string().nullable(),
  storedAt: instant.nullable(),
});
export type Credential = z.infer<typeof credential>;

export const connection = z.object({
  id: z.uuid(),
  name: z.string(),
  environment,
  /** https, or http on loopback alone; no path beyond the root, no credentials, no query. */
  baseUrl: z.url(),
  options: connectionOptions,
  credential,
  /** Whether a webhook secret (Flinks) or callback token (Xendit) is kept, to check the signature of events with. */
  hasWebhookSecret: z.boolean(),
  /** Read-only: no cancel leaves through it until it is unlocked. */
  isLocked: z.boolean(),
  createdAt: instant,
});
export type Connection = z.infer<typeof connection>;

/** A secret on its way in: typed once, and there is no call that gives it back. */
export const secret = z.string().min(1, 'Enter the secret.').max(2_000);

const connectionName = z.string().trim().min(1, 'Give the connection a name.').max(80);

export const newConnection = z.object({
  name: connectionName,
  environment,
  baseUrl: z.string().trim().min(1, 'Enter the base URL.').max(300),
  options: connectionOptions,
  secret,
  /** The operator has read that there is no keychain and wants the secret kept in memory until the console ends. */
  allowInMemory: z.boolean().default(false),
});
export type NewConnection = z.infer<typeof newConnection>;

export const connectionInputs = {
  byId: z.object({ connectionId: z.uuid() }),
  /** Provider, environment and base URL never change; client id and sub-account only while no session is tracked. */
  change: z.object({ connectionId: z.uuid(), name: connectionName, options: connectionOptions }),
  setSecret: z.object({ connectionId: z.uuid(), secret, allowInMemory: z.boolean().default(false) }),
  /** `api`: what calls are made with; `webhook`: what webhook events are signed with. */
  deleteSecret: z.object({ connectionId: z.uuid(), purpose: z.enum(['api', 'webhook']) }),
  setLocked: z.object({ connectionId: z.uuid(), isLocked: z.boolean() }),
};

/** What a test of a connection found. `accepted` means the provider took the credential. */
export const connectionTestResult = z.object({
  result: z.enum(['accepted', 'refused', 'unreachable', 'unreadable', 'throttled']),
  /** What stood in the way, where the answer tells: it decides which action helps. */
  cause: cause.nullable(),
  durationMs: z.number(),
  /** How long the provider asks to wait, where it was `throttled`; null also where it did not say. */
  retryAfterMs: z.number().nullable(),
  /** What was seen instead of the right answer, e.g. `ECONNREFUSED` or `HTTP 503`. */
  code: z.string().nullable(),
  /** The address of this machine that the provider turned away, where it named one. */
  rejectedIpAddress: z.string().nullable(),
  /** The provider's code and words, without what looks like a secret. */
  providerMessage: z.string().nullable(),
});
export type ConnectionTestResult = z.infer<typeof connectionTestResult>;

export const baseUrlPresets: Record<z.infer<typeof providerName>, Record<z.infer<typeof environment>, string>> = {
  flinks: { sandbox: 'https://payments-uat.flinksapp.com', production: 'https://payments.flinksapp.com' },
  xendit: { sandbox: 'https://api.xendit.co', production: 'https://api.xendit.co' },
};
