/** Classifies the result of a connection test: the texts for it, its severity and the one action that helps. */
import type { Cause, ConnectionTestResult } from '../../contract.ts';

const issueByCause = {
  unauthorized: 'credentialRejected',
  credential_missing: 'credentialRejected',
  keychain_unavailable: 'credentialRejected',
  forbidden: 'permissionMissing',
  address_not_allowed: 'ipNotAllowed',
  throttled: 'throttled',
  connect_failed: 'unreachable',
  name_not_found: 'hostNotFound',
  certificate_refused: 'certificateUntrusted',
  timed_out: 'timeout',
  connection_lost: 'connectionLost',
  answer_cut: 'connectionLost',
  server_error: 'serverError',
  answer_unreadable: 'unexpectedResponse',
  wrong_session_answered: 'unexpectedResponse',
  status_unexpected: 'unexpectedResponse',
  authorize_failed: 'unexpectedResponse',
  redirected: 'redirected',
  request_invalid: 'invalidRequest',
  endpoint_off: 'notEnabled',
  stopped_before_sending: 'interrupted',
  console_stopped: 'interrupted',
} as const satisfies Record<Cause, string>;
type TestIssueCode =
  | (typeof issueByCause)[Cause]
  | 'throttledWithoutRetryAfter'
  | 'proxyFailed'
  | 'certificateHostMismatch'
  | 'certificateDateInvalid';

export interface TestIssue {
  readonly code: TestIssueCode;
  readonly tone: 'error' | 'warning';
  readonly action: 'replaceSecret' | 'change' | 'addConnection' | 'testAgain';
}

const actionByIssue: Partial<Record<TestIssueCode, TestIssue['action']>> = {
  credentialRejected: 'replaceSecret',
  invalidRequest: 'change',
  redirected: 'addConnection',
};

/** Returns null if the provider accepted the credential. */
export function classifyTestResult(testResult: ConnectionTestResult): TestIssue | null {
  if (testResult.result === 'accepted' || testResult.cause === null) return null;
  const code = refineIssue(issueByCause[testResult.cause], testResult);
  return {
    code,
    tone: testResult.result === 'refused' ? 'error' : 'warning',
    action: actionByIssue[code] ?? 'testAgain',
  };
}

/** Refines the cause with the error code, or with a missing `Retry-After`, because another action then helps. */
function refineIssue(issue: TestIssueCode, { code, retryAfterMs }: ConnectionTestResult): TestIssueCode {
  if (issue === 'unreachable' && code?.startsWith('PROXY_')) return 'proxyFailed';
  if (issue === 'certificateUntrusted' && code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'certificateHostMismatch';
  if (issue === 'certificateUntrusted' && (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID'))
    return 'certificateDateInvalid';
  return issue === 'throttled' && retryAfterMs === null ? 'throttledWithoutRetryAfter' : issue;
}
