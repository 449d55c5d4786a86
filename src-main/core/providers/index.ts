/** The providers, seen from the rest of core. */
import type { ProviderName, SessionStatus } from '../../contract/index.ts';
import { createFlinks } from './flinks.ts';
import { statusMappings as flinksStates } from './flinks/mappings.ts';
import { createHttpClient, type HttpClientOptions } from './http.ts';
import type { Providers } from './provider.ts';
import { findStatus } from './status-mapping.ts';
import { createXendit } from './xendit.ts';
import { statusMappings as xenditStates } from './xendit/mappings.ts';

export type ProvidersOptions = HttpClientOptions;

/** Both providers over one HTTP client. */
export function createProviders(options: ProvidersOptions = {}): Providers {
  const http = createHttpClient(options);
  return { flinks: createFlinks(http), xendit: createXendit(http) };
}

/** A provider's own words for a state, wherever they come from, e.g. a merchant's export. */
export function mapProviderStatus(
  provider: ProviderName,
  status: string | null,
  detail: string | null,
): { status: SessionStatus; isFinal: boolean } {
  return findStatus(provider === 'flinks' ? flinksStates : xenditStates, status, detail);
}

export { toPlainDecimal } from './response-parser.ts';
export { parseWebhookEvent, type WebhookParseResult, type SignedWebhookEvent } from './webhook-parser.ts';
export { extractIpAddress, formatErrorMessage, formatProviderError } from './error-messages.ts';
export { createHttpClient, type HttpClient } from './http.ts';
export type * from './provider.ts';
export { isLoopback } from './proxy.ts';
