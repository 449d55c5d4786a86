/** The providers, seen from the rest of core. */
import type { ProviderName, SessionStatus } from '../../contract/index.ts';
import { createFlinks } from './flinks.ts';
import { states as flinksStates } from './flinks/mappings.ts';
import { createHttp, type HttpOptions } from './http.ts';
import type { Providers } from './provider.ts';
import { stateFrom } from './status-mapping.ts';
import { createXendit } from './xendit.ts';
import { states as xenditStates } from './xendit/mappings.ts';

export type ProvidersOptions = HttpOptions;

/** Both providers over one HTTP client. */
export function createProviders(options: ProvidersOptions = {}): Providers {
  const http = createHttp(options);
  return { flinks: createFlinks(http), xendit: createXendit(http) };
}

/** A provider's own words for a state, wherever they come from, e.g. a merchant's export. */
export function stateOf(
  provider: ProviderName,
  status: string | null,
  detail: string | null,
): { status: SessionStatus; final: boolean } {
  return stateFrom(provider === 'flinks' ? flinksStates : xenditStates, status, detail);
}

export { decimalText } from './response-parser.ts';
export { readEvent, type EventReading, type SignedEvent } from './webhook-parser.ts';
export { addressIn, explain, wordsIn } from './error-messages.ts';
export { createHttp, type Http } from './http.ts';
export type * from './provider.ts';
export { isLoopback } from './proxy.ts';
