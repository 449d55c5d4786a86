/**
 * Flinks Pay (providers.md 1): GEFT, regular EFT and e-Transfer share one route, so the product is data. A cancel authorises first;
 * a status is asked for without a token (contradiction 7), and with one only where the provider insists.
 */
import type { FlinksOptions } from '../../contract/index.ts';
import {
  cancelAnswerFrom, evidenceOf, evidenceOfNothing, readSetback, setbackOf, successBody, wordsOf, type ErrorWords, type Setback,
} from './answers.ts';
import { isHeaderValue, pathPart } from './body.ts';
import { errorWords, readSession } from './flinks/session.ts';
import { capabilities, errors } from './flinks/tables.ts';
import { authorize, basicCredential, type Authorized, type Token } from './flinks/token.ts';
import type { Exchange, Http } from './http.ts';
import type { Account, CancelAnswer, CheckAnswer, Evidence, Provider, ReadAnswer, Target } from './provider.ts';

/** What is remembered of a connection. An operation keeps the one it began with, so a forgotten one takes nothing in. */
interface Memory {
  token: Token | null;
  statusNeedsToken: boolean;
}

/** One question to the provider while it is being asked. */
interface Question {
  readonly account: Account;
  readonly options: FlinksOptions;
  readonly memory: Memory;
  readonly signal: AbortSignal;
  readonly startedAt: number;
  /** Texts that must appear nowhere; grows by each token. */
  readonly hide: string[];
}

interface Outcome {
  readonly exchange: Exchange;
  readonly words: ErrorWords;
  /** What stood in the way before the question itself could be asked; null where it was asked. */
  readonly denied: Setback | null;
}

/** Of the right form, and no session's: credentials that are taken are answered with 404. */
const nobodysSession = '00000000-0000-0000-0000-000000000000';
const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

export function createFlinks(http: Http): Provider {
  const memories = new Map<string, Memory>();

  function begin(account: Account, signal: AbortSignal, id: string | null): Question {
    const options = optionsOf(account);
    const memory = memories.get(account.connectionId) ?? { token: null, statusNeedsToken: false };
    memories.set(account.connectionId, memory);
    const hide = [account.secret, basicCredential(account, options), encodeURIComponent(account.secret), ...(id === null ? [] : [id])];
    return { account, options, memory, signal, startedAt: performance.now(), hide };
  }

  async function send({ account, options, signal }: Question, method: 'GET' | 'POST', path: string, token: string | null): Promise<Outcome> {
    const exchange = await http.exchange({
      connectionId: account.connectionId,
      baseUrl: account.baseUrl,
      method,
      path,
      headers: {
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(options.authMode === 'api_key' && { 'x-api-key': account.secret }),
        ...((options.authMode === 'api_key' || options.sendClientId) && { 'x-client-id': options.clientId }),
      },
      signal,
    });
    return { exchange, words: wordsOf(exchange, errorWords), denied: null };
  }

  /** With credentials: a 401 drops the token, authorises once more and repeats once. A 401 proves that nothing was done. */
  async function sendAuthorized(question: Question, method: 'GET' | 'POST', path: string): Promise<Outcome> {
    const { options, memory } = question;
    if (options.authMode === 'api_key') return send(question, method, path, null);
    let token = rememberedToken(question);
    if (token === null) {
      const authorized = await obtainToken(question);
      if (authorized.token === null) return { ...authorized, denied: authorizeSetback(authorized) };
      token = authorized.token.value;
    }
    const outcome = await send(question, method, path, token);
    if (!isStatus(outcome.exchange, 401)) return outcome;
    memory.token = null;
    const again = await obtainToken(question);
    return again.token === null ? outcome : send(question, method, path, again.token.value);
  }

  async function obtainToken({ account, options, memory, signal, hide }: Question): Promise<Authorized> {
    const authorized = await authorize(http, account, options, signal);
    if (authorized.token !== null) {
      hide.push(authorized.token.value);
      if (options.reuseToken) memory.token = authorized.token;
    }
    return authorized;
  }

  async function readStatus(question: Question, path: string): Promise<Outcome> {
    const { options, memory } = question;
    if (options.authMode === 'api_key' || memory.statusNeedsToken) return sendAuthorized(question, 'GET', path);
    const open = await send(question, 'GET', path, null);
    if (!isStatus(open.exchange, 401) && !isStatus(open.exchange, 403)) return open;
    const authorized = await sendAuthorized(question, 'GET', path);
    if (authorized.denied === null && successBody(authorized.exchange) !== null) memory.statusNeedsToken = true;
    return authorized;
  }

  function readAnswer(question: Question, { exchange, words, denied }: Outcome, target: Target): ReadAnswer {
    const evidence = evidenceFor(question, exchange, words);
    if (denied !== null) return { ...readSetback(denied), evidence };
    const body = successBody(exchange);
    if (body === null) return { ...readSetback(ofProduct(setbackOf(exchange, errors, words), target, words)), evidence };
    return { ...readSession(body, target.id, question.hide), evidence };
  }

  async function readDetails(account: Account, target: Target, signal: AbortSignal): Promise<ReadAnswer> {
    const question = begin(account, signal, target.id);
    const path = sessionPath(target.id, question);
    if (path === null) return unsendable(question);
    return readAnswer(question, await sendAuthorized(question, 'GET', `${path}/details`), target);
  }

  return {
    name: 'flinks',
    capabilities,

    idWarning(id) {
      return uuid.test(id) ? null
        : 'A Flinks Pay session id is a UUID, such as 3f2b8c1e-5a4d-4e6f-9b7a-0c1d2e3f4a5b. Check that nothing was cut off or added.';
    },

    secretObjection(secret) {
      return isHeaderValue(secret) ? null
        : 'The secret has a line break or a character outside plain letters, digits and signs. Copy it again as Flinks gave it.';
    },

    async cancel(account, target, signal): Promise<CancelAnswer> {
      const question = begin(account, signal, target.id);
      if (target.product === 'e_transfer' && !question.options.eTransferCancel) {
        return { kind: 'not_sent', cause: 'endpoint_off', evidence: evidenceOfNothing(question.startedAt) };
      }
      const path = sessionPath(target.id, question);
      if (path === null) return unsendable(question);
      const { exchange, words, denied } = await sendAuthorized(question, 'POST', `${path}/cancel`);
      const evidence = evidenceFor(question, exchange, words);
      if (denied !== null) return { ...denied, evidence };
      const body = successBody(exchange);
      if (body === null) return { ...ofProduct(setbackOf(exchange, errors, words), target, words), evidence };
      return cancelAnswerFrom(readSession(body, target.id, question.hide), evidence);
    },

    async read(account, target, signal): Promise<ReadAnswer> {
      const question = begin(account, signal, target.id);
      const path = sessionPath(target.id, question);
      if (path === null) return unsendable(question);
      const answer = readAnswer(question, await readStatus(question, `${path}/status`), target);
      // The status route is not documented for e-Transfer: a bare 404 may mean that there is none (contradiction 5).
      const mayLackRoute = answer.kind === 'not_found' && answer.cause === 'endpoint_off';
      return mayLackRoute ? readDetails(account, target, signal) : answer;
    },

    readDetails,

    async check(account, signal): Promise<CheckAnswer> {
      const question = begin(account, signal, null);
      if (!isHeaderValue(question.options.clientId)) return unsendable(question);
      if (question.options.authMode === 'oauth') {
        const { exchange, words, token } = await authorize(http, account, question.options, signal);
        if (token !== null) question.hide.push(token.value);
        const evidence = evidenceFor(question, exchange, words);
        if (token !== null) return { kind: 'accepted', evidence };
        const setback = authorizeVerdict({ exchange, words, token });
        return setback.kind === 'unclear' ? { kind: 'unreadable', cause: setback.cause, evidence } : { ...setback, evidence };
      }
      const outcome = await sendAuthorized(question, 'GET', `/api/v2/sessions/${nobodysSession}/details`);
      const evidence = evidenceFor(question, outcome.exchange, outcome.words);
      const answer = readSetback(setbackOf(outcome.exchange, errors, outcome.words));
      if (answer.kind !== 'not_found') return { ...answer, evidence };
      // Any web server can say 404; Flinks says it with a body.
      return isBare(outcome.words) ? { kind: 'unreadable', cause: 'answer_unreadable', evidence } : { kind: 'accepted', evidence };
    },

    forget(connectionId) {
      memories.delete(connectionId);
      http.forget(connectionId);
    },
  };
}

