/** The simulated Xendit Payment Sessions: cancel and get (providers.md 2 and the reference page of the cancel call). */
import { practiceAccounts } from './accounts.ts';
import type { SimulatorConfig } from './config.ts';
import type { SimulatedRequest, SimulatedResponse } from './handle-request.ts';
import { getBasicCredentials, getHeader, type HttpRequest } from './http-request.ts';
import type { ProviderState } from './provider-state.ts';
import type { SimulatedSession } from './simulated-session.ts';
import { SlidingWindow } from './sliding-window.ts';
import type { RateLimitResult } from './sliding-window.ts';
import { buildError, buildSessionBody, toWireStatus } from './xendit-responses.ts';

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
    if (session.state !== 'active') return buildError('not_active', toWireStatus(session.state));
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
