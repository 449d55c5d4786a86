import type { Product, ProviderName, SessionStatus } from '../../contract/index.ts';

/** A session as a merchant's own list would hold it: what the console's registry imports. */
export interface MerchantSession {
  readonly connection: ProviderName;
  readonly product: Product;
  readonly id: string;
  readonly reference: string | null;
  /** Decimal text in the currency's own units. */
  readonly amount: string;
  readonly currency: string;
  /** What the list believes; the provider may know better. */
  readonly listedStatus: SessionStatus;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** ISO 8601, UTC; null for Flinks, which tells none (providers.md 1.5). */
  readonly expiresAt: string | null;
  /** Xendit's xenPlatform sub-account, else null. */
  readonly subAccount: string | null;
}

/** A session as the simulated provider itself knows it. A snapshot: a change makes a new one. */
export interface SimulatedSession extends MerchantSession {
  /** Another account's session answers as not found. */
  readonly account: 'practice' | 'other';
  /** The truth. `unknown` is told in a word that is in no reference page. */
  readonly state: SessionStatus;
  /** When it expires by itself, ISO 8601; Flinks has a window agreed at onboarding and tells nobody. */
  readonly endsAt: string;
  /** When its state last changed, ISO 8601. */
  readonly changedAt: string;
  /** Xendit: a payment has begun. */
  readonly paymentRequestId: string | null;
}

/** The part that a merchant's list would hold. */
export function toMerchantSession(session: SimulatedSession): MerchantSession {
  const { connection, product, id, reference, amount, currency, listedStatus } = session;
  const { createdAt, expiresAt, subAccount } = session;
  return { connection, product, id, reference, amount, currency, listedStatus, createdAt, expiresAt, subAccount };
}

/** States that time or the payer can still change. */
export function isOpen(state: SessionStatus): boolean {
  return state === 'active' || state === 'in_progress';
}
