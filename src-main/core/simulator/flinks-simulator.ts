/**
 * The simulated Flinks Pay: authorize, cancel, status and details (providers.md 1 and the pages of the cancel call).
 */
import { randomUUID } from 'node:crypto';
import { practiceAccounts, isOpen, type SimulatedSession } from './simulated-session.ts';
import type { SimulatedResponse, SimulatedRequest } from './handle-request.ts';
import { getBasicCredentials, getHeader, type HttpRequest } from './http-request.ts';
import type { ProviderState } from './provider-state.ts';
import type { RouteKind } from './faults.ts';
import { assertNever, type SessionStatus } from '../../contract/index.ts';
import type { FlinksConfig, SimulatorConfig } from './config.ts';

const wireStatuses: Record<Exclude<SessionStatus, 'cancelled'>, readonly [string, string | null]> = {
  active: ['Initiated', 'EFT0101'],
  in_progress: ['InProgress', null],
  completed: ['Completed', 'EFT0301'],
  completed_unfinished: ['Completed', 'EFT0302'],
  failed: ['Failed', 'EFT0401'],
  expired: ['Expired', 'EFT0601'],
  // Not documented: a client must not treat it as a final status.
  unknown: ['UnderReview', 'EFT0999'],
};
const account = practiceAccounts.flinks;
const failureCodes = ['EFT0401', 'EFT0402', 'EFT0403', 'EFT0404'];

function statusFields(
  session: SimulatedSession,
  config: FlinksConfig,
): { status: string; statusDetails?: string | null } {
  const [status, defaultCode] =
    session.state === 'cancelled' ? [config.cancelledSpelling, 'EFT0501'] : wireStatuses[session.state];
  if (session.product === 'e_transfer')
    return config.includesETransferDetails ? { status, statusDetails: null } : { status };
  // The failure code depends only on the session ID.
  const statusDetails =
    session.state === 'failed'
      ? (failureCodes[Number.parseInt(session.id.slice(0, 1), 16) % 4] ?? defaultCode)
      : defaultCode;
  return { status, statusDetails };
}

type BodyBuilder = (session: SimulatedSession, config: FlinksConfig) => Record<string, unknown>;

export const buildCancelBody: BodyBuilder = (session, config) => ({
  sessionId: session.id,
  referenceId: session.reference,
  ...statusFields(session, config),
});

export const buildStatusBody: BodyBuilder = (session, config) => ({
  sessionId: session.id,
  referenceId: session.reference,
  amount: Number(session.amount),
  ...statusFields(session, config),
});

/** With payor data, as in the real response, so that tests can prove that none of it is stored. */
export const buildDetailsBody: BodyBuilder = (session, config) => {
  const isETransfer = session.product === 'e_transfer';
  const current = session.state === 'active' ? 'BankSelection' : 'Complete';
  return {
    ...buildStatusBody(session, config),
    step: { current, aggregationRequestId: null, padId: null },
    type: isETransfer ? 'e-Transfer' : 'EFT',
    direction: 'DEBIT',
    currency: session.currency,
    options: {
      guarantee: { enable: session.product === 'geft' },
      notificationPreferences: { language: 'en', sendInteracLink: isETransfer },
    },
    payor: {
      firstName: 'Payor-First',
      lastName: 'Payor-Last',
      email: 'payor@example.com',
      address: { line1: '1 Payor Street', city: 'Montréal', province: 'QC', postalCode: 'H2X 1Y4', country: 'CA' },
      account: { institution: '999', transit: '00099', number: '0000999' },
    },
    payee: null,
    guaranteeDetails: null,
    userDetails: null,
    schedule: isETransfer ? { transactions: [{ status: 'Processed', amount: Number(session.amount) }] } : null,
    // Seven fractional digits, as in the reference sample.
    createdAt: session.createdAt.replace('Z', '1783Z'),
  };
};

