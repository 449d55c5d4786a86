import type { Product, ProviderName, SessionStatus } from '../../contract/index.ts';

/** The two practice accounts. All values are invented and recognizable as such; only the simulator accepts them. */
export const practiceAccounts = {
  flinks: {
    name: 'Flinks Canada (practice)',
    clientId: 'practice-client',
    /** The secret of a connection in `oauth` mode. */
    clientSecret: 'practice-secret-not-real',
    /** The secret of a connection in `api_key` mode. */
    apiKey: 'practice-api-key-not-real',
  },
  xendit: {
    name: 'Xendit Indonesia (practice)',
    secretKey: 'xnd_development_practice_not_a_real_key',
    businessId: '6611aa00bb22cc33dd44ee55',
    /** A xenPlatform sub-account: its sessions are found only with the header `for-user-id`. */
    subAccount: '6622bb11cc33dd44ee55ff66',
  },
} as const;

/** A session in the merchant's own list, which the app imports. */
export interface MerchantSession {
  readonly connection: ProviderName;
  readonly product: Product;
  readonly id: string;
  readonly reference: string | null;
  /** Decimal text in units of the currency. */
  readonly amount: string;
  readonly currency: string;
  /** The status in the list. The state at the provider may differ. */
  readonly listedStatus: SessionStatus;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** ISO 8601, UTC; null for Flinks, which does not report it (providers.md 1.5). */
  readonly expiresAt: string | null;
  /** The xenPlatform sub-account at Xendit, otherwise null. */
  readonly subAccount: string | null;
}

/** A session at the simulated provider. Immutable: a change creates a new object. */
export interface SimulatedSession extends MerchantSession {
  /** A session of another account is reported as not found. */
  readonly account: 'practice' | 'other';
  /** The real state. `unknown` is reported with an undocumented status. */
  readonly state: SessionStatus;
  /** When it expires, ISO 8601. At Flinks the window is agreed at onboarding and not reported. */
  readonly endsAt: string;
  /** When its state last changed, ISO 8601. */
  readonly changedAt: string;
  /** At Xendit: set when a payment has started. */
  readonly paymentRequestId: string | null;
}

/** The members that the merchant's list contains. */
export function toMerchantSession(session: SimulatedSession): MerchantSession {
  const { connection, product, id, reference, amount, currency, listedStatus } = session;
  const { createdAt, expiresAt, subAccount } = session;
  return { connection, product, id, reference, amount, currency, listedStatus, createdAt, expiresAt, subAccount };
}

/** Whether the payer or the expiry can still change the state. */
export function isOpen(state: SessionStatus): boolean {
  return state === 'active' || state === 'in_progress';
}
