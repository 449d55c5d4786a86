/** Parses the bodies of Flinks Pay: status, details, cancel and events share these fields. Payer data is discarded. */
import { type ErrorDetails, type SessionParseResult, findStatus } from '../result-mapping.ts';
import { readAmountField, readInstantField, parseBody, readTextField, type ParsedBody } from '../response-parser.ts';
import { safeToken } from '../redact.ts';
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

/** Parses a response about session `id`. The result contains none of `sensitiveTexts`. */
export function parseSession(text: string, id: string, sensitiveTexts: readonly string[]): SessionParseResult {
  return mapSession(parseBody(text), id, sensitiveTexts);
}

export function mapSession(body: ParsedBody, id: string, sensitiveTexts: readonly string[]): SessionParseResult {
  const returnedId = readTextField(body, 'sessionId');
  const status = readTextField(body, 'status');
  const code = readTextField(body, 'statusDetails');
  const rawStatus = safeToken(status, sensitiveTexts, 64);
  const rawDetail = safeToken(code, sensitiveTexts, 64);
  const hasStatus = rawStatus !== null || (status === null && rawDetail?.toUpperCase() === 'EFT0501');
  if (returnedId === null || !hasStatus) return { kind: 'unreadable', cause: 'answer_unreadable' };
  // The comparison of UUIDs ignores case.
  if (returnedId.toLowerCase() !== id.toLowerCase()) return { kind: 'unreadable', cause: 'wrong_session_answered' };
  return {
    kind: 'found',
    session: {
      ...findStatus(statusMappings, rawStatus, code),
      rawStatus: rawStatus ?? '',
      rawDetail,
      reference: safeToken(readTextField(body, 'referenceId'), sensitiveTexts),
      amount: readAmountField(body),
      currency: safeToken(readTextField(body, 'currency'), sensitiveTexts, 8),
      createdAt: readInstantField(body, 'createdAt'),
      expiresAt: null,
      paymentInFlight: false,
    },
  };
}

/** Both error formats (contradiction 2), or plain text. The `status` in the body is ignored (contradiction 3). */
export function parseErrorDetails(text: string): ErrorDetails {
  const body = parseBody(text);
  if (body !== null) {
    const code = readTextField(body, 'error');
    const detail = readTextField(body, 'detail') ?? readTextField(body, 'error_description');
    return { code, message: detail ?? readTextField(body, 'title') ?? code };
  }
  // HTML, invalid JSON, arrays and texts without a letter give no message.
  const plainText = text.trim();
  return { code: null, message: /^[<{[]/.test(plainText) || !/\p{L}/u.test(plainText) ? null : plainText };
}
