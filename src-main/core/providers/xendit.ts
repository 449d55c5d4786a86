/** Xendit Payment Sessions (providers.md 2): Basic key with an empty password, get and cancel. */
import type { XenditOptions } from '../../contract/index.ts';
import {
  cancelAnswerFrom,
  evidenceOf,
  evidenceOfNothing,
  readSetback,
  setbackOf,
  successBody,
  wordsOf,
  type ErrorWords,
} from './result-mapping.ts';
import { isHeaderValue, pathPart } from './response-parser.ts';
import type { Exchange } from './http-exchange.ts';
import type { Http } from './http.ts';
import type { Account, CancelAnswer, Evidence, NoAnswer, Provider, ReadAnswer, Target } from './provider.ts';
import { keyObjection } from './xendit/secret-key.ts';
import { errorWords, readSession } from './xendit/session.ts';
import { capabilities, errors } from './xendit/mappings.ts';

/** What was asked and what came back, with all that an answer is made of. */
interface Asked {
  readonly exchange: Exchange;
  readonly words: ErrorWords;
  readonly evidence: Evidence;
  readonly hide: readonly string[];
}

type Unasked = NoAnswer & { readonly evidence: Evidence };

/** An id that has the right form and that no session has: a key that is taken is answered with 404. */
const nobodysSession = 'ps-000000000000000000000000';

export function createXendit(http: Http): Provider {
  async function ask(
    account: Account,
    target: Target,
    method: 'GET' | 'POST',
    action: '' | '/cancel',
    signal: AbortSignal,
  ): Promise<Asked | Unasked> {
    const startedAt = performance.now();
    const id = pathPart(target.id);
    const subAccount = target.subAccount ?? optionsOf(account).forUserId;
    if (id === null || (subAccount !== null && !isHeaderValue(subAccount))) {
      return { kind: 'not_sent', cause: 'request_invalid', evidence: evidenceOfNothing(startedAt) };
    }
    const credential = Buffer.from(`${account.secret}:`).toString('base64');
    const hide = [account.secret, credential, encodeURIComponent(account.secret), target.id];
    const exchange = await http.exchange({
      connectionId: account.connectionId,
      baseUrl: account.baseUrl,
      method,
      path: `/sessions/${id}${action}`,
      headers: { authorization: `Basic ${credential}`, ...(subAccount !== null && { 'for-user-id': subAccount }) },
      signal,
    });
    const words = wordsOf(exchange, errorWords);
    return { exchange, words, hide, evidence: evidenceOf(exchange, words, hide, startedAt) };
  }

  return {
    name: 'xendit',
    capabilities,

    idWarning(id) {
      return /^ps-[0-9a-f]{24}$/.test(id)
        ? null
        : 'A Xendit session id is “ps-” and 24 characters of 0-9 and a-f. Check that nothing was cut off or added.';
    },

    secretObjection: keyObjection,

    async cancel(account, target, signal): Promise<CancelAnswer> {
      const asked = await ask(account, target, 'POST', '/cancel', signal);
      if ('kind' in asked) return asked;
      const { exchange, evidence } = asked;
      const body = successBody(exchange);
      if (body === null) return { ...setbackOf(exchange, errors, asked.words), evidence };
      return cancelAnswerFrom(readSession(body, target.id, asked.hide), evidence);
    },

    async read(account, target, signal): Promise<ReadAnswer> {
      const asked = await ask(account, target, 'GET', '', signal);
      if ('kind' in asked) return asked;
      const { exchange, evidence } = asked;
      const body = successBody(exchange);
      if (body === null) return { ...readSetback(setbackOf(exchange, errors, asked.words)), evidence };
      return { ...readSession(body, target.id, asked.hide), evidence };
    },

    async check(account, signal) {
      const asked = await ask(
        account,
        { id: nobodysSession, product: 'payment_session', subAccount: null },
        'GET',
        '',
        signal,
      );
      const { evidence } = asked;
      const answer = 'kind' in asked ? asked : readSetback(setbackOf(asked.exchange, errors, asked.words));
      if (answer.kind !== 'not_found') return { ...answer, evidence };
      // Any web server can say 404; only Xendit says it with a code.
      if (evidence.providerCode === null) return { kind: 'unreadable', cause: 'answer_unreadable', evidence };
      return { kind: 'accepted', evidence };
    },

    forget: (connectionId) => http.forget(connectionId),
  };
}

function optionsOf(account: Account): XenditOptions {
  if (account.options.provider !== 'xendit') throw new Error('An account of another provider was handed to Xendit.');
  return account.options;
}
