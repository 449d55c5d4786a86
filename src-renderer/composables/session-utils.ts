/** What the screen derives from a session. */
import { finalStatuses, sessionStatus } from '../contract.ts';
import type { ProviderName, Session, SessionStatus } from '../contract.ts';

export function isFinal(status: SessionStatus): boolean {
  return (finalStatuses as readonly SessionStatus[]).includes(status);
}

/** The provider is a matter of the product: `payment_session` is Xendit's, all others are Flinks Pay's. */
export function providerOf(session: Pick<Session, 'product'>): ProviderName {
  return session.product === 'payment_session' ? 'xendit' : 'flinks';
}

export function parseStatus(text: unknown): SessionStatus | null {
  return sessionStatus.safeParse(text).data ?? null;
}

const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const xenditIdPattern = /^ps-[0-9a-f]{24}$/;

/** Whether an id looks like the provider's. Only ever a warning: their own pages show ids that do not (providers.md 23). */
export function looksLikeId(id: string, provider: ProviderName): boolean {
  return (provider === 'flinks' ? uuidPattern : xenditIdPattern).test(id);
}

/** Whether what was searched for could be a whole session id of either provider. */
export function looksLikeAnyId(text: string): boolean {
  return looksLikeId(text, 'flinks') || looksLikeId(text, 'xendit');
}
