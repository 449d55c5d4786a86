/** Everything about providers that the rest of core uses. */
import type { ProviderName, SessionStatus } from '../../contract/index.ts';
import { createFlinks } from './flinks.ts';
import { statusMappings as flinksStatusMappings } from './flinks/session.ts';
import { createHttpClient, type HttpClientOptions } from './http.ts';
import type { Providers } from './provider.ts';
import { findStatus } from './result-mapping.ts';
import { createXendit, statusMappings as xenditStatusMappings } from './xendit.ts';

/** Creates both providers. They share one HTTP client. */
export function createProviders(options: HttpClientOptions = {}): Providers {
  const http = createHttpClient(options);
  return { flinks: createFlinks(http), xendit: createXendit(http) };
}

/** Maps a provider's status and detail code from any source, e.g. a file that a merchant exported. */
export function mapProviderStatus(
  provider: ProviderName,
  status: string | null,
  detail: string | null,
): { status: SessionStatus; isFinal: boolean } {
  return findStatus(provider === 'flinks' ? flinksStatusMappings : xenditStatusMappings, status, detail);
}

export { toPlainDecimal } from './response-parser.ts';
export { parseWebhookEvent } from './webhook-parser.ts';
export { extractIpAddress, formatErrorMessage, formatProviderError } from './error-messages.ts';
export { createHttpClient, type HttpClient, type HttpClientOptions } from './http.ts';
export type * from './provider.ts';
export { isLoopback } from './proxy.ts';
export { confidentialPatterns } from './redact.ts';
