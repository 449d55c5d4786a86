/** Xendit's own words as data (providers.md 2.3, 2.4). */
import type { ProviderCapabilities, ErrorMapping, StatusMapping } from '../provider.ts';

export const capabilities: ProviderCapabilities = {
  canCancel: true,
  canList: false,
  statusNeedsAuthorization: 'always',
  hasExpiry: true,
  hasSessionInCancelResponse: true,
  isCancelAsynchronous: false,
  statusAfterCancel: 'cancelled',
  idempotencyHeader: null,
  subAccountHeader: 'for-user-id',
  hasEnvironmentInSecret: true,
};

export const statusMappings: readonly StatusMapping[] = [
  { rawStatus: 'active', codes: 'any', status: 'active', isFinal: false },
  // A payment waits for a manual approval; the web SDK alone knows it, and a cancel will be answered with 422.
  { rawStatus: 'pending', codes: 'any', status: 'in_progress', isFinal: false },
  { rawStatus: 'completed', codes: 'any', status: 'completed', isFinal: true },
  { rawStatus: 'expired', codes: 'any', status: 'expired', isFinal: true },
  { rawStatus: 'canceled', codes: 'any', status: 'cancelled', isFinal: true },
];

/** The code of a refused address is documented, its HTTP status is not. */
const addressNotAllowedMapping = {
  code: 'UNAUTHORIZED_SENDER_IP',
  outcome: { kind: 'refused', cause: 'address_not_allowed' },
} as const;

export const errorMappings: readonly ErrorMapping[] = [
  { httpStatus: 400, ...addressNotAllowedMapping },
  { httpStatus: 401, ...addressNotAllowedMapping },
  { httpStatus: 403, ...addressNotAllowedMapping },
  // INVALID_SESSION_STATUS. Its message names the state; the session is read instead.
  { httpStatus: 422, outcome: { kind: 'final' } },
];
