/** Xendit's own words as data (providers.md 2.3, 2.4). */
import type { Capabilities, ErrorRow, StateRow } from '../provider.ts';

export const capabilities: Capabilities = {
  canCancel: true,
  canList: false,
  statusNeedsAuthorization: 'always',
  hasExpiry: true,
  cancelEchoesSession: true,
  cancelIsAsynchronous: false,
  cancelEndsAs: 'cancelled',
  idempotencyHeader: null,
  subAccountHeader: 'for-user-id',
  environmentInSecret: true,
};

export const states: readonly StateRow[] = [
  { word: 'active', codes: 'any', status: 'active', final: false },
  // A payment waits for a manual approval; the web SDK alone knows it, and a cancel will be answered with 422.
  { word: 'pending', codes: 'any', status: 'in_progress', final: false },
  { word: 'completed', codes: 'any', status: 'completed', final: true },
  { word: 'expired', codes: 'any', status: 'expired', final: true },
  { word: 'canceled', codes: 'any', status: 'cancelled', final: true },
];

/** The code of a refused address is documented, its HTTP status is not. */
const addressNotAllowed = {
  code: 'UNAUTHORIZED_SENDER_IP',
  verdict: { kind: 'refused', cause: 'address_not_allowed' },
} as const;

export const errors: readonly ErrorRow[] = [
  { http: 400, ...addressNotAllowed },
  { http: 401, ...addressNotAllowed },
  { http: 403, ...addressNotAllowed },
  // INVALID_SESSION_STATUS. Its message names the state; the session is read instead.
  { http: 422, verdict: { kind: 'final' } },
];
