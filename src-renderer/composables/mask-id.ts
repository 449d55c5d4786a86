/** Masks the middle of a session ID: the full ID opens the customer's payment page. */
export function maskId(id: string): string {
  return id.length <= 14 ? id : `${id.slice(0, 8)}…${id.slice(-4)}`;
}
