import type { Connection } from '../../contract.ts';

/** The host of a connection's base URL, as people name it. */
export function getBaseUrlHost({ baseUrl }: Pick<Connection, 'baseUrl'>): string {
  return URL.parse(baseUrl)?.host ?? baseUrl;
}
