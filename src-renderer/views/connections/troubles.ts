/** What a test of a connection can run into: the words for it, how bad it is, and the one act that helps. */
import type { Cause, ConnectionVerdict } from '../../contract.ts';

type Trouble =
  | 'credential' | 'permission' | 'address' | 'pace' | 'connect' | 'proxy' | 'name' | 'certificate' | 'time' | 'broken' | 'fault'
  | 'foreign' | 'redirected' | 'request' | 'released' | 'stopped';

const ofCause: Record<Cause, Trouble> = {
  unauthorized: 'credential', credential_missing: 'credential', keychain_unavailable: 'credential',
  forbidden: 'permission', address_not_allowed: 'address', throttled: 'pace',
  connect_failed: 'connect', name_not_found: 'name', certificate_refused: 'certificate',
  timed_out: 'time', connection_lost: 'broken', answer_cut: 'broken', server_error: 'fault',
  answer_unreadable: 'foreign', wrong_session_answered: 'foreign', status_unexpected: 'foreign', authorize_failed: 'foreign',
  redirected: 'redirected', request_invalid: 'request', endpoint_off: 'released',
  stopped_before_sending: 'stopped', console_stopped: 'stopped',
};

export interface TroubleFound {
  readonly trouble: Trouble;
  readonly tone: 'problem' | 'warning';
  readonly helps: 'replace' | 'change' | 'again';
}

/** null where the credential was accepted. */
export function troubleOf({ verdict, cause, code }: ConnectionVerdict): TroubleFound | null {
  if (verdict === 'accepted' || cause === null) return null;
  const trouble = cause === 'connect_failed' && code?.startsWith('PROXY_') ? 'proxy' : ofCause[cause];
  return {
    trouble,
    tone: verdict === 'refused' ? 'problem' : 'warning',
    helps: trouble === 'credential' ? 'replace' : trouble === 'request' ? 'change' : 'again',
  };
}
