/** The simulated Xendit Payment Sessions: cancel and get (providers.md 2 and the reference page of the cancel call). */
import { practiceAccounts, type SimulatedSession } from './simulated-session.ts';
import type { SimulatedRequest, SimulatedResponse } from './handle-request.ts';
import { getBasicCredentials, getHeader, type HttpRequest } from './http-request.ts';
import type { ProviderState } from './provider-state.ts';
import type { SessionStatus } from '../../contract/index.ts';
import type { SimulatorConfig, XenditConfig } from './config.ts';

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
    status: wireStatuses[session.state],
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

type Route = 'cancel' | 'read';

export class XenditSimulator {
  readonly #providerState: ProviderState;
  readonly #config: () => SimulatorConfig['xendit'];
  /** One window for each endpoint and account (providers.md 2.5). */
  readonly #windows = new Map<string, SlidingWindow>();

  constructor(providerState: ProviderState, config: () => SimulatorConfig) {
    this.#providerState = providerState;
    this.#config = () => config().xendit;
  }

  /** The request with the responses of its route; undefined if this provider has no such route. */
  match(request: HttpRequest): SimulatedRequest | undefined {
    const [, encodedId, action] = /^\/sessions\/([^/]+)(\/cancel)?$/.exec(request.path) ?? [];
    const route = action === undefined ? 'read' : 'cancel';
    if (encodedId === undefined || request.method !== (route === 'read' ? 'GET' : 'POST')) return undefined;
    const id = decodeURIComponent(encodedId);
    const fakeSuccess = (changes: Partial<SimulatedSession>): SimulatedResponse => {
      const session = this.#providerState.find(id);
      if (session === undefined) return buildError('not_found');
      const state = route === 'cancel' ? 'cancelled' : session.state;
      return this.#success({ ...session, state, ...changes });
    };
    return {
      provider: 'xendit',
      route,
      id,
      path: request.url,
      execute: (requestNumber) => this.#respond(route, request, id, requestNumber),
      fakeSuccess,
      revokeToken: () => false,
      unauthorized: () => buildError('unauthorized'),
      throttled: (waitSeconds) => this.#throttled(waitSeconds ?? 1.37),
      serverError: () => buildError('server_error'),
    };
  }

  #respond(route: Route, request: HttpRequest, id: string, requestNumber: number | null): SimulatedResponse {
    const { rejection, maxRequestsPerMinute } = this.#config();
    // The colon is part of the credentials: a key without it is refused (providers.md 2.1).
    if (getBasicCredentials(request) !== `${practiceAccounts.xendit.secretKey}:`) return buildError('unauthorized');
    if (rejection === 'ip_not_allowed') return buildError('ip_not_allowed', request.ip);
    if (rejection === 'read_only_key' && route === 'cancel') return buildError('forbidden');
    const subAccount = getHeader(request, 'for-user-id') || null;
    const rateLimitResult = this.#getWindow(`${route} ${subAccount ?? ''}`).tryAcquire(
      this.#providerState.now(),
      maxRequestsPerMinute,
    );
    const response = rateLimitResult.isAllowed
      ? this.#process(route, id, subAccount, requestNumber)
      : buildError('throttled');
    return { ...response, headers: { ...response.headers, ...rateLimitHeaders(rateLimitResult) } };
  }

  #process(route: Route, id: string, subAccount: string | null, requestNumber: number | null): SimulatedResponse {
    const session = this.#providerState.find(id);
    const isOwn = session?.connection === 'xendit' && session.account === 'practice';
    if (!isOwn || session.subAccount !== subAccount) return buildError('not_found');
    if (route === 'read') return this.#success(session);
    if (session.state !== 'active') return buildError('not_active', wireStatuses[session.state]);
    return this.#success(this.#providerState.setState(session, 'cancelled', 'request', requestNumber));
  }

  #throttled(waitSeconds: number): SimulatedResponse {
    const limit = this.#config().maxRequestsPerMinute;
    const headers = rateLimitHeaders({ isAllowed: false, limit, remaining: 0, resetSeconds: waitSeconds });
    return { ...buildError('throttled'), headers };
  }

  #getWindow(key: string): SlidingWindow {
    const window = this.#windows.get(key) ?? new SlidingWindow(60_000);
    this.#windows.set(key, window);
    return window;
  }

  #success(session: SimulatedSession): SimulatedResponse {
    return { status: 200, body: buildSessionBody(session, this.#config()) };
  }
}

function rateLimitHeaders({ limit, remaining, resetSeconds }: RateLimitResult): Record<string, string> {
  return {
    'rate-limit-limit': String(limit),
    'rate-limit-remaining': String(remaining),
    'rate-limit-reset': resetSeconds.toFixed(2),
  };
}

/** The result of the rate limit for one request; `resetSeconds` is fractional (providers.md 2.5). */
export interface RateLimitResult {
  readonly isAllowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until the oldest counted request is outside the window. */
  readonly resetSeconds: number;
}

/** A sliding window: allows at most `limit` requests in any period of `windowMs`. Refused requests do not count. */
export class SlidingWindow {
  readonly #windowMs: number;
  #acceptedTimes: number[] = [];

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** `now` is in milliseconds and must not decrease. The limit may change between requests. */
  tryAcquire(now: number, limit: number): RateLimitResult {
    const firstCountedIndex = this.#acceptedTimes.findIndex((time) => now - time < this.#windowMs);
    this.#acceptedTimes = firstCountedIndex < 0 ? [] : this.#acceptedTimes.slice(firstCountedIndex);
    const isAllowed = this.#acceptedTimes.length < limit;
    if (isAllowed) this.#acceptedTimes.push(now);
    const blockingTime = this.#acceptedTimes[Math.max(0, this.#acceptedTimes.length - limit)] ?? now;
    const waitMs = blockingTime + this.#windowMs - now;
    // Rounded up, so that a client that waits this long is accepted.
    const resetSeconds = Math.ceil(waitMs / 10) / 100;
    return { isAllowed, limit, remaining: Math.max(0, limit - this.#acceptedTimes.length), resetSeconds };
  }
}
