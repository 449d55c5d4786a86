/** The message for each cause of a failure: what was wrong, where, and what to do. */
import { createMessage, type Cause, type Message } from '../../contract/index.ts';
import type { Evidence } from './provider.ts';

/** `host` is the host of the base URL. The message can be shown, because evidence contains no secret. */
export function formatErrorMessage(cause: Cause, host: string, evidence: Evidence): Message {
  const sentence = messagesByCause[cause](host, evidence);
  const text = formatProviderError(evidence);
  return text === '' ? sentence : createMessage('provider.withProviderText', { sentence, text });
}

const messagesByCause: Record<Cause, (host: string, evidence: Evidence) => Message> = {
  connect_failed: (host, { networkCode }) =>
    addCode(
      networkCode?.startsWith('PROXY_')
        ? createMessage('provider.proxyFailed', { host })
        : createMessage('provider.connectFailed', { host }),
      networkCode,
    ),
  name_not_found: (host) => createMessage('provider.nameNotFound', { host }),
  certificate_refused: (host, { networkCode }) =>
    addCode(createMessage('provider.certificateRefused', { host }), networkCode),
  credential_missing: () => createMessage('provider.credentialMissing'),
  keychain_unavailable: () => createMessage('provider.keychainUnavailable'),
  stopped_before_sending: (host) => createMessage('provider.stoppedBeforeSending', { host }),
  authorize_failed: (host) => createMessage('provider.authorizeFailed', { host }),
  timed_out: (host) => createMessage('provider.timedOut', { host }),
  connection_lost: (host) => createMessage('provider.connectionLost', { host }),
  server_error: (host, evidence) => addHttpStatus(createMessage('provider.serverError', { host }), evidence),
  answer_cut: (host) => createMessage('provider.responseIncomplete', { host }),
  answer_unreadable: (host, evidence) =>
    addHttpStatus(createMessage('provider.responseUnreadable', { host }), evidence),
  wrong_session_answered: (host) => createMessage('provider.wrongSession', { host }),
  status_unexpected: (host, evidence) => addHttpStatus(createMessage('provider.statusUnexpected', { host }), evidence),
  redirected: (host) => createMessage('provider.redirected', { host }),
  console_stopped: (host) => createMessage('provider.stoppedBeforeResponse', { host }),
  unauthorized: (host) => createMessage('provider.unauthorized', { host }),
  forbidden: (host) => createMessage('provider.forbidden', { host }),
  address_not_allowed: (host, evidence) => {
    const address = extractIpAddress(evidence);
    return address === null
      ? createMessage('provider.computerNotAllowed', { host })
      : createMessage('provider.addressNotAllowed', { host, address });
  },
  throttled: (host) => createMessage('provider.throttled', { host }),
  request_invalid: (host) => createMessage('provider.requestInvalid', { host }),
  endpoint_off: () => createMessage('provider.endpointOff'),
};

/** The IPv4 address that the provider rejected, or null if its message contains none. */
export function extractIpAddress({ providerMessage }: Evidence): string | null {
  return /\b(?:\d{1,3}\.){3}\d{1,3}\b/.exec(providerMessage ?? '')?.[0] ?? null;
}

/** The provider's error code and message, separated by a comma; an empty text if there are none. */
export function formatProviderError({ providerCode, providerMessage }: Evidence): string {
  return [providerCode, providerMessage].filter((part) => part !== null && part !== '').join(', ');
}

function addHttpStatus(sentence: Message, { httpStatus }: Evidence): Message {
  return addCode(sentence, httpStatus === null ? undefined : `HTTP ${httpStatus}`);
}

function addCode(sentence: Message, code: string | undefined): Message {
  return code === undefined ? sentence : createMessage('provider.withCode', { sentence, code });
}
