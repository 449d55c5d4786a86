/** Flinks Pay's bodies: status, details, cancel and events share a few fields; the payer is left at the door. */
import type { ErrorDetails, SessionParseResult } from '../result-mapping.ts';
import { readAmountField, readInstantField, parseBody, readTextField, type ParsedBody } from '../response-parser.ts';
import { safeToken } from '../redact.ts';
import { findStatus } from '../status-mapping.ts';
import { statusMappings } from './mappings.ts';

/** Reads an answer about session `id`; `sensitiveTexts` are texts that must not appear. */
export function parseSession(text: string, id: string, sensitiveTexts: readonly string[]): SessionParseResult {
  return mapSession(parseBody(text), id, sensitiveTexts);
}

export function mapSession(body: ParsedBody, id: string, sensitiveTexts: readonly string[]): SessionParseResult {
  const echoed = readTextField(body, 'sessionId');
  const status = readTextField(body, 'status');
  const code = readTextField(body, 'statusDetails');
  const rawStatus = safeToken(status, sensitiveTexts, 64);
  const rawDetail = safeToken(code, sensitiveTexts, 64);
  const isToldApart = rawStatus !== null || (status === null && rawDetail?.toUpperCase() === 'EFT0501');
  if (echoed === null || !isToldApart) return { kind: 'unreadable', cause: 'answer_unreadable' };
  // UUIDs: the same in either case.
  if (echoed.toLowerCase() !== id.toLowerCase()) return { kind: 'unreadable', cause: 'wrong_session_answered' };
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

/** Both error shapes (contradiction 2), or a plain text. The body's own `status` is not looked at. */
export function parseErrorDetails(text: string): ErrorDetails {
  const body = parseBody(text);
  if (body !== null) {
    const code = readTextField(body, 'error');
    const detail = readTextField(body, 'detail') ?? readTextField(body, 'error_description');
    return { code, message: detail ?? readTextField(body, 'title') ?? code };
  }
  // A page, or JSON that is broken or no object, says nothing to an operator; nor does what holds no word.
  const plain = text.trim();
  return { code: null, message: /^[<{[]/.test(plain) || !/\p{L}/u.test(plain) ? null : plain };
}
