import type { Connection } from '../../contract.ts';

/** The host of a connection's base URL, as people name it. */
export function hostOf({ baseUrl }: Pick<Connection, 'baseUrl'>): string {
  return URL.parse(baseUrl)?.host ?? baseUrl;
}
