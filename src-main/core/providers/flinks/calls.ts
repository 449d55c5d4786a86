/** Requests to Flinks Pay in both auth modes (providers.md 1.3, 1.4): tokens, and the repetition after a 401. */
import type { FlinksOptions } from '../../../contract/index.ts';
import {
  toErrorResult,
  getSuccessBody,
  getErrorDetails,
  type ErrorDetails,
  type ErrorResult,
} from '../result-mapping.ts';
import { isValidHeaderValue, parseBody } from '../response-parser.ts';
import type { HttpExchange } from '../http-exchange.ts';
import type { HttpClient } from '../http.ts';
import type { Account } from '../provider.ts';
import { parseErrorDetails } from './session.ts';

/**
 * Cached state of a connection. An operation keeps the object that it started with, so the result of an operation
 * cannot reach the cache of a connection that was released meanwhile.
 */
export interface TokenCache {
  token: AccessToken | null;
  requiresTokenForStatus: boolean;
}

/** One operation in progress. It can send several requests. */
export interface RequestContext {
  readonly account: Account;
  readonly options: FlinksOptions;
  readonly tokenCache: TokenCache;
  readonly signal: AbortSignal;
  /** Milliseconds of `performance.now()`. */
  readonly startedAt: number;
  /** Texts that no result may contain. Each new token is added. */
  readonly sensitiveTexts: string[];
}

export interface CallResult {
  readonly exchange: HttpExchange;
  readonly errorDetails: ErrorDetails;
  /** Why authorize failed, so that the request was not sent; null if the request was sent. */
  readonly authorizationError: ErrorResult | null;
}

type Method = 'GET' | 'POST';

/**
 * Reads a status without a token first, so that no single-use token is spent (contradiction 7). Repeats it with a token
 * after a 401 or 403.
 */
export async function sendStatus(http: HttpClient, context: RequestContext, path: string): Promise<CallResult> {
  const { options, tokenCache } = context;
  if (options.authMode === 'api_key' || tokenCache.requiresTokenForStatus)
    return sendAuthorized(http, context, 'GET', path);
  const unauthenticated = await send(http, context, 'GET', path, null);
  if (!hasHttpStatus(unauthenticated, 401) && !hasHttpStatus(unauthenticated, 403)) return unauthenticated;
  const authorized = await sendAuthorized(http, context, 'GET', path);
  if (authorized.authorizationError === null && getSuccessBody(authorized.exchange) !== null)
    tokenCache.requiresTokenForStatus = true;
  return authorized;
}

/**
 * Sends a request with credentials. A 401 proves that the request had no effect: the token is discarded, a new one is
 * obtained and the request is sent once more.
 */
export async function sendAuthorized(
  http: HttpClient,
  context: RequestContext,
  method: Method,
  path: string,
): Promise<CallResult> {
  if (context.options.authMode === 'api_key') return send(http, context, method, path, null);
  let token = getCachedToken(context);
  if (token === null) {
    const authorized = await obtainToken(http, context);
    if (authorized.token === null) return { ...authorized, authorizationError: toNotSentErrorResult(authorized) };
    token = authorized.token;
  }
  const result = await send(http, context, method, path, token);
  if (!hasHttpStatus(result, 401)) return result;
  context.tokenCache.token = null;
  const reauthorized = await obtainToken(http, context);
  return reauthorized.token === null ? result : send(http, context, method, path, reauthorized.token);
}

export async function obtainToken(http: HttpClient, context: RequestContext): Promise<AuthorizeResult> {
  const authorized = await authorize(http, context.account, context.options, context.signal);
  if (authorized.token !== null) {
    context.sensitiveTexts.push(authorized.token.value);
    if (context.options.reuseToken) context.tokenCache.token = authorized.token;
  }
  return authorized;
}

function getCachedToken({ options, tokenCache: { token }, sensitiveTexts }: RequestContext): AccessToken | null {
  if (!options.reuseToken || token === null || performance.now() >= token.expiresAtMs) return null;
  sensitiveTexts.push(token.value);
  return token;
}

async function send(
  http: HttpClient,
  context: RequestContext,
  method: Method,
  path: string,
  token: AccessToken | null,
): Promise<CallResult> {
  const { account, options, signal } = context;
  const exchange = await http.send({
    connectionId: account.connectionId,
    baseUrl: account.baseUrl,
    method,
    path,
    headers: {
      ...(token !== null && { authorization: `Bearer ${token.value}` }),
      ...(options.authMode === 'api_key' && { 'x-api-key': account.secret }),
      ...((options.authMode === 'api_key' || options.sendClientId) && { 'x-client-id': options.clientId }),
    },
    signal,
  });
  return { exchange, errorDetails: getErrorDetails(exchange, parseErrorDetails), authorizationError: null };
}

