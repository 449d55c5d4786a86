/** The adapter for Xendit Payment Sessions (providers.md 2): HTTP Basic with the key and an empty password. */
import { createMessage, type XenditOptions } from '../../contract/index.ts';
import {
  toCancelResult,
  createEvidence,
  createEmptyEvidence,
  toReadErrorResult,
  toErrorResult,
  getSuccessBody,
  getErrorDetails,
  type ErrorDetails,
} from './result-mapping.ts';
import { isValidHeaderValue, toPathSegment } from './response-parser.ts';
import type { HttpExchange } from './http-exchange.ts';
import type { HttpClient } from './http.ts';
import type { Account, CancelResult, Evidence, CommonErrorResult, Provider, ReadResult, Target } from './provider.ts';
import { validateSecretKey, parseErrorDetails, parseSession, capabilities, errorMappings } from './xendit/session.ts';

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
