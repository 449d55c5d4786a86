/** The simulated Flinks Pay: authorize, cancel, status and details (providers.md 1, pages of the cancel call). */
import { randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { practiceAccounts } from './accounts.ts';
import type { SimulatedResponse, SimulatedRequest } from './handle-request.ts';
import { buildCancelBody, buildDetailsBody, buildError, buildStatusBody } from './flinks-responses.ts';
import type { ErrorKind } from './flinks-responses.ts';
import type { RouteKind } from './faults.ts';
import { isOpen } from './simulated-session.ts';
import type { SimulatedSession } from './simulated-session.ts';
import type { ServerContext } from './server-context.ts';
import { getBasicCredentials, getHeader } from './request-headers.ts';

const account = practiceAccounts.flinks;
const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export class FlinksSimulator {
  readonly #context: ServerContext;
  /** Token to the time it ends at, in milliseconds. */
  readonly #tokenExpiries = new Map<string, number>();
  #issuedTokens: string[] = [];

  constructor(context: ServerContext) {
    this.#context = context;
  }

  /** The newest 1,000 tokens, good or not: for a test that looks for them where none may be. */
  listIssuedTokens(): readonly string[] {
    return this.#issuedTokens;
  }

  registerRoutes(): void {
    const { app } = this.#context;
    type WithId = { Params: { id: string } };
    app.post('/api/v1/authorize', (request, reply) => this.#authorize(request, reply));
    app.post<WithId>('/api/v2/sessions/:id/cancel', (request, reply) => {
      const { id } = request.params;
      return this.#handle('cancel', request, reply, id, buildCancelBody, (number) => this.#cancel(request, id, number));
    });
    app.get<WithId>('/api/v2/sessions/:id/status', (request, reply) => {
      const { id } = request.params;
      return this.#handle('read', request, reply, id, buildStatusBody, () => this.#read(request, id, true));
    });
    app.get<WithId>('/api/v2/sessions/:id/details', (request, reply) => {
      const { id } = request.params;
      return this.#handle('read', request, reply, id, buildDetailsBody, () => this.#read(request, id, false));
    });
  }

  #handle(
    route: RouteKind,
    request: FastifyRequest,
    reply: FastifyReply,
    id: string,
    body: typeof buildStatusBody,
    execute: (number: number | null) => SimulatedResponse,
  ): Promise<FastifyReply> {
    const fakeSuccess = (change: Partial<SimulatedSession>): SimulatedResponse => {
      const session = this.#context.providerState.find(id);
      if (session === undefined) return this.#error('not_found', id);
      const state = route === 'cancel' ? 'cancelled' : session.state;
      return this.#success(body({ ...session, state, ...change }, this.#config));
    };
    return this.#context.handle({ ...this.#createRequest(route, request, id), execute, fakeSuccess }, request, reply);
  }

  /** What is the same for every route. */
  #createRequest(
    route: RouteKind,
    request: FastifyRequest,
    id: string | null,
  ): Omit<SimulatedRequest, 'execute' | 'fakeSuccess'> {
    return {
      provider: 'flinks',
      route,
      id,
      path: request.url,
      revokeToken: () => this.#tokenExpiries.delete(getBearerToken(request)),
      unauthorized: () => this.#error('unauthorized', id),
      throttled: (waitSeconds) => ({
        ...this.#error('throttled', id),
        headers: waitSeconds === undefined ? {} : { 'retry-after': String(Math.ceil(waitSeconds)) },
      }),
      serverError: () => this.#error('server_error', id),
    };
  }

  #authorize(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const issue = (real: boolean): SimulatedResponse => {
      const { tokenLifetimeSeconds, includesExpiresIn } = this.#config;
      const token = randomUUID();
      this.#issuedTokens = [...this.#issuedTokens.slice(-999), token];
      if (real) this.#tokenExpiries.set(token, this.#context.providerState.now() + tokenLifetimeSeconds * 1_000);
      const told = { access_token: token, token_type: 'bearer' };
      return this.#success(includesExpiresIn ? { ...told, expires_in: tokenLifetimeSeconds } : told);
    };
    const execute = (): SimulatedResponse => {
      const form = new URLSearchParams(typeof request.body === 'string' ? request.body : '');
      if (form.get('grant_type') !== 'client_credentials') return this.#error('bad_grant', null);
      return this.#hasValidCredentials(request, form) ? issue(true) : this.#error('bad_client', null);
    };
    const simulatedRequest = this.#createRequest('authorize', request, null);
    return this.#context.handle({ ...simulatedRequest, execute, fakeSuccess: () => issue(false) }, request, reply);
  }

  #hasValidCredentials(request: FastifyRequest, form: URLSearchParams): boolean {
    const { credentialsLocation } = this.#config;
    const right = `${account.clientId}:${account.clientSecret}`;
    const inHeader = getBasicCredentials(request) === right;
    const inForm = `${form.get('Username') ?? ''}:${form.get('Password') ?? ''}` === right;
    return (inHeader && credentialsLocation !== 'form') || (inForm && credentialsLocation !== 'header');
  }

  #cancel(request: FastifyRequest, id: string, number: number | null): SimulatedResponse {
    if (!this.#isAuthorized(request)) return this.#error('unauthorized', id);
    const session = this.#findOwnSession(id);
    if ('status' in session) return session;
    if (session.product === 'e_transfer' && !this.#config.supportsETransferCancel) return { status: 404 };
    if (!isOpen(session.state) && session.state !== 'unknown') return this.#error('final', id);
    return this.#success(
      buildCancelBody(this.#context.providerState.setState(session, 'cancelled', 'request', number), this.#config),
    );
  }

  #read(request: FastifyRequest, id: string, status: boolean): SimulatedResponse {
    const { statusWithoutToken } = this.#config;
    const mayBeBare = status && statusWithoutToken === 'answered';
    if (!mayBeBare && !this.#isAuthorized(request)) {
      const bare = getHeader(request, 'authorization') === '' && getHeader(request, 'x-api-key') === '';
      return this.#error(status && bare && statusWithoutToken === 'forbidden' ? 'forbidden' : 'unauthorized', id);
    }
    const session = this.#findOwnSession(id);
    if ('status' in session) return session;
    return this.#success((status ? buildStatusBody : buildDetailsBody)(session, this.#config));
  }

  /** The session, if it is this account's; else the answer that says no. */
  #findOwnSession(id: string): SimulatedSession | SimulatedResponse {
    if (!uuidPattern.test(id) && this.#config.malformedIdResponse === 'bad_request') return this.#error('bad_id', id);
    const session = this.#context.providerState.find(id.toLowerCase());
    const own = session?.connection === 'flinks' && session.account === 'practice';
    return own ? session : this.#error('not_found', id);
  }

  #isAuthorized(request: FastifyRequest): boolean {
    const { authMode, tokenUse } = this.#config;
    const keyed =
      getHeader(request, 'x-api-key') === account.apiKey && getHeader(request, 'x-client-id') === account.clientId;
    if (keyed && authMode !== 'oauth') return true;
    const token = getBearerToken(request);
    const endsAt = this.#tokenExpiries.get(token);
    if (endsAt === undefined || authMode === 'api_key') return false;
    if (tokenUse === 'single_use') this.#tokenExpiries.delete(token);
    return endsAt > this.#context.providerState.now();
  }

  get #config() {
    return this.#context.config().flinks;
  }

  #error(kind: ErrorKind, id: string | null): SimulatedResponse {
    return buildError(kind, id, this.#config.errorFormat);
  }

  #success(body: unknown): SimulatedResponse {
    return { status: 200, body };
  }
}

function getBearerToken(request: FastifyRequest): string {
  const [scheme, token] = getHeader(request, 'authorization').split(' ', 2);
  return scheme?.toLowerCase() === 'bearer' ? (token ?? '') : '';
}
