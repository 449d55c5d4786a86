/**
 * The destination of a secret, as text that is stored with the secret and compared before each use. It holds the base
 * URL exactly as the request uses it, so that two readings of one URL cannot differ.
 */
import type { ConnectionRow } from '../store/index.ts';

/** For example `https://api.xendit.co (xendit, production)`. */
export function connectionDestination({
  baseUrl,
  provider,
  environment,
}: Pick<ConnectionRow, 'baseUrl' | 'provider' | 'environment'>): string {
  return `${baseUrl} (${provider}, ${environment})`;
}

/** For example `https://back-office.example (feed)`. */
export function feedDestination(url: string): string {
  return `${new URL(url).origin} (feed)`;
}
