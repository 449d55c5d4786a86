import type { ConnectionTestResult } from '../../contract/index.ts';
import { extractIpAddress, formatProviderError, type CredentialTestResult } from '../providers/index.ts';

const resultByKind = {
  accepted: 'accepted',
  refused: 'refused',
  throttled: 'throttled',
  not_sent: 'unreachable',
  unreadable: 'unreadable',
} as const satisfies Record<CredentialTestResult['kind'], ConnectionTestResult['result']>;

/** What a test of a connection found, as facts: the sentences are the screen's. */
export function toTestResult(answer: CredentialTestResult): ConnectionTestResult {
  const { evidence } = answer;
  const isAccepted = answer.kind === 'accepted';
  const http = evidence.httpStatus === null ? null : `HTTP ${evidence.httpStatus}`;
  const cause = isAccepted ? null : answer.cause;
  return {
    result: resultByKind[answer.kind],
    cause,
    durationMs: evidence.durationMs,
    // The console waits some seconds by itself where the provider does not say how long; that is no word of the provider's.
    retryAfterMs: answer.kind === 'throttled' && answer.retryAfterProvided !== false ? answer.retryAfterMs : null,
    code: isAccepted ? null : (evidence.networkCode ?? http),
    rejectedIpAddress: cause === 'address_not_allowed' ? extractIpAddress(evidence) : null,
    providerMessage: isAccepted ? null : formatProviderError(evidence) || null,
  };
}
