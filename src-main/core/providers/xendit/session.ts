/** Xendit's bodies: the session object that get, cancel and events share, and the error object. */
import type { ErrorDetails, SessionParseResult } from '../result-mapping.ts';
import { readAmountField, readInstantField, parseBody, readTextField, type ParsedBody } from '../response-parser.ts';
import { safeToken } from '../redact.ts';
import { findStatus } from '../status-mapping.ts';
import { statusMappings } from './mappings.ts';

/**
 * Takes from a session what the console keeps: no link, SDK key, customer or metadata. Only the id and the status must
 * be there (providers.md contradiction 26); `sensitiveTexts` are texts that must not appear.
 */
export function parseSession(text: string, id: string, sensitiveTexts: readonly string[]): SessionParseResult {
  return mapSession(parseBody(text), id, sensitiveTexts);
}

export function mapSession(body: ParsedBody, id: string, sensitiveTexts: readonly string[]): SessionParseResult {
  const echoed = readTextField(body, 'payment_session_id');
  const rawStatus = safeToken(readTextField(body, 'status'), sensitiveTexts, 64);
  if (echoed === null || rawStatus === null) return { kind: 'unreadable', cause: 'answer_unreadable' };
  if (echoed !== id) return { kind: 'unreadable', cause: 'wrong_session_answered' };
  return {
    kind: 'found',
    session: {
      ...findStatus(statusMappings, rawStatus, null),
      rawStatus,
      rawDetail: null,
      reference: safeToken(readTextField(body, 'reference_id'), sensitiveTexts),
      amount: readAmountField(body),
      currency: safeToken(readTextField(body, 'currency'), sensitiveTexts, 8),
      createdAt: readInstantField(body, 'created'),
      expiresAt: readInstantField(body, 'expires_at'),
      paymentInFlight: hasPayment(body),
    },
  };
}

/**
 * Ids are opaque (contradiction 30): it is enough that one is there. A saved method is no payment where saving was all
 * there was to do.
 */
function hasPayment(body: ParsedBody): boolean {
  if (readTextField(body, 'payment_request_id') !== null || readTextField(body, 'payment_id') !== null) return true;
  return (
    readTextField(body, 'payment_token_id') !== null && readTextField(body, 'session_type')?.toUpperCase() !== 'SAVE'
  );
}

/** `{ error_code, message, errors? }`; other Xendit products say `errorCode` or `error`. */
export function parseErrorDetails(text: string): ErrorDetails {
  const body = parseBody(text);
  return {
    code: readTextField(body, 'error_code') ?? readTextField(body, 'errorCode') ?? readTextField(body, 'error'),
    message: readTextField(body, 'message'),
  };
}
