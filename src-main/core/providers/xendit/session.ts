/** Parses Xendit's bodies: the session object of get, cancel and events, and the error object. */
import type { ErrorDetails, SessionParseResult } from '../result-mapping.ts';
import { readAmountField, readInstantField, parseBody, readTextField, type ParsedBody } from '../response-parser.ts';
import { safeToken } from '../redact.ts';
import { findStatus } from '../status-mapping.ts';
import { statusMappings } from './mappings.ts';

/**
 * Parses a response about session `id`. The payment link, SDK key, customer and metadata are discarded. Only the id and
 * the status are required (providers.md contradiction 26). The result contains none of `sensitiveTexts`.
 */
export function parseSession(text: string, id: string, sensitiveTexts: readonly string[]): SessionParseResult {
  return mapSession(parseBody(text), id, sensitiveTexts);
}

export function mapSession(body: ParsedBody, id: string, sensitiveTexts: readonly string[]): SessionParseResult {
  const returnedId = readTextField(body, 'payment_session_id');
  const rawStatus = safeToken(readTextField(body, 'status'), sensitiveTexts, 64);
  if (returnedId === null || rawStatus === null) return { kind: 'unreadable', cause: 'answer_unreadable' };
  if (returnedId !== id) return { kind: 'unreadable', cause: 'wrong_session_answered' };
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
 * Whether the session has a payment. Ids are opaque (contradiction 30), so only their presence counts. A saved payment
 * method is not a payment if the session type is SAVE.
 */
function hasPayment(body: ParsedBody): boolean {
  if (readTextField(body, 'payment_request_id') !== null || readTextField(body, 'payment_id') !== null) return true;
  return (
    readTextField(body, 'payment_token_id') !== null && readTextField(body, 'session_type')?.toUpperCase() !== 'SAVE'
  );
}

/** `{ error_code, message, errors? }`. Other Xendit products use `errorCode` or `error`. */
export function parseErrorDetails(text: string): ErrorDetails {
  const body = parseBody(text);
  return {
    code: readTextField(body, 'error_code') ?? readTextField(body, 'errorCode') ?? readTextField(body, 'error'),
    message: readTextField(body, 'message'),
  };
}
