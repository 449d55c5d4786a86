/** The authorize call of Flinks Pay (providers.md 1.3): exchanges client id and secret for a bearer token. */
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
export async function authorize(
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
export function toNotSentErrorResult(authorized: AuthorizeResult): ErrorResult {
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
