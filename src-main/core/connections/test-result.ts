import type { ConnectionTestResult } from '../../contract/index.ts';
import { extractIpAddress, formatProviderError, type CredentialTestResult } from '../providers/index.ts';

const resultByKind = {
  accepted: 'accepted',
  refused: 'refused',
  throttled: 'throttled',
  not_sent: 'unreachable',
  unreadable: 'unreadable',
} as const satisfies Record<CredentialTestResult['kind'], ConnectionTestResult['result']>;

/** Converts the result of a connection test. The renderer formats the texts. */
export function toTestResult(credentialResult: CredentialTestResult): ConnectionTestResult {
  const { evidence } = credentialResult;
  const isAccepted = credentialResult.kind === 'accepted';
  const httpCode = evidence.httpStatus === null ? null : `HTTP ${evidence.httpStatus}`;
  const cause = isAccepted ? null : credentialResult.cause;
  return {
    result: resultByKind[credentialResult.kind],
    cause,
    durationMs: evidence.durationMs,
    // The default wait is not reported, because the provider did not request it.
    retryAfterMs:
      credentialResult.kind === 'throttled' && credentialResult.retryAfterProvided !== false
        ? credentialResult.retryAfterMs
        : null,
    code: isAccepted ? null : (evidence.networkCode ?? httpCode),
    rejectedIpAddress: cause === 'address_not_allowed' ? extractIpAddress(evidence) : null,
    providerMessage: isAccepted ? null : formatProviderError(evidence) || null,
  };
}
