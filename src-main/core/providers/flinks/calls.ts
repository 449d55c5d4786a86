/** Flinks Pay's calls with their credentials: both auth modes, tokens, the repeat after a 401 (providers.md 1.3). */
import type { FlinksOptions } from '../../../contract/index.ts';
import { successBody, wordsOf, type ErrorWords, type Setback } from '../result-mapping.ts';
import type { Exchange } from '../http-exchange.ts';
import type { Http } from '../http.ts';
import type { Account } from '../provider.ts';
import { errorWords } from './session.ts';
import { authorize, authorizeSetback, type Authorized, type Token } from './token.ts';

/** What is remembered of a connection. A question keeps the one it began with, so a forgotten one takes nothing in. */
export interface Memory {
  token: Token | null;
  statusNeedsToken: boolean;
}

/** One question to the provider while it is being asked. */
export interface Question {
  readonly account: Account;
  readonly options: FlinksOptions;
  readonly memory: Memory;
  readonly signal: AbortSignal;
  /** On the clock of `performance.now()`. */
  readonly startedAt: number;
  /** Texts that must appear nowhere; grows by each token. */
  readonly hide: string[];
}

export interface Outcome {
  readonly exchange: Exchange;
  readonly words: ErrorWords;
  /** Why the question itself was never sent; null where it was. */
  readonly denied: Setback | null;
}

type Method = 'GET' | 'POST';

/** A status without a token first, so that none is spent (contradiction 7), and with one where the provider insists. */
export async function sendStatus(http: Http, question: Question, path: string): Promise<Outcome> {
  const { options, memory } = question;
  if (options.authMode === 'api_key' || memory.statusNeedsToken) return sendAuthorized(http, question, 'GET', path);
  const open = await send(http, question, 'GET', path, null);
  if (!isStatus(open, 401) && !isStatus(open, 403)) return open;
  const authorized = await sendAuthorized(http, question, 'GET', path);
  if (authorized.denied === null && successBody(authorized.exchange) !== null) memory.statusNeedsToken = true;
  return authorized;
}

/** With credentials. A 401 proves that nothing was done: the token is dropped, another obtained, the call repeated. */
export async function sendAuthorized(http: Http, question: Question, method: Method, path: string): Promise<Outcome> {
  if (question.options.authMode === 'api_key') return send(http, question, method, path, null);
  let token = rememberedToken(question);
  if (token === null) {
    const authorized = await obtainToken(http, question);
    if (authorized.token === null) return { ...authorized, denied: authorizeSetback(authorized) };
    token = authorized.token;
  }
  const outcome = await send(http, question, method, path, token);
  if (!isStatus(outcome, 401)) return outcome;
  question.memory.token = null;
  const again = await obtainToken(http, question);
  return again.token === null ? outcome : send(http, question, method, path, again.token);
}

export async function obtainToken(http: Http, question: Question): Promise<Authorized> {
  const authorized = await authorize(http, question.account, question.options, question.signal);
  if (authorized.token !== null) {
    question.hide.push(authorized.token.value);
    if (question.options.reuseToken) question.memory.token = authorized.token;
  }
  return authorized;
}

function rememberedToken({ options, memory: { token }, hide }: Question): Token | null {
  if (!options.reuseToken || token === null || performance.now() >= token.goodUntil) return null;
  hide.push(token.value);
  return token;
}

async function send(
  http: Http,
  question: Question,
  method: Method,
  path: string,
  token: Token | null,
): Promise<Outcome> {
  const { account, options, signal } = question;
  const exchange = await http.exchange({
    connectionId: account.connectionId,
    baseUrl: account.baseUrl,
    method,
    path,
    headers: {
      ...(token !== null && { authorization: `Bearer ${token.value}` }),
      ...(options.authMode === 'api_key' && { 'x-api-key': account.secret }),
      ...((options.authMode === 'api_key' || options.sendClientId) && { 'x-client-id': options.clientId }),
    },
    signal,
  });
  return { exchange, words: wordsOf(exchange, errorWords), denied: null };
}

function isStatus({ exchange }: Outcome, httpStatus: number): boolean {
  return exchange.class === 'answered' && exchange.httpStatus === httpStatus;
}
