/** One request and its answer, spoiled by a fault where one is switched on. Knows no provider. */
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import { assertNever } from '../../contract/index.ts';
import type { ProviderState } from './provider-state.ts';
import { faultDefinitions } from './faults.ts';
import type { FaultRule, FaultInjector, FaultTarget } from './faults.ts';
import type { SimulatedSession } from './simulated-session.ts';

export interface SimulatedResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a string is sent as it is, with the content type of `headers`; absent sends no body. */
  readonly body?: unknown;
}

/** What a provider's route must be able to say for itself. */
export interface SimulatedRequest extends FaultTarget {
  readonly path: string;
  /** Does what was asked, and answers. */
  execute(request: number | null): SimulatedResponse;
  /** The answer of a success, and nothing done; `change` makes it speak of another session or state. */
  fakeSuccess(change: Partial<SimulatedSession>): SimulatedResponse;
  /** Ends the caller's token; true where the provider has tokens. */
  revokeToken(): boolean;
  unauthorized(): SimulatedResponse;
  throttled(waitSeconds: number | undefined): SimulatedResponse;
  serverError(): SimulatedResponse;
}

/** What a session that is spoken of by mistake is called. */
const wrongSessionIds = {
  flinks: '00000000-0000-4000-8000-000000000bad',
  xendit: 'ps-000000000000000000000bad',
} as const;
const htmlPage = (title: string) =>
  `<!doctype html><html><head><title>${title}</title></head><body>${title}</body></html>`;
const htmlHeaders = { 'content-type': 'text/html; charset=utf-8' };

type Delivery =
  { readonly how: 'sent' | 'cut'; readonly answer: SimulatedResponse } | { readonly how: 'reset' | 'hung' };

function serializeBody(answer: SimulatedResponse): string {
  if (answer.body === undefined) return '';
  return typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
}

function applyFault(question: SimulatedRequest, rule: FaultRule, request: number | null): Delivery {
  const processed = rule.processed ?? faultDefinitions[rule.fault].processed ?? false;
  const done = () => (processed ? question.execute(request) : question.fakeSuccess({}));
  const sent = (answer: SimulatedResponse): Delivery => ({ how: 'sent', answer });
  switch (rule.fault) {
    case 'latency':
      return sent(question.execute(request));
    case 'throttled':
      return sent(question.throttled(rule.waitSeconds));
    case 'server_error':
      done();
      return sent(question.serverError());
    case 'unavailable':
      done();
      return sent({ status: 503, headers: htmlHeaders, body: htmlPage('503 Service Temporarily Unavailable') });
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
      return sent({ status: 200, headers: htmlHeaders, body: htmlPage('Sign in to the guest network') });
    case 'broken_json': {
      const answer = done();
      const headers = { 'content-type': 'application/json', ...answer.headers };
      return sent({ ...answer, headers, body: `${serializeBody(answer)},}` });
    }
    case 'empty_body':
      done();
      return sent({ status: 200 });
    case 'wrong_id': {
      const answer = done();
      return sent(answer.status === 200 ? question.fakeSuccess({ id: wrongSessionIds[question.provider] }) : answer);
    }
    case 'unexpected_status': {
      if (!processed && question.route === 'cancel') return sent(question.fakeSuccess({ state: 'active' }));
      const answer = done();
      return sent(answer.status === 200 ? question.fakeSuccess({ state: 'unknown' }) : answer);
    }
    case 'expired_token':
      return sent(question.revokeToken() ? question.execute(request) : question.unauthorized());
    case 'redirect':
      return sent({ status: 307, headers: { location: `/_simulator/redirected${question.path}` } });
    default:
      return assertNever(rule.fault);
  }
}

/** Sends the headers of the answer and half of its body, then ends the connection. */
function sendTruncated(reply: FastifyReply, answer: SimulatedResponse): void {
  const body = Buffer.from(serializeBody(answer));
  reply.raw.writeHead(answer.status, {
    'content-type': 'application/json; charset=utf-8',
    ...answer.headers,
    'content-length': Math.max(2, body.length),
  });
  reply.raw.write(body.subarray(0, body.length >> 1), () => reply.raw.destroy());
}

/** Answers one request; a cancel is in the log before it is looked at, and its answer before it leaves. */
export async function handleRequest(
  bank: ProviderState,
  faults: FaultInjector,
  closing: AbortSignal,
  question: SimulatedRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { provider, route, id } = question;
  const request =
    route === 'cancel' && id !== null ? bank.eventLog.appendCancelReceived(provider, id, bank.now()) : null;
  const { delayMs, rule } = faults.selectFault(question);
  if (delayMs > 0) await delay(delayMs, undefined, { signal: closing }).catch(() => undefined);
  // The connection is gone already, and the log is about to be.
  if (closing.aborted) return reply.hijack();
  const fate: Delivery =
    rule === null ? { how: 'sent', answer: question.execute(request) } : applyFault(question, rule, request);
  const answer = 'answer' in fate ? fate.answer : null;
  if (request !== null && id !== null) {
    const fault = rule?.fault ?? (delayMs > 0 ? 'latency' : null);
    const status = answer?.status ?? null;
    bank.eventLog.append({ kind: 'cancel_answered', request, provider, id, how: fate.how, status, fault }, bank.now());
  }
  if (fate.how === 'sent') {
    reply.code(fate.answer.status).headers(fate.answer.headers ?? {});
    return fate.answer.body === undefined ? reply.send() : reply.send(fate.answer.body);
  }
  reply.hijack();
  if (fate.how === 'cut') sendTruncated(reply, fate.answer);
  if (fate.how === 'reset') reply.raw.socket?.resetAndDestroy();
  return reply;
}
