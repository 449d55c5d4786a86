/** Response bodies of the simulated Xendit (providers.md 2.2-2.4 and 2.7, contradictions 22-30). */
import type { SessionStatus } from '../../contract/index.ts';
import { practiceAccounts } from './accounts.ts';
import type { SimulatedResponse } from './handle-request.ts';
import type { SimulatedSession } from './simulated-session.ts';
import type { XenditConfig } from './config.ts';

const wireStatuses: Record<SessionStatus, string> = {
  active: 'ACTIVE',
  in_progress: 'PENDING',
  completed: 'COMPLETED',
  completed_unfinished: 'COMPLETED',
  cancelled: 'CANCELED',
  expired: 'EXPIRED',
  // Not documented: a client must not treat them as final statuses.
  failed: 'FAILED',
  unknown: 'UNDER_REVIEW',
};

export function toWireStatus(state: SessionStatus): string {
  return wireStatuses[state];
}

const countryByCurrency: Record<string, string> = { IDR: 'ID', PHP: 'PH', THB: 'TH', VND: 'VN', MYR: 'MY', SGD: 'SG' };

/**
 * With payer data, payment link and SDK key, as in the real response, so that tests can prove that none of it is
 * stored.
 */
export function buildSessionBody(session: SimulatedSession, config: XenditConfig): Record<string, unknown> {
  const digits = session.id.slice(-24);
  return {
    payment_session_id: session.id,
    created: session.createdAt,
    updated: session.changedAt,
    reference_id: session.reference,
    customer_id: `cust-00000000-0000-4000-8000-${digits.slice(-12)}`,
    customer: {
      reference_id: `payer-${digits.slice(-12)}`,
      individual_detail: { given_names: 'Payer-Given' },
      email: 'payer@example.com',
    },
    session_type: 'PAY',
    currency: session.currency,
    amount: config.amountType === 'string' ? session.amount : Number(session.amount),
    country: countryByCurrency[session.currency] ?? 'ID',
    mode: 'PAYMENT_LINK',
    capture_method: 'AUTOMATIC',
    channel_properties: {},
    allowed_payment_channels: ['OVO', 'DANA', 'CARDS'],
    expires_at: session.expiresAt,
    locale: 'en',
    description: `Payment for ${session.reference ?? 'your order'}`,
    success_return_url: 'https://shop.example.com/paid/example_item=my_item',
    cancel_return_url: 'https://shop.example.com/left/example_item=my_item',
    items: null,
    metadata: { payer_note: 'Payer-Note' },
    status: toWireStatus(session.state),
    payment_link_url: `https://dev.xen.to/${digits.slice(0, 8)}`,
    payment_token_id: null,
    payment_request_id: session.paymentRequestId,
    payment_id: session.state === 'completed' ? `py-${digits}` : null,
    business_id: session.subAccount ?? practiceAccounts.xendit.businessId,
    components_sdk_key: `practice-sdk-key-${digits}`,
  };
}

const serverErrorMessage = 'Something unexpected happened. We are investigating this issue. Please try again later.';
const errorResponses = {
  unauthorized: [401, 'INVALID_API_KEY', () => 'API key is not authorized for this API'],
  not_found: [404, 'NOT_FOUND', () => 'Session not found'],
  not_active: [422, 'INVALID_SESSION_STATUS', (status: string) => `Session status is ${status}, expecting ACTIVE`],
  server_error: [500, 'SERVER_ERROR', () => serverErrorMessage],
  // Documented on other pages than the one of the cancel call.
  throttled: [429, 'RATE_LIMIT_EXCEEDED', () => 'Too many requests. Please slow down.'],
  forbidden: [403, 'REQUEST_FORBIDDEN_ERROR', () => 'The API key is forbidden to perform this request.'],
  ip_not_allowed: [
    403,
    'UNAUTHORIZED_SENDER_IP',
    (address: string) => `Request from IP address ${address} is not allowed`,
  ],
} as const satisfies Record<string, readonly [number, string, (detail: string) => string]>;

/** An error response. `detail` is part of the message: the status of the session, or the IP address of the client. */
export function buildError(kind: keyof typeof errorResponses, detail = ''): SimulatedResponse {
  const [status, error_code, message] = errorResponses[kind];
  return { status, body: { error_code, message: message(detail) } };
}
