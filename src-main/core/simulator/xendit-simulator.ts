/** The simulated Xendit Payment Sessions: cancel and get (providers.md 2; reference page of the cancel call). */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { practiceAccounts } from './accounts.ts';
import { basicCredentials, headerText } from './request-headers.ts';
import type { Answer } from './handle-request.ts';
import type { SimulatedSession } from './simulated-session.ts';
import type { Stage } from './server-context.ts';
import { SlidingWindow } from './sliding-window.ts';
import type { Allowance } from './sliding-window.ts';
import { refusal, sessionBody, statusWord } from './xendit-responses.ts';

type Route = 'cancel' | 'read';

export class XenditSessions {
  readonly #stage: Stage;
  /** One window per endpoint and account (providers.md 2.5). */
  readonly #windows = new Map<string, SlidingWindow>();

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  register(): void {
    const { app } = this.#stage;
    type WithId = { Params: { id: string } };
    app.post<WithId>('/sessions/:id/cancel', (request, reply) => {
      return this.#ask('cancel', request, reply, request.params.id);
    });
    app.get<WithId>('/sessions/:id', (request, reply) => this.#ask('read', request, reply, request.params.id));
  }

  #ask(route: Route, request: FastifyRequest, reply: FastifyReply, id: string): Promise<FastifyReply> {
    const pretend = (change: Partial<SimulatedSession>): Answer => {
      const session = this.#stage.bank.find(id);
      if (session === undefined) return refusal('not_found');
      const state = route === 'cancel' ? 'cancelled' : session.state;
      return this.#success({ ...session, state, ...change });
    };
    return this.#stage.exchange(
      {
        provider: 'xendit',
        route,
        id,
        path: request.url,
        answer: (number) => this.#answer(route, request, id, number),
        pretend,
        endToken: () => false,
        unauthorized: () => refusal('unauthorized'),
        throttled: (waitSeconds) => this.#throttled(waitSeconds ?? 1.37),
        failure: () => refusal('server_error'),
      },
      request,
      reply,
    );
  }

  #answer(route: Route, request: FastifyRequest, id: string, number: number | null): Answer {
    const { refuses, limitPerMinute } = this.#stage.switches().xendit;
    // The colon is part of it: a key without one is a wrong key (providers.md 2.1).
    if (basicCredentials(request) !== `${practiceAccounts.xendit.secretKey}:`) return refusal('unauthorized');
    if (refuses === 'address') return refusal('address', request.ip);
    if (refuses === 'key_cannot_write' && route === 'cancel') return refusal('forbidden');
    const subAccount = headerText(request, 'for-user-id') || null;
    const allowance = this.#window(`${route} ${subAccount ?? ''}`).take(this.#stage.bank.now(), limitPerMinute);
    const answer = allowance.allowed ? this.#work(route, id, subAccount, number) : refusal('throttled');
    return { ...answer, headers: { ...answer.headers, ...limitHeaders(allowance) } };
  }

  #work(route: Route, id: string, subAccount: string | null, number: number | null): Answer {
    const session = this.#stage.bank.find(id);
    const known = session?.connection === 'xendit' && session.account === 'practice';
    if (!known || session.subAccount !== subAccount) return refusal('not_found');
    if (route === 'read') return this.#success(session);
    if (session.state !== 'active') return refusal('not_active', statusWord(session.state));
    return this.#success(this.#stage.bank.change(session, 'cancelled', 'request', number));
  }

  #throttled(waitSeconds: number): Answer {
    const limit = this.#stage.switches().xendit.limitPerMinute;
    const headers = limitHeaders({ allowed: false, limit, remaining: 0, resetSeconds: waitSeconds });
    return { ...refusal('throttled'), headers };
  }

  #window(key: string): SlidingWindow {
    const window = this.#windows.get(key) ?? new SlidingWindow(60_000);
    this.#windows.set(key, window);
    return window;
  }

  #success(session: SimulatedSession): Answer {
    return { status: 200, body: sessionBody(session, this.#stage.switches().xendit) };
  }
}

function limitHeaders({ limit, remaining, resetSeconds }: Allowance): Record<string, string> {
  return {
    'rate-limit-limit': String(limit),
    'rate-limit-remaining': String(remaining),
    'rate-limit-reset': resetSeconds.toFixed(2),
  };
}
