import type { Connection } from '../../contract.ts';

/** The host of a connection's base URL, or the URL itself if it cannot be parsed. */
export function getBaseUrlHost({ baseUrl }: Pick<Connection, 'baseUrl'>): string {
  return URL.parse(baseUrl)?.host ?? baseUrl;
}
