/** The capabilities, status table and error table of Xendit (providers.md 2.3, 2.4). */
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
  // A payment waits for a manual approval. Only the web SDK documents it. The response to a cancel will be a 422.
  { rawStatus: 'pending', codes: 'any', status: 'in_progress', isFinal: false },
  { rawStatus: 'completed', codes: 'any', status: 'completed', isFinal: true },
  { rawStatus: 'expired', codes: 'any', status: 'expired', isFinal: true },
  { rawStatus: 'canceled', codes: 'any', status: 'cancelled', isFinal: true },
];

/** The code for a rejected IP address is documented, its HTTP status is not (providers.md 2.1). */
const addressNotAllowedMapping = {
  code: 'UNAUTHORIZED_SENDER_IP',
  outcome: { kind: 'refused', cause: 'address_not_allowed' },
} as const;

export const errorMappings: readonly ErrorMapping[] = [
  { httpStatus: 400, ...addressNotAllowedMapping },
  { httpStatus: 401, ...addressNotAllowedMapping },
  { httpStatus: 403, ...addressNotAllowedMapping },
  // INVALID_SESSION_STATUS. Its message contains the status, but the session is read instead.
  { httpStatus: 422, outcome: { kind: 'final' } },
];
