/** The simulated Xendit Payment Sessions: cancel and get (providers.md 2 and the reference page of the cancel call). */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { practiceAccounts } from './accounts.ts';
import { getBasicCredentials, getHeader } from './request-headers.ts';
import type { SimulatedResponse } from './handle-request.ts';
import type { SimulatedSession } from './simulated-session.ts';
import type { ServerContext } from './server-context.ts';
import { SlidingWindow } from './sliding-window.ts';
import type { RateLimitResult } from './sliding-window.ts';
import { buildError, buildSessionBody, toWireStatus } from './xendit-responses.ts';

type Route = 'cancel' | 'read';

export class XenditSimulator {
  readonly #context: ServerContext;
  /** One window for each endpoint and account (providers.md 2.5). */
  readonly #windows = new Map<string, SlidingWindow>();

  constructor(context: ServerContext) {
    this.#context = context;
  }

  registerRoutes(): void {
    const { app } = this.#context;
    type WithId = { Params: { id: string } };
    app.post<WithId>('/sessions/:id/cancel', (request, reply) => {
      return this.#handle('cancel', request, reply, request.params.id);
    });
    app.get<WithId>('/sessions/:id', (request, reply) => this.#handle('read', request, reply, request.params.id));
  }

  #handle(route: Route, request: FastifyRequest, reply: FastifyReply, id: string): Promise<FastifyReply> {
    const fakeSuccess = (changes: Partial<SimulatedSession>): SimulatedResponse => {
      const session = this.#context.providerState.find(id);
      if (session === undefined) return buildError('not_found');
      const state = route === 'cancel' ? 'cancelled' : session.state;
      return this.#success({ ...session, state, ...changes });
    };
    return this.#context.handle(
      {
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
      },
      request,
      reply,
    );
  }

  #respond(route: Route, request: FastifyRequest, id: string, requestNumber: number | null): SimulatedResponse {
    const { rejection, maxRequestsPerMinute } = this.#context.config().xendit;
    // The colon is part of the credentials: a key without it is refused (providers.md 2.1).
    if (getBasicCredentials(request) !== `${practiceAccounts.xendit.secretKey}:`) return buildError('unauthorized');
    if (rejection === 'ip_not_allowed') return buildError('ip_not_allowed', request.ip);
    if (rejection === 'read_only_key' && route === 'cancel') return buildError('forbidden');
    const subAccount = getHeader(request, 'for-user-id') || null;
    const rateLimitResult = this.#getWindow(`${route} ${subAccount ?? ''}`).tryAcquire(
      this.#context.providerState.now(),
      maxRequestsPerMinute,
    );
    const response = rateLimitResult.isAllowed
      ? this.#process(route, id, subAccount, requestNumber)
      : buildError('throttled');
    return { ...response, headers: { ...response.headers, ...rateLimitHeaders(rateLimitResult) } };
  }

  #process(route: Route, id: string, subAccount: string | null, requestNumber: number | null): SimulatedResponse {
    const session = this.#context.providerState.find(id);
    const isOwn = session?.connection === 'xendit' && session.account === 'practice';
    if (!isOwn || session.subAccount !== subAccount) return buildError('not_found');
    if (route === 'read') return this.#success(session);
    if (session.state !== 'active') return buildError('not_active', toWireStatus(session.state));
    return this.#success(this.#context.providerState.setState(session, 'cancelled', 'request', requestNumber));
  }

  #throttled(waitSeconds: number): SimulatedResponse {
    const limit = this.#context.config().xendit.maxRequestsPerMinute;
    const headers = rateLimitHeaders({ isAllowed: false, limit, remaining: 0, resetSeconds: waitSeconds });
    return { ...buildError('throttled'), headers };
  }

  #getWindow(key: string): SlidingWindow {
    const window = this.#windows.get(key) ?? new SlidingWindow(60_000);
    this.#windows.set(key, window);
    return window;
  }

  #success(session: SimulatedSession): SimulatedResponse {
    return { status: 200, body: buildSessionBody(session, this.#context.config().xendit) };
  }
}

function rateLimitHeaders({ limit, remaining, resetSeconds }: RateLimitResult): Record<string, string> {
  return {
    'rate-limit-limit': String(limit),
    'rate-limit-remaining': String(remaining),
    'rate-limit-reset': resetSeconds.toFixed(2),
  };
}
