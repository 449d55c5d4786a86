/** When a session expires: reported by the provider, or estimated from the connection's session window. */
import type { Connection, Session } from '../contract.ts';
import { isFinal } from './session-utils.ts';

export interface SessionExpiry {
  readonly expiresAt: string;
  /** The provider did not report it: the session may expire earlier or later. */
  readonly isEstimated: boolean;
}

/** Null if the expiry is not known or the status is final. */
export function getSessionExpiry(
  session: Pick<Session, 'status' | 'expiresAt' | 'createdAt'>,
  connection: Pick<Connection, 'options'> | undefined,
): SessionExpiry | null {
  if (isFinal(session.status)) return null;
  if (session.expiresAt !== null) return { expiresAt: session.expiresAt, isEstimated: false };
  const minutes = connection?.options.provider === 'flinks' ? connection.options.windowMinutes : null;
  if (minutes === null || session.createdAt === null) return null;
  return { expiresAt: new Date(Date.parse(session.createdAt) + minutes * 60_000).toISOString(), isEstimated: true };
}
