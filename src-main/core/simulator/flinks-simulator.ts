/** The simulated Flinks Pay: authorize, cancel, status and details (providers.md 1, pages of the cancel call). */
import { randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { practiceAccounts } from './accounts.ts';
import type { Answer, Question } from './handle-request.ts';
import { cancelBody, detailsBody, problem, statusBody } from './flinks-responses.ts';
import type { ProblemKind } from './flinks-responses.ts';
import type { RouteKind } from './faults.ts';
import { isOpen } from './simulated-session.ts';
import type { SimulatedSession } from './simulated-session.ts';
import type { Stage } from './server-context.ts';
import { basicCredentials, headerText } from './request-headers.ts';

const account = practiceAccounts.flinks;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export class FlinksPay {
  readonly #stage: Stage;
  /** Token to the time it ends at, in milliseconds. */
  readonly #tokens = new Map<string, number>();
  #issued: string[] = [];

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** The newest 1,000 tokens, good or not: for a test that looks for them where none may be. */
  issuedTokens(): readonly string[] {
    return this.#issued;
  }

  register(): void {
    const { app } = this.#stage;
    type WithId = { Params: { id: string } };
    app.post('/api/v1/authorize', (request, reply) => this.#authorize(request, reply));
    app.post<WithId>('/api/v2/sessions/:id/cancel', (request, reply) => {
      const { id } = request.params;
      return this.#ask('cancel', request, reply, id, cancelBody, (number) => this.#cancel(request, id, number));
    });
    app.get<WithId>('/api/v2/sessions/:id/status', (request, reply) => {
      const { id } = request.params;
      return this.#ask('read', request, reply, id, statusBody, () => this.#read(request, id, true));
    });
    app.get<WithId>('/api/v2/sessions/:id/details', (request, reply) => {
      const { id } = request.params;
      return this.#ask('read', request, reply, id, detailsBody, () => this.#read(request, id, false));
    });
  }

  #ask(
    route: RouteKind,
    request: FastifyRequest,
    reply: FastifyReply,
    id: string,
    body: typeof statusBody,
    answer: (number: number | null) => Answer,
  ): Promise<FastifyReply> {
    const pretend = (change: Partial<SimulatedSession>): Answer => {
      const session = this.#stage.bank.find(id);
      if (session === undefined) return this.#problem('not_found', id);
      const state = route === 'cancel' ? 'cancelled' : session.state;
      return this.#success(body({ ...session, state, ...change }, this.#switches));
    };
    return this.#stage.exchange({ ...this.#question(route, request, id), answer, pretend }, request, reply);
  }

  /** What is the same for every route. */
  #question(route: RouteKind, request: FastifyRequest, id: string | null): Omit<Question, 'answer' | 'pretend'> {
    return {
      provider: 'flinks',
      route,
      id,
      path: request.url,
      endToken: () => this.#tokens.delete(bearer(request)),
      unauthorized: () => this.#problem('unauthorized', id),
      throttled: (waitSeconds) => ({
        ...this.#problem('throttled', id),
        headers: waitSeconds === undefined ? {} : { 'retry-after': String(Math.ceil(waitSeconds)) },
      }),
      failure: () => this.#problem('server_error', id),
    };
  }

  #authorize(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const issue = (real: boolean): Answer => {
      const { tokenLifeSeconds, tellsTokenLife } = this.#switches;
      const token = randomUUID();
      this.#issued = [...this.#issued.slice(-999), token];
      if (real) this.#tokens.set(token, this.#stage.bank.now() + tokenLifeSeconds * 1_000);
      const told = { access_token: token, token_type: 'bearer' };
      return this.#success(tellsTokenLife ? { ...told, expires_in: tokenLifeSeconds } : told);
    };
    const answer = (): Answer => {
      const form = new URLSearchParams(typeof request.body === 'string' ? request.body : '');
      if (form.get('grant_type') !== 'client_credentials') return this.#problem('bad_grant', null);
      return this.#credentialsMatch(request, form) ? issue(true) : this.#problem('bad_client', null);
    };
    const question = this.#question('authorize', request, null);
    return this.#stage.exchange({ ...question, answer, pretend: () => issue(false) }, request, reply);
  }

  #credentialsMatch(request: FastifyRequest, form: URLSearchParams): boolean {
    const { credentialsIn } = this.#switches;
    const right = `${account.clientId}:${account.clientSecret}`;
    const inHeader = basicCredentials(request) === right;
    const inForm = `${form.get('Username') ?? ''}:${form.get('Password') ?? ''}` === right;
    return (inHeader && credentialsIn !== 'form') || (inForm && credentialsIn !== 'header');
  }

  #cancel(request: FastifyRequest, id: string, number: number | null): Answer {
    if (!this.#authorised(request)) return this.#problem('unauthorized', id);
    const session = this.#own(id);
    if ('status' in session) return session;
    if (session.product === 'e_transfer' && !this.#switches.eTransferCancel) return { status: 404 };
    if (!isOpen(session.state) && session.state !== 'unknown') return this.#problem('final', id);
    return this.#success(cancelBody(this.#stage.bank.change(session, 'cancelled', 'request', number), this.#switches));
  }

  #read(request: FastifyRequest, id: string, status: boolean): Answer {
    const { statusWithoutToken } = this.#switches;
    const mayBeBare = status && statusWithoutToken === 'answered';
    if (!mayBeBare && !this.#authorised(request)) {
      const bare = headerText(request, 'authorization') === '' && headerText(request, 'x-api-key') === '';
      return this.#problem(status && bare && statusWithoutToken === 'forbidden' ? 'forbidden' : 'unauthorized', id);
    }
    const session = this.#own(id);
    if ('status' in session) return session;
    return this.#success((status ? statusBody : detailsBody)(session, this.#switches));
  }

  /** The session, if it is this account's; else the answer that says no. */
  #own(id: string): SimulatedSession | Answer {
    if (!uuid.test(id) && this.#switches.malformedId === 'bad_request') return this.#problem('bad_id', id);
    const session = this.#stage.bank.find(id.toLowerCase());
    const own = session?.connection === 'flinks' && session.account === 'practice';
    return own ? session : this.#problem('not_found', id);
  }

  #authorised(request: FastifyRequest): boolean {
    const { authMode, tokens } = this.#switches;
    const keyed =
      headerText(request, 'x-api-key') === account.apiKey && headerText(request, 'x-client-id') === account.clientId;
    if (keyed && authMode !== 'oauth') return true;
    const token = bearer(request);
    const endsAt = this.#tokens.get(token);
    if (endsAt === undefined || authMode === 'api_key') return false;
    if (tokens === 'single_use') this.#tokens.delete(token);
    return endsAt > this.#stage.bank.now();
  }

  get #switches() {
    return this.#stage.switches().flinks;
  }

  #problem(kind: ProblemKind, id: string | null): Answer {
    return problem(kind, id, this.#switches.errors);
  }

  #success(body: unknown): Answer {
    return { status: 200, body };
  }
}

function bearer(request: FastifyRequest): string {
  const [scheme, token] = headerText(request, 'authorization').split(' ', 2);
  return scheme?.toLowerCase() === 'bearer' ? (token ?? '') : '';
}
