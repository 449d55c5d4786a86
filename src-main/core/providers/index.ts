/** The providers, seen from the rest of core. */
import { createFlinks } from './flinks.ts';
import { createHttp, type HttpOptions } from './http.ts';
import type { Providers } from './provider.ts';
import { createXendit } from './xendit.ts';

export type ProvidersOptions = HttpOptions;

/** Both providers over one HTTP client. */
export function createProviders(options: ProvidersOptions = {}): Providers {
  const http = createHttp(options);
  return { flinks: createFlinks(http), xendit: createXendit(http) };
}

export { readEvent, type EventReading, type SignedEvent } from './events.ts';
export { explain } from './explain.ts';
export { codeMeanings } from './flinks/tables.ts';
export type * from './provider.ts';
