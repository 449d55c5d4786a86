/**
 * Flinks Pay (providers.md 1): GEFT, regular EFT and e-Transfer share one route, so the product is data. A cancel
 * authorises first; a status is asked for without a token, and with one only where the provider insists.
 */
import type { FlinksOptions } from '../../contract/index.ts';
import {
  cancelAnswerFrom,
  evidenceOf,
  evidenceOfNothing,
  readSetback,
  setbackOf,
  successBody,
  type ErrorWords,
  type Setback,
} from './result-mapping.ts';
import { isHeaderValue, pathPart } from './response-parser.ts';
import type { Exchange } from './http-exchange.ts';
import { obtainToken, sendAuthorized, sendStatus, type Memory, type Outcome, type Question } from './flinks/calls.ts';
import { readSession } from './flinks/session.ts';
import { capabilities, errors } from './flinks/mappings.ts';
import { authorizeVerdict, basicCredential } from './flinks/token.ts';
import type { Http } from './http.ts';
import type { Account, CancelAnswer, CheckAnswer, Evidence, Provider, ReadAnswer, Target } from './provider.ts';

/** Of the right form, and no session's: credentials that are taken are answered with 404. */
const nobodysSession = '00000000-0000-0000-0000-000000000000';
const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

export function createFlinks(http: Http): Provider {
  const memories = new Map<string, Memory>();

  function begin(account: Account, signal: AbortSignal, id: string | null): Question {
    const options = optionsOf(account);
    const memory = memories.get(account.connectionId) ?? { token: null, statusNeedsToken: false };
    memories.set(account.connectionId, memory);
    const hide = [
      account.secret,
      basicCredential(account, options),
      encodeURIComponent(account.secret),
      ...(id === null ? [] : [id]),
    ];
    return { account, options, memory, signal, startedAt: performance.now(), hide };
  }

  function readAnswer(question: Question, { exchange, words, denied }: Outcome, target: Target): ReadAnswer {
    const evidence = evidenceFor(question, exchange, words);
    if (denied !== null) return { ...readSetback(denied), evidence };
    const body = successBody(exchange);
    if (body === null) return { ...readSetback(setbackFor(target, exchange, words)), evidence };
    return { ...readSession(body, target.id, question.hide), evidence };
  }

  async function readDetails(account: Account, target: Target, signal: AbortSignal): Promise<ReadAnswer> {
    const question = begin(account, signal, target.id);
    const path = sessionPath(target.id, question);
    if (path === null) return unsendable(question);
    return readAnswer(question, await sendAuthorized(http, question, 'GET', `${path}/details`), target);
  }

  return {
    name: 'flinks',
    capabilities,

    idWarning(id) {
      return uuid.test(id)
        ? null
        : 'A Flinks Pay session id is a UUID, such as 3f2b8c1e-5a4d-4e6f-9b7a-0c1d2e3f4a5b. Check that nothing is ' +
            'missing and nothing too much.';
    },

    secretObjection(secret) {
      return isHeaderValue(secret)
        ? null
        : 'The secret has a line break or a character beyond plain letters, digits and signs. Copy it again as Flinks ' +
            'gave it.';
    },

    async cancel(account, target, signal): Promise<CancelAnswer> {
      const question = begin(account, signal, target.id);
      if (target.product === 'e_transfer' && !question.options.eTransferCancel) {
        return { kind: 'not_sent', cause: 'endpoint_off', evidence: evidenceOfNothing(question.startedAt) };
      }
      const path = sessionPath(target.id, question);
      if (path === null) return unsendable(question);
      const { exchange, words, denied } = await sendAuthorized(http, question, 'POST', `${path}/cancel`);
      const evidence = evidenceFor(question, exchange, words);
      if (denied !== null) return { ...denied, evidence };
      const body = successBody(exchange);
      if (body === null) return { ...setbackFor(target, exchange, words), evidence };
      return cancelAnswerFrom(readSession(body, target.id, question.hide), evidence);
    },

    async read(account, target, signal): Promise<ReadAnswer> {
      const question = begin(account, signal, target.id);
      const path = sessionPath(target.id, question);
      if (path === null) return unsendable(question);
      const answer = readAnswer(question, await sendStatus(http, question, `${path}/status`), target);
      // The status route is not documented for e-Transfer: a bare 404 may mean that there is none (contradiction 5).
      const mayLackRoute = answer.kind === 'not_found' && answer.cause === 'endpoint_off';
      return mayLackRoute ? readDetails(account, target, signal) : answer;
    },

    readDetails,

    async check(account, signal): Promise<CheckAnswer> {
      const question = begin(account, signal, null);
      if (!isHeaderValue(question.options.clientId)) return unsendable(question);
      if (question.options.authMode === 'oauth') {
        const authorized = await obtainToken(http, question);
        const evidence = evidenceFor(question, authorized.exchange, authorized.words);
        if (authorized.token !== null) return { kind: 'accepted', evidence };
        const setback = authorizeVerdict(authorized);
        if (setback.kind !== 'unclear') return { ...setback, evidence };
        return { kind: 'unreadable', cause: setback.cause, evidence };
      }
      const outcome = await sendAuthorized(http, question, 'GET', `/api/v2/sessions/${nobodysSession}/details`);
      const evidence = evidenceFor(question, outcome.exchange, outcome.words);
      const answer = readSetback(setbackOf(outcome.exchange, errors, outcome.words));
      if (answer.kind !== 'not_found') return { ...answer, evidence };
      // Any web server can say 404; Flinks says it with a body.
      if (isBare(outcome.words)) return { kind: 'unreadable', cause: 'answer_unreadable', evidence };
      return { kind: 'accepted', evidence };
    },

    forget(connectionId) {
      memories.delete(connectionId);
      http.forget(connectionId);
    },
  };
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
function setbackFor(target: Target, exchange: Exchange, words: ErrorWords): Setback {
  const setback = setbackOf(exchange, errors, words);
  const mayBeOff = setback.kind === 'not_found' && target.product === 'e_transfer' && isBare(words);
  return mayBeOff ? { kind: 'not_found', cause: 'endpoint_off' } : setback;
}

function isBare({ code, message }: ErrorWords): boolean {
  return code === null && message === null;
}

function optionsOf(account: Account): FlinksOptions {
  if (account.options.provider !== 'flinks') throw new Error('An account of another provider was handed to Flinks.');
  return account.options;
}
