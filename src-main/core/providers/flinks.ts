/**
 * The adapter for Flinks Pay (providers.md 1). GEFT, regular EFT and e-Transfer share one route, so the product is
 * data. A cancel authorizes first. A status is read without a token, and with a token only if the provider requires
 * one.
 */
import { createMessage, type FlinksOptions } from '../../contract/index.ts';
import {
  toCancelResult,
  createEvidence,
  createEmptyEvidence,
  toReadErrorResult,
  toErrorResult,
  getSuccessBody,
  type ErrorDetails,
  type ErrorResult,
} from './result-mapping.ts';
import { isValidHeaderValue, toPathSegment } from './response-parser.ts';
import type { HttpExchange } from './http-exchange.ts';
import {
  encodeBasicCredential,
  obtainToken,
  sendAuthorized,
  sendStatus,
  toAuthorizeErrorResult,
  type TokenCache,
  type CallResult,
  type RequestContext,
} from './flinks/calls.ts';
import { parseSession, capabilities, errorMappings } from './flinks/session.ts';
import type { HttpClient } from './http.ts';
import type {
  Account,
  CancelResult,
  CredentialTestResult,
  Evidence,
  Provider,
  ReadResult,
  Target,
} from './provider.ts';

/** A valid id that no session has: the response is a 404 if the credential is accepted. */
const nonexistentSessionId = '00000000-0000-0000-0000-000000000000';
const uuidPattern = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

export function createFlinks(http: HttpClient): Provider {
  const tokenCaches = new Map<string, TokenCache>();

  function createContext(account: Account, signal: AbortSignal, id: string | null): RequestContext {
    const options = getFlinksOptions(account);
    const tokenCache = tokenCaches.get(account.connectionId) ?? { token: null, requiresTokenForStatus: false };
    tokenCaches.set(account.connectionId, tokenCache);
    const sensitiveTexts = [
      account.secret,
      encodeBasicCredential(account, options),
      encodeURIComponent(account.secret),
      ...(id === null ? [] : [id]),
    ];
    return { account, options, tokenCache, signal, startedAt: performance.now(), sensitiveTexts };
  }

  function toReadResult(
    context: RequestContext,
    { exchange, errorDetails, authorizationError }: CallResult,
    target: Target,
  ): ReadResult {
    const evidence = createContextEvidence(context, exchange, errorDetails);
    if (authorizationError !== null) return { ...toReadErrorResult(authorizationError), evidence };
    const body = getSuccessBody(exchange);
    if (body === null) return { ...toReadErrorResult(toSessionErrorResult(target, exchange, errorDetails)), evidence };
    return { ...parseSession(body, target.id, context.sensitiveTexts), evidence };
  }

  async function readDetails(account: Account, target: Target, signal: AbortSignal): Promise<ReadResult> {
    const context = createContext(account, signal, target.id);
    const path = buildSessionPath(target.id, context);
    if (path === null) return createInvalidRequestResult(context);
    return toReadResult(context, await sendAuthorized(http, context, 'GET', `${path}/details`), target);
  }

  return {
    name: 'flinks',
    capabilities,

    getIdWarning(id) {
      return uuidPattern.test(id) ? null : createMessage('provider.flinksIdUnusual');
    },

    validateSecret(secret) {
      return isValidHeaderValue(secret) ? null : createMessage('provider.flinksSecretCharacters');
    },

    async cancel(account, target, signal): Promise<CancelResult> {
      const context = createContext(account, signal, target.id);
      if (target.product === 'e_transfer' && !context.options.eTransferCancel) {
        return { kind: 'not_sent', cause: 'endpoint_off', evidence: createEmptyEvidence(context.startedAt) };
      }
      const path = buildSessionPath(target.id, context);
      if (path === null) return createInvalidRequestResult(context);
      const { exchange, errorDetails, authorizationError } = await sendAuthorized(
        http,
        context,
        'POST',
        `${path}/cancel`,
      );
      const evidence = createContextEvidence(context, exchange, errorDetails);
      if (authorizationError !== null) return { ...authorizationError, evidence };
      const body = getSuccessBody(exchange);
      if (body === null) return { ...toSessionErrorResult(target, exchange, errorDetails), evidence };
      return toCancelResult(parseSession(body, target.id, context.sensitiveTexts), evidence);
    },

    async read(account, target, signal): Promise<ReadResult> {
      const context = createContext(account, signal, target.id);
      const path = buildSessionPath(target.id, context);
      if (path === null) return createInvalidRequestResult(context);
      const result = toReadResult(context, await sendStatus(http, context, `${path}/status`), target);
      // The status route is not documented for e-Transfer (providers.md 1.5): a 404 without error details may mean that
      // the route does not exist.
      const routeMayBeMissing = result.kind === 'not_found' && result.cause === 'endpoint_off';
      return routeMayBeMissing ? readDetails(account, target, signal) : result;
    },

    readDetails,

    async testCredential(account, signal): Promise<CredentialTestResult> {
      const context = createContext(account, signal, null);
      if (!isValidHeaderValue(context.options.clientId)) return createInvalidRequestResult(context);
      if (context.options.authMode === 'oauth') {
        const authorized = await obtainToken(http, context);
        const evidence = createContextEvidence(context, authorized.exchange, authorized.errorDetails);
        if (authorized.token !== null) return { kind: 'accepted', evidence };
        const errorResult = toAuthorizeErrorResult(authorized);
        if (errorResult.kind !== 'unclear') return { ...errorResult, evidence };
        return { kind: 'unreadable', cause: errorResult.cause, evidence };
      }
      const path = `/api/v2/sessions/${nonexistentSessionId}/details`;
      const { exchange, errorDetails } = await sendAuthorized(http, context, 'GET', path);
      const evidence = createContextEvidence(context, exchange, errorDetails);
      const result = toReadErrorResult(toErrorResult(exchange, errorMappings, errorDetails));
      if (result.kind !== 'not_found') return { ...result, evidence };
      // Any web server can return a 404. Flinks returns one with error details.
      if (hasNoErrorDetails(errorDetails)) return { kind: 'unreadable', cause: 'answer_unreadable', evidence };
      return { kind: 'accepted', evidence };
    },

    releaseConnection(connectionId) {
      tokenCaches.delete(connectionId);
      http.releaseConnection(connectionId);
    },
  };
}

