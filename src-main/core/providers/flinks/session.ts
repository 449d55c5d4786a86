/** Parses the bodies of Flinks Pay: status, details, cancel and events share these fields. Payer data is discarded. */
import type { ErrorDetails, SessionParseResult } from '../result-mapping.ts';
import { readAmountField, readInstantField, parseBody, readTextField, type ParsedBody } from '../response-parser.ts';
import { safeToken } from '../redact.ts';
import { findStatus } from '../status-mapping.ts';
import { statusMappings } from './mappings.ts';

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
