/** Flinks Pay's calls with their credentials: both auth modes, tokens, the repeat after a 401 (providers.md 1.3). */
import type { FlinksOptions } from '../../../contract/index.ts';
import { getSuccessBody, getErrorDetails, type ErrorDetails, type ErrorResult } from '../result-mapping.ts';
import type { HttpExchange } from '../http-exchange.ts';
import type { HttpClient } from '../http.ts';
import type { Account } from '../provider.ts';
import { parseErrorDetails } from './session.ts';
import { authorize, toNotSentErrorResult, type AuthorizeResult, type AccessToken } from './token.ts';

/** What is remembered of a connection. A question keeps the one it began with, so a forgotten one takes nothing in. */
export interface TokenCache {
  token: AccessToken | null;
  requiresTokenForStatus: boolean;
}

/** One question to the provider while it is being asked. */
export interface RequestContext {
  readonly account: Account;
  readonly options: FlinksOptions;
  readonly tokenCache: TokenCache;
  readonly signal: AbortSignal;
  /** On the clock of `performance.now()`. */
  readonly startedAt: number;
  /** Texts that must appear nowhere; grows by each token. */
  readonly sensitiveTexts: string[];
}

export interface CallResult {
  readonly exchange: HttpExchange;
  readonly errorDetails: ErrorDetails;
  /** Why the question itself was never sent; null where it was. */
  readonly authorizationError: ErrorResult | null;
}

type Method = 'GET' | 'POST';

/** A status without a token first, so that none is spent (contradiction 7), and with one where the provider insists. */
export async function sendStatus(http: HttpClient, context: RequestContext, path: string): Promise<CallResult> {
  const { options, tokenCache } = context;
  if (options.authMode === 'api_key' || tokenCache.requiresTokenForStatus)
    return sendAuthorized(http, context, 'GET', path);
  const open = await send(http, context, 'GET', path, null);
  if (!hasHttpStatus(open, 401) && !hasHttpStatus(open, 403)) return open;
  const authorized = await sendAuthorized(http, context, 'GET', path);
  if (authorized.authorizationError === null && getSuccessBody(authorized.exchange) !== null)
    tokenCache.requiresTokenForStatus = true;
  return authorized;
}

/** With credentials. A 401 proves that nothing was done: the token is dropped, another obtained, the call repeated. */
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
  const outcome = await send(http, context, method, path, token);
  if (!hasHttpStatus(outcome, 401)) return outcome;
  context.tokenCache.token = null;
  const again = await obtainToken(http, context);
  return again.token === null ? outcome : send(http, context, method, path, again.token);
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
