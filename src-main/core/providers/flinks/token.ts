/** Flinks Pay's authorize (providers.md 1.3): client id and secret for a bearer token. */
import type { FlinksOptions } from '../../../contract/index.ts';
import { setbackOf, successBody, wordsOf, type ErrorWords, type Setback } from '../result-mapping.ts';
import { isHeaderValue, parseBody } from '../response-parser.ts';
import type { Exchange } from '../http-exchange.ts';
import type { Http } from '../http.ts';
import type { Account } from '../provider.ts';
import { errorWords } from './session.ts';

export interface Token {
  readonly value: string;
  /** On the clock of `performance.now()`, the margin already taken off. */
  readonly goodUntil: number;
}

/** What two pages promise at least (299 s against 599 s), where `expires_in` is missing. */
const assumedLifeSeconds = 299;
const marginSeconds = 30;

export interface Authorized {
  readonly exchange: Exchange;
  readonly words: ErrorWords;
  /** null: no token came; the exchange says why. */
  readonly token: Token | null;
}

export async function authorize(
  http: Http,
  account: Account,
  options: FlinksOptions,
  signal: AbortSignal,
): Promise<Authorized> {
  const inHeader = options.credentialsIn === 'header';
  const startedAt = performance.now();
  const exchange = await http.exchange({
    connectionId: account.connectionId,
    baseUrl: account.baseUrl,
    method: 'POST',
    path: '/api/v1/authorize',
    headers: {
      ...(inHeader && { authorization: `Basic ${basicCredential(account, options)}` }),
      ...(options.sendClientId && { 'x-client-id': options.clientId }),
    },
    form: {
      grant_type: 'client_credentials',
      ...(!inHeader && { Username: options.clientId, Password: account.secret }),
    },
    signal,
  });
  const body = successBody(exchange);
  return { exchange, token: body === null ? null : tokenFrom(body, startedAt), words: wordsOf(exchange, errorWords) };
}

export function basicCredential(account: Account, options: FlinksOptions): string {
  return Buffer.from(`${options.clientId}:${account.secret}`).toString('base64');
}

/** The token of a 200, opaque (contradiction 10); null where the body holds none that a header could carry. */
export function tokenFrom(text: string, startedAt: number): Token | null {
  const body = parseBody(text);
  const value = body?.['access_token'];
  if (typeof value !== 'string' || !isHeaderValue(value)) return null;
  const told = body?.['expires_in'];
  const life = typeof told === 'number' || typeof told === 'string' ? Number(told) : Number.NaN;
  const seconds = Number.isFinite(life) && life > 0 ? life : assumedLifeSeconds;
  return { value, goodUntil: startedAt + Math.max(0, seconds - marginSeconds) * 1_000 };
}

/** Every way an authorize can end without a token. */
type AuthorizeVerdict = Exclude<Setback, { kind: 'final' | 'not_found' }>;

/** What an authorize without a token means for the credential. */
export function authorizeVerdict({ exchange, words }: Authorized): AuthorizeVerdict {
  if (successBody(exchange) !== null) return { kind: 'unclear', cause: 'answer_unreadable' };
  if (exchange.class === 'answered') {
    const { httpStatus } = exchange;
    const namesClient = /^(invalid_client|unauthorized_client|invalid_grant)$/.test(words.code ?? '');
    const isRefusal = httpStatus === 401 || httpStatus === 403 || (httpStatus === 400 && namesClient);
    if (isRefusal) return { kind: 'refused', cause: 'unauthorized' };
  }
  const setback = setbackOf(exchange, [], words);
  switch (setback.kind) {
    case 'not_sent':
    case 'throttled':
    case 'unclear':
      return setback;
    default:
      // A 400, 404 or 405 of authorize says nothing of the credential: most likely the base URL is another's.
      return { kind: 'unclear', cause: 'status_unexpected' };
  }
}

/** The same for an operation that was to follow: it was never sent. */
export function authorizeSetback(authorized: Authorized): Setback {
  const verdict = authorizeVerdict(authorized);
  if (verdict.kind !== 'unclear') return verdict;
  const cause =
    verdict.cause === 'console_stopped'
      ? 'stopped_before_sending'
      : verdict.cause === 'redirected'
        ? 'redirected'
        : 'authorize_failed';
  return { kind: 'not_sent', cause };
}
