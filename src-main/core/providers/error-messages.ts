/** What stood in the way, in plain English: what was wrong, where, what to do. The screen has its own words. */
import type { Cause } from '../../contract/index.ts';
import type { Evidence } from './provider.ts';

/** `host` is the base URL's host. Safe to show: evidence holds no secret. */
export function formatErrorMessage(cause: Cause, host: string, evidence: Evidence): string {
  return [messagesByCause[cause](host, evidence), formatProviderMessage(evidence)]
    .filter((part) => part !== '')
    .join(' ');
}

const nothingSentText = 'Nothing was sent.';
const outcomeUnknownText = 'What became of the request is not known. Wait a moment, then ask again.';

const messagesByCause: Record<Cause, (host: string, evidence: Evidence) => string> = {
  connect_failed: (host, { networkCode }) =>
    networkCode?.startsWith('PROXY_')
      ? `The proxy did not open a way to ${host}${parenthesize(networkCode)}. Check this machine’s proxy. ${nothingSentText}`
      : `${host} could not be reached${parenthesize(networkCode)}. Check the base URL and the network. ${nothingSentText}`,
  name_not_found: (host) =>
    `The name ${host} was not found. Check the base URL for a slip, and this machine’s network. ${nothingSentText}`,
  certificate_refused: (host, { networkCode }) =>
    `The certificate that ${host} showed is not trusted${parenthesize(networkCode)}. If your network inspects traffic, ` +
    `have its authority added to this machine’s certificate store; else tell whoever runs the host. ${nothingSentText}`,
  credential_missing: () => 'The secret of this connection is not in the keychain. Enter it again under Connections.',
  keychain_unavailable: () => 'The keychain did not give the secret out. Unlock it and try again.',
  stopped_before_sending: (host) => `Stopped before anything was sent to ${host}.`,
  authorize_failed: (host) =>
    `${host} gave no access token, so the request itself was never sent. Try again in a moment; if it stays so, check ` +
    'the base URL.',
  timed_out: (host) => `${host} did not answer in time. ${outcomeUnknownText}`,
  connection_lost: (host) => `The connection to ${host} broke before the answer came. ${outcomeUnknownText}`,
  server_error: (host, evidence) =>
    `${host} had trouble of its own${formatHttpStatus(evidence)}. Wait a while, then ask again.`,
  answer_cut: (host) => `The answer of ${host} broke off before its end, so it does not count. ${outcomeUnknownText}`,
  answer_unreadable: (host, evidence) =>
    `${host} answered with something that is not this provider’s${formatHttpStatus(evidence)}. Check the base URL.`,
  wrong_session_answered: (host) =>
    `${host} answered about another session than the one asked for, so the answer does not count. Ask again; if it ` +
    'stays so, tell the provider.',
  status_unexpected: (host, evidence) =>
    `${host} answered in a way the console does not know${formatHttpStatus(evidence)}. Check the base URL; if it is right, tell ` +
    'the provider.',
  redirected: (host) =>
    `${host} sends requests on to another address. The console never follows: it would hand over the credential. ` +
    'Correct the base URL.',
  console_stopped: (host) => `The console was stopped while a request to ${host} was under way. ${outcomeUnknownText}`,
  unauthorized: (host) =>
    `${host} did not accept the credential: it is wrong, or it lacks the permission for this call. Check both with the ` +
    'provider, then replace the secret.',
  forbidden: (host) =>
    `${host} accepts the credential but does not allow this call. Ask for the permission to be given to it (Xendit: ` +
    'Money-in, Write).',
  address_not_allowed: (host, evidence) =>
    `${host} does not take requests from ${formatIpAddress(evidence)}: it is not on the account’s IP allowlist. Add ` +
    'it in the provider’s dashboard; where the address changes from day to day, send the console’s traffic through a ' +
    'fixed one (VPN or proxy).',
  throttled: (host) => `${host} asks to slow down. Wait a little, then try again.`,
  request_invalid: (host) =>
    `The request does not suit ${host}. Check the session id, the client id and the sub-account for slips.`,
  endpoint_off: () =>
    'Cancelling may be switched off for this account: Flinks releases it for e-Transfer account by account. Ask Flinks ' +
    'to switch it on, then allow it in the connection.',
};

/** The address that the provider turned away, where its message names one. */
export function extractIpAddress({ providerMessage }: Evidence): string | null {
  return /\b(?:\d{1,3}\.){3}\d{1,3}\b/.exec(providerMessage ?? '')?.[0] ?? null;
}

function formatIpAddress(evidence: Evidence): string {
  const address = extractIpAddress(evidence);
  return address === null ? 'this machine’s address' : `the address ${address}`;
}

function formatHttpStatus({ httpStatus }: Evidence): string {
  return parenthesize(httpStatus === null ? undefined : `HTTP ${httpStatus}`);
}

function parenthesize(detail: string | undefined): string {
  return detail === undefined ? '' : ` (${detail})`;
}

/** The provider's code and words, or an empty text. */
export function formatProviderError({ providerCode, providerMessage }: Evidence): string {
  return [providerCode, providerMessage].filter((word) => word !== null && word !== '').join(', ');
}

function formatProviderMessage(evidence: Evidence): string {
  const words = formatProviderError(evidence);
  return words === '' ? '' : `The provider’s words: ${words}`;
}
