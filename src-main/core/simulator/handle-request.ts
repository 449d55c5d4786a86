/** One request and its answer, spoiled by a fault where one is switched on. Knows no provider. */
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import { assertNever } from '../../contract/index.ts';
import type { Bank } from './provider-state.ts';
import { faultTable } from './faults.ts';
import type { FaultRule, Faults, FaultSubject } from './faults.ts';
import type { SimulatedSession } from './simulated-session.ts';

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a string is sent as it is, with the content type of `headers`; absent sends no body. */
  readonly body?: unknown;
}

/** What a provider's route must be able to say for itself. */
export interface Question extends FaultSubject {
  readonly path: string;
  /** Does what was asked, and answers. */
  answer(request: number | null): Answer;
  /** The answer of a success, and nothing done; `change` makes it speak of another session or state. */
  pretend(change: Partial<SimulatedSession>): Answer;
  /** Ends the caller's token; true where the provider has tokens. */
  endToken(): boolean;
  unauthorized(): Answer;
  throttled(waitSeconds: number | undefined): Answer;
  failure(): Answer;
}

/** What a session that is spoken of by mistake is called. */
const otherIds = { flinks: '00000000-0000-4000-8000-000000000bad', xendit: 'ps-000000000000000000000bad' } as const;
const page = (title: string) => `<!doctype html><html><head><title>${title}</title></head><body>${title}</body></html>`;
const html = { 'content-type': 'text/html; charset=utf-8' };

type Fate = { readonly how: 'sent' | 'cut'; readonly answer: Answer } | { readonly how: 'reset' | 'hung' };

function serialised(answer: Answer): string {
  if (answer.body === undefined) return '';
  return typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
}

function spoil(question: Question, rule: FaultRule, request: number | null): Fate {
  const processed = rule.processed ?? faultTable[rule.fault].processed ?? false;
  const done = () => (processed ? question.answer(request) : question.pretend({}));
  const sent = (answer: Answer): Fate => ({ how: 'sent', answer });
  switch (rule.fault) {
    case 'latency':
      return sent(question.answer(request));
    case 'throttled':
      return sent(question.throttled(rule.waitSeconds));
    case 'server_error':
      done();
      return sent(question.failure());
    case 'unavailable':
      done();
      return sent({ status: 503, headers: html, body: page('503 Service Temporarily Unavailable') });
    case 'reset':
      done();
      return { how: 'reset' };
    case 'hang':
      done();
      return { how: 'hung' };
    case 'cut_body':
      return { how: 'cut', answer: done() };
    case 'html_body':
      done();
      return sent({ status: 200, headers: html, body: page('Sign in to the guest network') });
    case 'broken_json': {
      const answer = done();
      const headers = { 'content-type': 'application/json', ...answer.headers };
      return sent({ ...answer, headers, body: `${serialised(answer)},}` });
    }
    case 'empty_body':
      done();
      return sent({ status: 200 });
    case 'wrong_id': {
      const answer = done();
      return sent(answer.status === 200 ? question.pretend({ id: otherIds[question.provider] }) : answer);
    }
    case 'unexpected_status': {
      if (!processed && question.route === 'cancel') return sent(question.pretend({ state: 'active' }));
      const answer = done();
      return sent(answer.status === 200 ? question.pretend({ state: 'unknown' }) : answer);
    }
    case 'expired_token':
      return sent(question.endToken() ? question.answer(request) : question.unauthorized());
    case 'redirect':
      return sent({ status: 307, headers: { location: `/_simulator/redirected${question.path}` } });
    default:
      return assertNever(rule.fault);
  }
}

/** Sends the headers of the answer and half of its body, then ends the connection. */
function cut(reply: FastifyReply, answer: Answer): void {
  const body = Buffer.from(serialised(answer));
  reply.raw.writeHead(answer.status, {
    'content-type': 'application/json; charset=utf-8',
    ...answer.headers,
    'content-length': Math.max(2, body.length),
  });
  reply.raw.write(body.subarray(0, body.length >> 1), () => reply.raw.destroy());
}

/** Answers one request; a cancel is in the log before it is looked at, and its answer before it leaves. */
export async function exchange(
  bank: Bank,
  faults: Faults,
  closing: AbortSignal,
  question: Question,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { provider, route, id } = question;
  const request = route === 'cancel' && id !== null ? bank.log.cancelReceived(provider, id, bank.now()) : null;
  const { delayMs, rule } = faults.draw(question);
  if (delayMs > 0) await delay(delayMs, undefined, { signal: closing }).catch(() => undefined);
  // The connection is gone already, and the log is about to be.
  if (closing.aborted) return reply.hijack();
  const fate: Fate = rule === null ? { how: 'sent', answer: question.answer(request) } : spoil(question, rule, request);
  const answer = 'answer' in fate ? fate.answer : null;
  if (request !== null && id !== null) {
    const fault = rule?.fault ?? (delayMs > 0 ? 'latency' : null);
    const status = answer?.status ?? null;
    bank.log.append({ kind: 'cancel_answered', request, provider, id, how: fate.how, status, fault }, bank.now());
  }
  if (fate.how === 'sent') {
    reply.code(fate.answer.status).headers(fate.answer.headers ?? {});
    return fate.answer.body === undefined ? reply.send() : reply.send(fate.answer.body);
  }
  reply.hijack();
  if (fate.how === 'cut') cut(reply, fate.answer);
  if (fate.how === 'reset') reply.raw.socket?.resetAndDestroy();
  return reply;
}
