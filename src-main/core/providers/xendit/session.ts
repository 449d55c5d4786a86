/** Parses Xendit's bodies: the session object of get, cancel and events, and the error object. */
import type { ErrorDetails, SessionParseResult } from '../result-mapping.ts';
import {
  readAmountField,
  readInstantField,
  parseBody,
  readTextField,
  type ParsedBody,
  isValidHeaderValue,
} from '../response-parser.ts';
import { safeToken } from '../redact.ts';
import { findStatus } from '../status-mapping.ts';
import type { ProviderCapabilities, ErrorMapping, StatusMapping } from '../provider.ts';
import { createMessage, type Environment, type Message } from '../../../contract/index.ts';

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

/** Why the key cannot belong to a connection in this environment, or null. The message never quotes the key. */
export function validateSecretKey(secret: string, environment: Environment): Message | null {
  if (!isValidHeaderValue(secret) || /[\s:]/.test(secret)) {
    return createMessage('provider.xenditKeyCharacters');
  }
  if (/^xnd_public/i.test(secret)) {
    return createMessage('provider.xenditKeyPublic');
  }
  if (environment === 'production' && /^xnd_development_/i.test(secret)) {
    return createMessage('provider.xenditKeyTest');
  }
  if (environment === 'sandbox' && /^xnd_production_/i.test(secret)) {
    return createMessage('provider.xenditKeyLive');
  }
  if (!/^xnd_(development|production)_./i.test(secret)) {
    return createMessage('provider.xenditKeyPrefix');
  }
  return null;
}