function hasHttpStatus({ exchange }: CallResult, httpStatus: number): boolean {
  return exchange.class === 'answered' && exchange.httpStatus === httpStatus;
}

export interface AccessToken {
  readonly value: string;
  /** Milliseconds of `performance.now()`, with the margin already subtracted. */
  readonly expiresAtMs: number;
}

/** The lifetime if `expires_in` is missing: the lower of the two documented values (299 s and 599 s). */
const defaultTokenLifetimeSeconds = 299;
const expiryMarginSeconds = 30;

export interface AuthorizeResult {
  readonly exchange: HttpExchange;
  readonly errorDetails: ErrorDetails;
  /** null if there is no token; the exchange contains the reason. */
  readonly token: AccessToken | null;
}

/** Requests a new token. */
async function authorize(
  http: HttpClient,
  account: Account,
  options: FlinksOptions,
  signal: AbortSignal,
): Promise<AuthorizeResult> {
  const inHeader = options.credentialsIn === 'header';
  const startedAt = performance.now();
  const exchange = await http.send({
    connectionId: account.connectionId,
    baseUrl: account.baseUrl,
    method: 'POST',
    path: '/api/v1/authorize',
    headers: {
      ...(inHeader && { authorization: `Basic ${encodeBasicCredential(account, options)}` }),
      ...(options.sendClientId && { 'x-client-id': options.clientId }),
    },
    form: {
      grant_type: 'client_credentials',
      ...(!inHeader && { Username: options.clientId, Password: account.secret }),
    },
    signal,
  });
  const body = getSuccessBody(exchange);
  return {
    exchange,
    token: body === null ? null : parseToken(body, startedAt),
    errorDetails: getErrorDetails(exchange, parseErrorDetails),
  };
}

export function encodeBasicCredential(account: Account, options: FlinksOptions): string {
  return Buffer.from(`${options.clientId}:${account.secret}`).toString('base64');
}

/** The opaque token of a 200 (contradiction 10); null if the body has no token that is a valid header value. */
export function parseToken(text: string, startedAt: number): AccessToken | null {
  const body = parseBody(text);
  const value = body?.['access_token'];
  if (typeof value !== 'string' || !isValidHeaderValue(value)) return null;
  const expiresIn = body?.['expires_in'];
  const seconds = typeof expiresIn === 'number' || typeof expiresIn === 'string' ? Number(expiresIn) : Number.NaN;
  const lifetimeSeconds = Number.isFinite(seconds) && seconds > 0 ? seconds : defaultTokenLifetimeSeconds;
  return { value, expiresAtMs: startedAt + Math.max(0, lifetimeSeconds - expiryMarginSeconds) * 1_000 };
}

/** The results of an authorize without a token. */
type AuthorizeErrorResult = Exclude<ErrorResult, { kind: 'final' | 'not_found' }>;

/** Converts a failed authorize call to an error result: the credential was refused, or the request failed. */
export function toAuthorizeErrorResult({ exchange, errorDetails }: AuthorizeResult): AuthorizeErrorResult {
  if (getSuccessBody(exchange) !== null) return { kind: 'unclear', cause: 'answer_unreadable' };
  if (exchange.class === 'answered') {
    const { httpStatus } = exchange;
    const namesClient = /^(invalid_client|unauthorized_client|invalid_grant)$/.test(errorDetails.code ?? '');
    const isRefusal = httpStatus === 401 || httpStatus === 403 || (httpStatus === 400 && namesClient);
    if (isRefusal) return { kind: 'refused', cause: 'unauthorized' };
  }
  const errorResult = toErrorResult(exchange, [], errorDetails);
  switch (errorResult.kind) {
    case 'not_sent':
    case 'throttled':
    case 'unclear':
      return errorResult;
    default:
      // A 400, 404 or 405 of authorize does not concern the credential. The base URL is probably wrong.
      return { kind: 'unclear', cause: 'status_unexpected' };
  }
}

/** The result of an operation whose authorize failed: the operation itself was not sent. */
function toNotSentErrorResult(authorized: AuthorizeResult): ErrorResult {
  const errorResult = toAuthorizeErrorResult(authorized);
  if (errorResult.kind !== 'unclear') return errorResult;
  const cause =
    errorResult.cause === 'console_stopped'
      ? 'stopped_before_sending'
      : errorResult.cause === 'redirected'
        ? 'redirected'
        : 'authorize_failed';
  return { kind: 'not_sent', cause };
}
