/** The capabilities, status table and error table of Flinks Pay (providers.md 1.6, 1.7). */
import { flinksStatusCode } from '../../../contract/index.ts';
import type { ProviderCapabilities, ErrorMapping, StatusMapping } from '../provider.ts';

export const capabilities: ProviderCapabilities = {
  canCancel: true,
  canList: false,
  statusNeedsAuthorization: 'sometimes',
  hasExpiry: false,
  hasSessionInCancelResponse: true,
  isCancelAsynchronous: false,
  statusAfterCancel: 'cancelled',
  idempotencyHeader: null,
  subAccountHeader: null,
  hasEnvironmentInSecret: false,
};

const documentedCodes = flinksStatusCode.options;

const failureCodes = ['EFT0401', 'EFT0402', 'EFT0403', 'EFT0404'];

export const statusMappings: readonly StatusMapping[] = [
  // The only code that has a meaning without a status.
  { rawStatus: null, codes: ['EFT0501'], status: 'cancelled', isFinal: true },
  { rawStatus: 'completed', codes: ['EFT0302'], status: 'completed_unfinished', isFinal: false },
  { rawStatus: 'completed', codes: [null, 'EFT0301'], status: 'completed', isFinal: true },
  { rawStatus: 'failed', codes: [null, ...failureCodes], status: 'failed', isFinal: true },
  { rawStatus: 'canceled', codes: [null, 'EFT0501'], status: 'cancelled', isFinal: true },
  { rawStatus: 'expired', codes: [null, 'EFT0601'], status: 'expired', isFinal: true },
  { rawStatus: 'initiated', codes: [null, 'EFT0101'], status: 'active', isFinal: false },
  // InProgress is documented only in prose, without a code (contradiction 13).
  { rawStatus: 'inprogress', codes: [null, 'EFT0101'], status: 'in_progress', isFinal: false },
  // A documented code with a status that it does not belong to is a contradiction, so the status is unknown.
  ...['completed', 'failed', 'canceled', 'expired', 'initiated', 'inprogress'].map(
    (rawStatus) => ({ rawStatus, codes: documentedCodes, status: 'unknown', isFinal: false }) as const,
  ),
  // The codes of e-Transfer are not documented (contradiction 20), so the status decides.
  { rawStatus: 'completed', codes: 'any', status: 'completed', isFinal: true },
  { rawStatus: 'failed', codes: 'any', status: 'failed', isFinal: true },
  { rawStatus: 'canceled', codes: 'any', status: 'cancelled', isFinal: true },
  { rawStatus: 'expired', codes: 'any', status: 'expired', isFinal: true },
  { rawStatus: 'initiated', codes: 'any', status: 'active', isFinal: false },
  { rawStatus: 'inprogress', codes: 'any', status: 'in_progress', isFinal: false },
];

export const errorMappings: readonly ErrorMapping[] = [
  // The specification says that the session is already final. Other errors appear when the session is read.
  { httpStatus: 400, outcome: { kind: 'final' } },
];
