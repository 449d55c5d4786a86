/** When a session runs out: as its provider told it, or as its connection's session window lets it be estimated. */
import type { Connection, Session } from '../contract.ts';
import { isFinal } from './session-utils.ts';

export interface SessionExpiry {
  readonly expiresAt: string;
  /** Nobody told it: the session may run out earlier or later, and only a look at the provider tells. */
  readonly isEstimated: boolean;
}

/** null where nothing is known, or the session has ended. */
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
