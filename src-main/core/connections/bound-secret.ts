/**
 * Secrets that are bound to the only destination that they may be sent to. The destination is a text that the keychain
 * stores with the secret and that is compared before each use. It holds the base URL exactly as the request uses it, so
 * that two readings of one URL cannot differ.
 */
import { AppError, createMessage, isAppError } from '../../contract/index.ts';
import type { ConnectionRow } from '../store/index.ts';

/** `other_destination`: the secret must not be used. `storedFor` is null if an earlier version stored the secret. */
export type BoundSecret =
  | { readonly kind: 'found'; readonly secret: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'other_destination'; readonly storedFor: string | null };

/** What is known of a secret without its use. `unreadable`: the keychain is locked or not available. */
export type SecretBinding = Exclude<BoundSecret, { kind: 'found' }> | { readonly kind: 'matches' | 'unreadable' };

/** The fields of a connection that decide where its secret goes. */
export type ConnectionDestination = Pick<ConnectionRow, 'baseUrl' | 'provider' | 'environment'>;

/** For example `https://api.xendit.co (xendit, production)`. */
export function connectionDestination({ baseUrl, provider, environment }: ConnectionDestination): string {
  return `${baseUrl} (${provider}, ${environment})`;
}

/** For example `https://back-office.example (feed)`. */
export function feedDestination(url: string): string {
  return `${new URL(url).origin} (feed)`;
}

/** The error for a secret of a connection that cannot be used: credential_missing or credential_destination_changed. */
export function createSecretError(
  connection: ConnectionDestination & Pick<ConnectionRow, 'id' | 'name'>,
  found: Exclude<BoundSecret, { kind: 'found' }>,
): AppError {
  const { id: connectionId, name } = connection;
  const details = { connectionId };
  if (found.kind === 'missing')
    return new AppError('credential_missing', createMessage('connection.secretMissing', { name }), { details });
  const { storedFor } = found;
  const destination = connectionDestination(connection);
  const message =
    storedFor === null
      ? createMessage('connection.secretDestinationUnknown', { name, destination })
      : createMessage('connection.secretForOtherDestination', { name, storedFor, destination });
  return new AppError('credential_destination_changed', message, { details });
}

/** Never throws a keychain_ error. */
export async function inspectSecret(read: () => Promise<BoundSecret>): Promise<SecretBinding> {
  try {
    const found = await read();
    return found.kind === 'found' ? { kind: 'matches' } : found;
  } catch (error) {
    if (isAppError(error)) return { kind: 'unreadable' };
    throw error;
  }
}
