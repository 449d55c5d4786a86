/** Values that the renderer derives from a session. */
import { finalStatuses } from './contract.ts';
import type { Connection, ProviderName, Session, SessionStatus } from './contract.ts';

export function isFinal(status: SessionStatus): boolean {
  return (finalStatuses as readonly SessionStatus[]).includes(status);
}

/** The provider follows from the product: `payment_session` belongs to Xendit, all others to Flinks Pay. */
export function providerOf(session: Pick<Session, 'product'>): ProviderName {
  return session.product === 'payment_session' ? 'xendit' : 'flinks';
}

const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const xenditIdPattern = /^ps-[0-9a-f]{24}$/;

/**
 * Whether an ID has the provider's usual format. For a warning only: the documents of the providers show other formats
 * (providers.md, contradiction 23).
 */
export function looksLikeId(id: string, provider: ProviderName): boolean {
  return (provider === 'flinks' ? uuidPattern : xenditIdPattern).test(id);
}

/** Whether a search text may be the full session ID of one of the providers. */
export function looksLikeAnyId(text: string): boolean {
  return looksLikeId(text, 'flinks') || looksLikeId(text, 'xendit');
}

export interface SessionExpiry {
  readonly expiresAt: string;
  /** The provider did not report it: the session may expire earlier or later. */
  readonly isEstimated: boolean;
}

/**
 * When a session expires: reported by the provider, or estimated from the connection's session window. Null if the
 * expiry is not known or the status is final.
 */
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
