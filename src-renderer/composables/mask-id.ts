/** A session id with its middle left out: whoever holds the whole can open the payer's page. */
export function maskId(id: string): string {
  return id.length <= 14 ? id : `${id.slice(0, 8)}…${id.slice(-4)}`;
}
