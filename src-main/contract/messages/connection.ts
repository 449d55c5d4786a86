/** Texts about connections, their secrets, the keychain and base URLs. */
import { joinText } from './join-text.ts';

export const connection = {
  notFound: 'This connection no longer exists. Go back to Connections.',
  practiceOnly:
    'Practice has its own simulated accounts and cannot connect to a provider. Leave practice to connect a provider.',
  locked: '{name} is locked. No sessions are cancelled through it. Unlock it under Connections, then try again.',
  inUse: joinText(
    '{name} has {count} tracked session. A connection can be removed only if it has no tracked sessions. ',
    '| {name} has {count} tracked sessions. A connection can be removed only if it has no tracked ',
    'sessions.',
  ),
  accountImmutable: joinText(
    '{name} has {count} tracked session of this account. Add the other account as a new connection. | ',
    '{name} has {count} tracked sessions of this account. Add the other account as a new connection.',
  ),
  providerImmutable: 'The provider of a connection cannot be changed. Add the other provider as a new connection.',

  // Secrets.
  secretMissing: 'The secret of {name} is no longer stored. Enter it again under Connections.',
  secretForOtherDestination: joinText(
    'The secret of {name} was stored for {storedFor}, but this connection now sends to {destination}. It was ',
    'not sent. If {destination} is correct, enter the secret again under Connections.',
  ),
  secretDestinationUnknown: joinText(
    'The secret of {name} was stored by a version of Session Desk that did not store where it may be sent. ',
    'Check that {destination} is correct, then enter the secret again under Connections.',
  ),
  webhookSecretMissing: joinText(
    '{name} has no webhook secret, so the signature of an event cannot be checked. Enter the webhook ',
    'secret under Connections.',
  ),
  callbackTokenMissing: joinText(
    '{name} has no callback token, so the signature of an event cannot be checked. Enter the callback ',
    'token under Connections.',
  ),
  secretHasNul: 'The secret contains a NUL character, which no keychain can store. Copy the secret again.',
  secretTooLong: joinText(
    'The secret is longer than the {limit} characters that a keychain can store. Check that you copied ',
    'only the secret.',
  ),

  // The keychain.
  keychainLocked: 'The system keychain is locked. Unlock it, then try again.',
  keychainNotReadable:
    'The system keychain stored the secret but does not return it. Unlock the keychain, then try again.',
  keychainTimedOut: joinText(
    'The system keychain did not respond. Look for a window of the system that asks for your keychain ',
    'password and enter the password. Then try again.',
  ),
  keychainUnavailable:
    'Session Desk found no system keychain on this computer, so a secret can only be kept until Session Desk closes.',

  // Base URLs.
  baseUrlInvalid: '“{text}” is not a URL. Enter https:// and the host name, for example {example}.',
  baseUrlHasCredentials: 'The base URL must not contain a user name or a password. Enter the secret in its own field.',
  baseUrlNotHttps: joinText(
    'The base URL must begin with https://, so that nobody can read the secret and the responses on the ',
    'network. It begins with {scheme}//.',
  ),
  baseUrlHasPath: 'The base URL must end after the host name. Remove the path after it.',
  baseUrlIsProduction: joinText(
    '{host} is the production host of the provider, but this connection is for the sandbox. Change the ',
    'base URL or the environment.',
  ),
  baseUrlIsSandbox: joinText(
    '{host} is the sandbox host of the provider, but this connection is for production. Change the base ',
    'URL or the environment.',
  ),
} as const;
