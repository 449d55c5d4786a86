/** Texts about requests to a provider, session IDs, secrets in a provider's format, and webhook events. */
import { joinText } from './join-text.ts';

export const provider = {
  // Why a request failed: one text per `Cause`. `host` is the host of the connection's base URL.
  connectFailed:
    'Could not connect to {host}. Check the base URL and the network connection, then try again. Nothing was sent.',
  proxyFailed: 'The proxy did not connect to {host}. Check the proxy settings of this computer. Nothing was sent.',
  nameNotFound: joinText(
    'The host name {host} was not found. Check the base URL for typing mistakes and check the network ',
    'connection. Nothing was sent.',
  ),
  certificateRefused: joinText(
    'The certificate of {host} is not trusted. If your network inspects traffic, add its certificate ',
    'authority to the certificate store of this computer. Otherwise, contact the administrator of ',
    '{host}. Nothing was sent.',
  ),
  credentialMissing: 'The secret of this connection is not in the keychain. Enter it again under Connections.',
  keychainUnavailable: 'The keychain did not return the secret. Unlock the keychain, then try again.',
  stoppedBeforeSending: 'Session Desk stopped before it sent anything to {host}.',
  authorizeFailed: joinText(
    '{host} did not issue an access token, so the request was not sent. Try again in a minute. If the ',
    'problem continues, check the base URL.',
  ),
  timedOut: joinText(
    '{host} did not respond in time. It is not known whether the request was processed. Wait a minute, ',
    'then check again.',
  ),
  connectionLost: joinText(
    'The network connection to {host} was lost before the response arrived. It is not known whether the ',
    'request was processed. Wait a minute, then check again.',
  ),
  serverError: '{host} reported a server error. Wait a few minutes, then try again.',
  responseIncomplete: joinText(
    'The response of {host} was incomplete, so it was not used. It is not known whether the request was ',
    'processed. Wait a minute, then check again.',
  ),
  responseUnreadable: '{host} sent a response that is not in the format of this provider. Check the base URL.',
  wrongSession: joinText(
    '{host} sent a response about a different session, so it was not used. Try again. If the problem ',
    'continues, contact the provider.',
  ),
  statusUnexpected: joinText(
    '{host} sent a response with a status that Session Desk does not know. Check the base URL. If it is ',
    'correct, contact the provider.',
  ),
  redirected: joinText(
    '{host} redirected the request to another address. Session Desk does not follow redirects, because ',
    'they would disclose the credential. Correct the base URL.',
  ),
  stoppedBeforeResponse: joinText(
    'Session Desk stopped before the response of {host} arrived. It is not known whether the request was ',
    'processed. Wait a minute, then check again.',
  ),
  unauthorized: joinText(
    '{host} did not accept the credential. It is wrong, or it does not have permission for this request. ',
    'Check both with the provider, then replace the secret.',
  ),
  forbidden:
    '{host} accepted the credential but does not allow this request. Ask for the permission (Xendit: Money-in, Write).',
  addressNotAllowed: joinText(
    '{host} did not accept the request, because the IP address {address} is not on the allowlist of the ',
    'account. Add the address in the dashboard of the provider. If the address changes often, use a ',
    'fixed address (VPN or proxy).',
  ),
  computerNotAllowed: joinText(
    '{host} did not accept the request, because the IP address of this computer is not on the allowlist ',
    'of the account. Add the address in the dashboard of the provider. If the address changes often, use ',
    'a fixed address (VPN or proxy).',
  ),
  throttled: '{host} is limiting the number of requests. Wait a minute, then try again.',
  requestInvalid:
    'The request is not valid for {host}. Check the session ID, the client ID and the sub-account for typing mistakes.',
  endpointOff: joinText(
    'Cancelling e-Transfer sessions may be turned off for this account. Flinks turns it on for each ',
    'account separately. Ask Flinks to turn it on, then allow it in the connection.',
  ),
  withCode: '{sentence} Code: {code}.',
  withProviderText: '{sentence} Response of the provider: {text}',

  // Session IDs.
  flinksIdUnusual: joinText(
    'A Flinks Pay session ID is a UUID, for example 3f2b8c1e-5a4d-4e6f-9b7a-0c1d2e3f4a5b. Check that the ',
    'ID is complete and has no extra characters.',
  ),
  xenditIdUnusual: joinText(
    'A Xendit session ID is “ps-” followed by 24 characters (0-9 and a-f). Check that the ID is complete ',
    'and has no extra characters.',
  ),

  // Secrets.
  flinksSecretCharacters: joinText(
    'The secret contains a line break, a space at its start or end, or a character that is not an ',
    'unaccented letter, a digit or a symbol. Copy the secret from Flinks again.',
  ),
  xenditKeyCharacters: joinText(
    'The key contains a space, a colon or another character that a key cannot contain. Copy the key from ',
    'the dashboard again.',
  ),
  xenditKeyPublic:
    'This is a public key. It cannot cancel sessions. Enter the secret key. The dashboard shows it under API keys.',
  xenditKeyTest: 'This is a test key, and the connection is for production. Enter the live key, or choose the sandbox.',
  xenditKeyLive: 'This is a live key, and the connection is for the sandbox. Enter the test key, or choose production.',
  xenditKeyPrefix:
    'A Xendit secret key starts with “xnd_development_” or “xnd_production_”. Copy the key from the dashboard again.',

  // Webhook events.
  flinksSignatureWrong: joinText(
    'The X-Webhook-Signature does not match the event. Check that the body is exactly as it was received ',
    'and that the webhook secret belongs to this environment. Nothing was changed.',
  ),
  xenditSignatureWrong: joinText(
    'The x-callback-token does not match the callback token of this connection. Check that the token ',
    'belongs to this environment. Nothing was changed.',
  ),
  eventUnreadable: joinText(
    'The signature is correct, but the event does not contain a session and its status. Paste the ',
    'complete body of the event. Nothing was changed.',
  ),
  eventNotSupported: 'This is not a session event. Session events have the type {type}. Nothing was changed.',
} as const;