function createContextEvidence(
  { sensitiveTexts, startedAt }: RequestContext,
  exchange: HttpExchange,
  errorDetails: ErrorDetails,
): Evidence {
  return createEvidence(exchange, errorDetails, sensitiveTexts, startedAt);
}

function createInvalidRequestResult({ startedAt }: RequestContext): {
  kind: 'not_sent';
  cause: 'request_invalid';
  evidence: Evidence;
} {
  return { kind: 'not_sent', cause: 'request_invalid', evidence: createEmptyEvidence(startedAt) };
}

/** null if the id cannot be one path segment or the client id cannot be a header value. */
function buildSessionPath(id: string, { options }: RequestContext): string | null {
  const segment = toPathSegment(id);
  return segment === null || !isValidHeaderValue(options.clientId) ? null : `/api/v2/sessions/${segment}`;
}

/**
 * Maps an error about a session. After a 404 without error details, the e-Transfer endpoint may be off for this account
 * (contradiction 5).
 */
function toSessionErrorResult(target: Target, exchange: HttpExchange, errorDetails: ErrorDetails): ErrorResult {
  const errorResult = toErrorResult(exchange, errorMappings, errorDetails);
  const endpointMayBeOff =
    errorResult.kind === 'not_found' && target.product === 'e_transfer' && hasNoErrorDetails(errorDetails);
  return endpointMayBeOff ? { kind: 'not_found', cause: 'endpoint_off' } : errorResult;
}

function hasNoErrorDetails({ code, message }: ErrorDetails): boolean {
  return code === null && message === null;
}

function getFlinksOptions(account: Account): FlinksOptions {
  if (account.options.provider !== 'flinks')
    throw new Error('The Flinks adapter received an account of another provider.');
  return account.options;
}