function rememberedToken({ options, memory, hide }: Question): string | null {
  const { token } = memory;
  if (!options.reuseToken || token === null || performance.now() >= token.goodUntil) return null;
  hide.push(token.value);
  return token.value;
}

function isStatus(exchange: Exchange, httpStatus: number): boolean {
  return exchange.class === 'answered' && exchange.httpStatus === httpStatus;
}

function evidenceFor({ hide, startedAt }: Question, exchange: Exchange, words: ErrorWords): Evidence {
  return evidenceOf(exchange, words, hide, startedAt);
}

function unsendable({ startedAt }: Question): { kind: 'not_sent'; cause: 'request_invalid'; evidence: Evidence } {
  return { kind: 'not_sent', cause: 'request_invalid', evidence: evidenceOfNothing(startedAt) };
}

/** null where the id cannot be one part of a path, or the client id cannot be a header. */
function sessionPath(id: string, { options }: Question): string | null {
  const part = pathPart(id);
  return part === null || !isHeaderValue(options.clientId) ? null : `/api/v2/sessions/${part}`;
}

/** A 404 that says nothing, for an e-Transfer session: the endpoint may be off for this account (contradiction 5). */
function ofProduct(setback: Setback, target: Target, words: ErrorWords): Setback {
  const mayBeOff = setback.kind === 'not_found' && target.product === 'e_transfer' && isBare(words);
  return mayBeOff ? { kind: 'not_found', cause: 'endpoint_off' } : setback;
}

function isBare({ code, message }: ErrorWords): boolean {
  return code === null && message === null;
}

type AuthorizeVerdict = Exclude<Setback, { kind: 'final' | 'not_found' }>;

/** What an authorize without a token means for the credential. */
function authorizeVerdict({ exchange, words }: Authorized): AuthorizeVerdict {
  if (successBody(exchange) !== null) return { kind: 'unclear', cause: 'answer_unreadable' };
  if (exchange.class === 'answered') {
    const { httpStatus } = exchange;
    const badClient = httpStatus === 400 && /^(invalid_client|unauthorized_client|invalid_grant)$/.test(words.code ?? '');
    if (badClient || httpStatus === 401 || httpStatus === 403) return { kind: 'refused', cause: 'unauthorized' };
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
function authorizeSetback(authorized: Authorized): Setback {
  const verdict = authorizeVerdict(authorized);
  if (verdict.kind !== 'unclear') return verdict;
  const cause = verdict.cause === 'console_stopped' ? 'stopped_before_sending'
    : verdict.cause === 'redirected' ? 'redirected' : 'authorize_failed';
  return { kind: 'not_sent', cause };
}

function optionsOf(account: Account): FlinksOptions {
  if (account.options.provider !== 'flinks') throw new Error('An account of another provider was handed to Flinks.');
  return account.options;
}
