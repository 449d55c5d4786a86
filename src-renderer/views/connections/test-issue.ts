/** What a test of a connection can run into: the words for it, how bad it is, and the one act that helps. */
import type { Cause, ConnectionVerdict } from '../../contract.ts';

type Trouble =
  | 'credential'
  | 'permission'
  | 'address'
  | 'pace'
  | 'slower'
  | 'connect'
  | 'proxy'
  | 'name'
  | 'certificate'
  | 'otherName'
  | 'outOfDate'
  | 'time'
  | 'broken'
  | 'fault'
  | 'foreign'
  | 'redirected'
  | 'request'
  | 'released'
  | 'stopped';

const ofCause: Record<Cause, Trouble> = {
  unauthorized: 'credential',
  credential_missing: 'credential',
  keychain_unavailable: 'credential',
  forbidden: 'permission',
  address_not_allowed: 'address',
  throttled: 'pace',
  connect_failed: 'connect',
  name_not_found: 'name',
  certificate_refused: 'certificate',
  timed_out: 'time',
  connection_lost: 'broken',
  answer_cut: 'broken',
  server_error: 'fault',
  answer_unreadable: 'foreign',
  wrong_session_answered: 'foreign',
  status_unexpected: 'foreign',
  authorize_failed: 'foreign',
  redirected: 'redirected',
  request_invalid: 'request',
  endpoint_off: 'released',
  stopped_before_sending: 'stopped',
  console_stopped: 'stopped',
};

export interface TroubleFound {
  readonly trouble: Trouble;
  readonly tone: 'problem' | 'warning';
  readonly helps: 'replace' | 'change' | 'connect' | 'again';
}

const helps: Partial<Record<Trouble, TroubleFound['helps']>> = {
  credential: 'replace',
  request: 'change',
  redirected: 'connect',
};

/** null where the credential was accepted. */
export function troubleOf(found: ConnectionVerdict): TroubleFound | null {
  if (found.verdict === 'accepted' || found.cause === null) return null;
  const trouble = finerThan(ofCause[found.cause], found);
  return { trouble, tone: found.verdict === 'refused' ? 'problem' : 'warning', helps: helps[trouble] ?? 'again' };
}

/** One cause, and yet something else helps: what was seen on the way, or was not said, tells. */
function finerThan(trouble: Trouble, { code, waitMs }: ConnectionVerdict): Trouble {
  if (trouble === 'connect' && code?.startsWith('PROXY_')) return 'proxy';
  if (trouble === 'certificate' && code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'otherName';
  if (trouble === 'certificate' && (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID')) return 'outOfDate';
  return trouble === 'pace' && waitMs === null ? 'slower' : trouble;
}