/** HTTP status and texts of both error formats. The first three are documented, the others are assumed. */
const errorResponses = {
  final: [400, 'Bad Request', 'invalid_request', (id: string) => `Session ${id} cannot be Cancelled`],
  unauthorized: [401, 'Unauthorized', 'unauthorized', () => 'Valid access token required'],
  not_found: [404, 'Not Found', 'not_found', () => `Session not found for client ${account.clientId}`],
  bad_id: [400, 'One or more validation errors occurred.', 'invalid_request', (id: string) => `'${id}' is not valid.`],
  forbidden: [403, 'Forbidden', 'forbidden', () => 'Access denied'],
  bad_grant: [400, 'Bad Request', 'unsupported_grant_type', () => 'grant_type must be client_credentials'],
  bad_client: [401, 'Unauthorized', 'invalid_client', () => 'Client authentication failed'],
  throttled: [429, 'Too Many Requests', 'too_many_requests', () => 'Too many requests'],
  server_error: [500, 'Internal Server Error', 'server_error', () => 'An unexpected failure occurred'],
} as const satisfies Record<string, readonly [number, string, string, (id: string) => string]>;
export type ErrorKind = keyof typeof errorResponses;

/** An error response in the configured format. */
export function buildError(
  kind: ErrorKind,
  id: string | null,
  errorFormat: FlinksConfig['errorFormat'],
): SimulatedResponse {
  const [status, title, error, describe] = errorResponses[kind];
  const description = describe(id ?? '');
  switch (errorFormat) {
    case 'empty':
      return { status };
    case 'html':
      return { status, headers: { 'content-type': 'text/html' }, body: `<html><body>${status} ${title}</body></html>` };
    case 'text':
      return { status, headers: { 'content-type': 'text/plain' }, body: description };
    case 'problem_details': {
      const type = 'https://tools.ietf.org/html/rfc7231#section-6.5.1';
      return { status, body: { type, title, status, detail: description, instance: null } };
    }
    case 'oauth':
      return { status, body: { error, error_description: description } };
    default:
      return assertNever(errorFormat);
  }
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export class FlinksSimulator {
  readonly #providerState: ProviderState;
  readonly #getConfig: () => SimulatorConfig;
  /** By token: when it expires, in milliseconds. */
  readonly #tokenExpiries = new Map<string, number>();
  #issuedTokens: string[] = [];

  constructor(providerState: ProviderState, config: () => SimulatorConfig) {
    this.#providerState = providerState;
    this.#getConfig = config;
  }

  /** The newest 1,000 tokens, valid or not, for tests that search for leaked tokens. */
  listIssuedTokens(): readonly string[] {
    return this.#issuedTokens;
  }

  /** The request with the responses of its route; undefined if this provider has no such route. */
  match(request: HttpRequest): SimulatedRequest | undefined {
    const { method, path } = request;
    if (method === 'POST' && path === '/api/v1/authorize') return this.#createAuthorizeRequest(request);
    const [, encodedId = '', action] = /^\/api\/v2\/sessions\/([^/]+)\/(cancel|status|details)$/.exec(path) ?? [];
    const id = decodeURIComponent(encodedId);
    switch (`${method} ${action}`) {
      case 'POST cancel':
        return this.#createSessionRequest('cancel', request, id, buildCancelBody, (requestNumber) =>
          this.#cancel(request, id, requestNumber),
        );
      case 'GET status':
        return this.#createSessionRequest('read', request, id, buildStatusBody, () => this.#read(request, id, true));
      case 'GET details':
        return this.#createSessionRequest('read', request, id, buildDetailsBody, () => this.#read(request, id, false));
      default:
        return undefined;
    }
  }

  #createSessionRequest(
    route: RouteKind,
    request: HttpRequest,
    id: string,
    buildBody: typeof buildStatusBody,
    execute: (requestNumber: number | null) => SimulatedResponse,
  ): SimulatedRequest {
    const fakeSuccess = (changes: Partial<SimulatedSession>): SimulatedResponse => {
      const session = this.#providerState.find(id);
      if (session === undefined) return this.#error('not_found', id);
      const state = route === 'cancel' ? 'cancelled' : session.state;
      return this.#success(buildBody({ ...session, state, ...changes }, this.#config));
    };
    return { ...this.#createRequest(route, request, id), execute, fakeSuccess };
  }

  /** The members that are the same for every route. */
  #createRequest(
    route: RouteKind,
    request: HttpRequest,
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

  #createAuthorizeRequest(request: HttpRequest): SimulatedRequest {
    const issueToken = (isValid: boolean): SimulatedResponse => {
      const { tokenLifetimeSeconds, includesExpiresIn } = this.#config;
      const token = randomUUID();
      this.#issuedTokens = [...this.#issuedTokens.slice(-999), token];
      if (isValid) this.#tokenExpiries.set(token, this.#providerState.now() + tokenLifetimeSeconds * 1_000);
      const body = { access_token: token, token_type: 'bearer' };
      return this.#success(includesExpiresIn ? { ...body, expires_in: tokenLifetimeSeconds } : body);
    };
    const execute = (): SimulatedResponse => {
      const form = new URLSearchParams(request.body);
      if (form.get('grant_type') !== 'client_credentials') return this.#error('bad_grant', null);
      return this.#hasValidCredentials(request, form) ? issueToken(true) : this.#error('bad_client', null);
    };
    return { ...this.#createRequest('authorize', request, null), execute, fakeSuccess: () => issueToken(false) };
  }

  #hasValidCredentials(request: HttpRequest, form: URLSearchParams): boolean {
    const { credentialsLocation } = this.#config;
    const expected = `${account.clientId}:${account.clientSecret}`;
    const inHeader = getBasicCredentials(request) === expected;
    const inForm = `${form.get('Username') ?? ''}:${form.get('Password') ?? ''}` === expected;
    return (inHeader && credentialsLocation !== 'form') || (inForm && credentialsLocation !== 'header');
  }

  #cancel(request: HttpRequest, id: string, requestNumber: number | null): SimulatedResponse {
    if (!this.#isAuthorized(request)) return this.#error('unauthorized', id);
    const session = this.#findOwnSession(id);
    if ('status' in session) return session;
    if (session.product === 'e_transfer' && !this.#config.supportsETransferCancel) return { status: 404 };
    if (!isOpen(session.state) && session.state !== 'unknown') return this.#error('final', id);
    return this.#success(
      buildCancelBody(this.#providerState.setState(session, 'cancelled', 'request', requestNumber), this.#config),
    );
  }

  #read(request: HttpRequest, id: string, isStatusCall: boolean): SimulatedResponse {
    const { statusWithoutToken } = this.#config;
    const needsNoToken = isStatusCall && statusWithoutToken === 'answered';
    if (!needsNoToken && !this.#isAuthorized(request)) {
      const hasNoCredentials = getHeader(request, 'authorization') === '' && getHeader(request, 'x-api-key') === '';
      return this.#error(
        isStatusCall && hasNoCredentials && statusWithoutToken === 'forbidden' ? 'forbidden' : 'unauthorized',
        id,
      );
    }
    const session = this.#findOwnSession(id);
    if ('status' in session) return session;
    return this.#success((isStatusCall ? buildStatusBody : buildDetailsBody)(session, this.#config));
  }

  /** The session if it belongs to this account, otherwise the error response. */
  #findOwnSession(id: string): SimulatedSession | SimulatedResponse {
    if (!uuidPattern.test(id) && this.#config.malformedIdResponse === 'bad_request') return this.#error('bad_id', id);
    const session = this.#providerState.find(id.toLowerCase());
    const isOwn = session?.connection === 'flinks' && session.account === 'practice';
    return isOwn ? session : this.#error('not_found', id);
  }

  #isAuthorized(request: HttpRequest): boolean {
    const { authMode, tokenUse } = this.#config;
    const hasApiKey =
      getHeader(request, 'x-api-key') === account.apiKey && getHeader(request, 'x-client-id') === account.clientId;
    if (hasApiKey && authMode !== 'oauth') return true;
    const token = getBearerToken(request);
    const expiresAt = this.#tokenExpiries.get(token);
    if (expiresAt === undefined || authMode === 'api_key') return false;
    if (tokenUse === 'single_use') this.#tokenExpiries.delete(token);
    return expiresAt > this.#providerState.now();
  }

  get #config() {
    return this.#getConfig().flinks;
  }

  #error(kind: ErrorKind, id: string | null): SimulatedResponse {
    return buildError(kind, id, this.#config.errorFormat);
  }

  #success(body: unknown): SimulatedResponse {
    return { status: 200, body };
  }
}

function getBearerToken(request: HttpRequest): string {
  const [scheme, token] = getHeader(request, 'authorization').split(' ', 2);
  return scheme?.toLowerCase() === 'bearer' ? (token ?? '') : '';
}
