/** The adapter for Xendit Payment Sessions (providers.md 2): HTTP Basic with the key and an empty password. */
import { createMessage, type XenditOptions, type Environment, type Message } from '../../contract/index.ts';
import {
  toCancelResult,
  createEvidence,
  createEmptyEvidence,
  toReadErrorResult,
  toErrorResult,
  getSuccessBody,
  getErrorDetails,
  type ErrorDetails,
  type SessionParseResult,
<<<<<<< HEAD
=======
  findStatus,
>>>>>>> simplify-b
} from './result-mapping.ts';
import {
  isValidHeaderValue,
  toPathSegment,
  readAmountField,
  readInstantField,
  parseBody,
  readTextField,
  type ParsedBody,
} from './response-parser.ts';
import type { HttpExchange } from './http-exchange.ts';
import type { HttpClient } from './http.ts';
import type {
  Account,
  CancelResult,
  Evidence,
  CommonErrorResult,
  Provider,
  ReadResult,
  Target,
  ProviderCapabilities,
  ErrorMapping,
  StatusMapping,
} from './provider.ts';
import { safeToken } from './redact.ts';
<<<<<<< HEAD
import { findStatus } from './result-mapping.ts';
=======
>>>>>>> simplify-b

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

/** An exchange with everything that a result is created from. */
interface CallResult {
  readonly exchange: HttpExchange;
  readonly errorDetails: ErrorDetails;
  readonly evidence: Evidence;
  readonly sensitiveTexts: readonly string[];
}

type NotSentResult = CommonErrorResult & { readonly evidence: Evidence };

/** A valid id that no session has: the response is a 404 if the key is accepted. */
const nonexistentSessionId = 'ps-000000000000000000000000';

export function createXendit(http: HttpClient): Provider {
  async function call(
    account: Account,
    target: Target,
    method: 'GET' | 'POST',
    action: '' | '/cancel',
    signal: AbortSignal,
  ): Promise<CallResult | NotSentResult> {
    const startedAt = performance.now();
    const id = toPathSegment(target.id);
    const subAccount = target.subAccount ?? getXenditOptions(account).forUserId;
    if (id === null || (subAccount !== null && !isValidHeaderValue(subAccount))) {
      return { kind: 'not_sent', cause: 'request_invalid', evidence: createEmptyEvidence(startedAt) };
    }
    const credential = Buffer.from(`${account.secret}:`).toString('base64');
    const sensitiveTexts = [account.secret, credential, encodeURIComponent(account.secret), target.id];
    const exchange = await http.send({
      connectionId: account.connectionId,
      baseUrl: account.baseUrl,
      method,
      path: `/sessions/${id}${action}`,
      headers: { authorization: `Basic ${credential}`, ...(subAccount !== null && { 'for-user-id': subAccount }) },
      signal,
    });
    const errorDetails = getErrorDetails(exchange, parseErrorDetails);
    return {
      exchange,
      errorDetails,
      sensitiveTexts,
      evidence: createEvidence(exchange, errorDetails, sensitiveTexts, startedAt),
    };
  }

  return {
    name: 'xendit',
    capabilities,

    getIdWarning(id) {
      return /^ps-[0-9a-f]{24}$/.test(id) ? null : createMessage('provider.xenditIdUnusual');
    },

    validateSecret: validateSecretKey,

    async cancel(account, target, signal): Promise<CancelResult> {
      const result = await call(account, target, 'POST', '/cancel', signal);
      if ('kind' in result) return result;
      const { exchange, evidence } = result;
      const body = getSuccessBody(exchange);
      if (body === null) return { ...toErrorResult(exchange, errorMappings, result.errorDetails), evidence };
      return toCancelResult(parseSession(body, target.id, result.sensitiveTexts), evidence);
    },

    async read(account, target, signal): Promise<ReadResult> {
      const result = await call(account, target, 'GET', '', signal);
      if ('kind' in result) return result;
      const { exchange, evidence } = result;
      const body = getSuccessBody(exchange);
      if (body === null)
        return { ...toReadErrorResult(toErrorResult(exchange, errorMappings, result.errorDetails)), evidence };
      return { ...parseSession(body, target.id, result.sensitiveTexts), evidence };
    },

    async testCredential(account, signal) {
      const result = await call(
        account,
        { id: nonexistentSessionId, product: 'payment_session', subAccount: null },
        'GET',
        '',
        signal,
      );
      const { evidence } = result;
      const readResult =
        'kind' in result
          ? result
          : toReadErrorResult(toErrorResult(result.exchange, errorMappings, result.errorDetails));
      if (readResult.kind !== 'not_found') return { ...readResult, evidence };
      // Any web server can return a 404. Xendit returns one with an error code.
      if (evidence.providerCode === null) return { kind: 'unreadable', cause: 'answer_unreadable', evidence };
      return { kind: 'accepted', evidence };
    },

    releaseConnection: (connectionId) => http.releaseConnection(connectionId),
  };
}

function getXenditOptions(account: Account): XenditOptions {
  if (account.options.provider !== 'xendit')
    throw new Error('The Xendit adapter received an account of another provider.');
  return account.options;
}
