/** Handles one request of any provider and applies the faults that are enabled. */
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { assertNever } from '../../contract/index.ts';
import type { ProviderState } from './provider-state.ts';
import { faultDefinitions, type FaultRule, type FaultInjector, type FaultTarget } from './faults.ts';
import type { SimulatedSession } from './simulated-session.ts';

export interface SimulatedResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a string is sent unchanged. If absent, no body is sent. */
  readonly body?: unknown;
}

/** A request with the responses that the route of its provider can build. */
export interface SimulatedRequest extends FaultTarget {
  readonly path: string;
  /** Processes the request and returns the response. `requestNumber` is set for a cancel request. */
  execute(requestNumber: number | null): SimulatedResponse;
  /** The response of a success, without any effect. `changes` overrides members of the session, such as ID or state. */
  fakeSuccess(changes: Partial<SimulatedSession>): SimulatedResponse;
  /** Revokes the token of the request. Returns whether the provider uses tokens and revoked one. */
  revokeToken(): boolean;
  unauthorized(): SimulatedResponse;
  throttled(waitSeconds: number | undefined): SimulatedResponse;
  serverError(): SimulatedResponse;
}

/** Session IDs in the responses of the fault `wrong_id`. */
const wrongSessionIds = {
  flinks: '00000000-0000-4000-8000-000000000bad',
  xendit: 'ps-000000000000000000000bad',
} as const;
const htmlPage = (title: string) =>
  `<!doctype html><html><head><title>${title}</title></head><body>${title}</body></html>`;
const htmlHeaders = { 'content-type': 'text/html; charset=utf-8' };

type Delivery =
  { readonly how: 'sent' | 'cut'; readonly response: SimulatedResponse } | { readonly how: 'reset' | 'hung' };

function serializeBody(response: SimulatedResponse): string {
  if (response.body === undefined) return '';
  return typeof response.body === 'string' ? response.body : JSON.stringify(response.body);
}

function applyFault(simulatedRequest: SimulatedRequest, rule: FaultRule, requestNumber: number | null): Delivery {
  const processed = rule.processed ?? faultDefinitions[rule.fault].processed ?? false;
  const processIfConfigured = () =>
    processed ? simulatedRequest.execute(requestNumber) : simulatedRequest.fakeSuccess({});
  const sent = (response: SimulatedResponse): Delivery => ({ how: 'sent', response });
  switch (rule.fault) {
    case 'latency':
      return sent(simulatedRequest.execute(requestNumber));
    case 'throttled':
      return sent(simulatedRequest.throttled(rule.waitSeconds));
    case 'server_error':
      processIfConfigured();
      return sent(simulatedRequest.serverError());
    case 'unavailable':
      processIfConfigured();
      return sent({ status: 503, headers: htmlHeaders, body: htmlPage('503 Service Temporarily Unavailable') });
    case 'reset':
      processIfConfigured();
      return { how: 'reset' };
    case 'hang':
      processIfConfigured();
      return { how: 'hung' };
    case 'cut_body':
      return { how: 'cut', response: processIfConfigured() };
    case 'html_body':
      processIfConfigured();
      return sent({ status: 200, headers: htmlHeaders, body: htmlPage('Sign in to the guest network') });
    case 'broken_json': {
      const response = processIfConfigured();
      return sent({ ...response, body: `${serializeBody(response)},}` });
    }
    case 'empty_body':
      processIfConfigured();
      return sent({ status: 200 });
    case 'wrong_id': {
      const response = processIfConfigured();
      return sent(
        response.status === 200
          ? simulatedRequest.fakeSuccess({ id: wrongSessionIds[simulatedRequest.provider] })
          : response,
      );
    }
    case 'unexpected_status': {
      if (!processed && simulatedRequest.route === 'cancel')
        return sent(simulatedRequest.fakeSuccess({ state: 'active' }));
      const response = processIfConfigured();
      return sent(response.status === 200 ? simulatedRequest.fakeSuccess({ state: 'unknown' }) : response);
    }
    case 'expired_token':
      return sent(
        simulatedRequest.revokeToken() ? simulatedRequest.execute(requestNumber) : simulatedRequest.unauthorized(),
      );
    case 'redirect':
      return sent({ status: 307, headers: { location: `/_simulator/redirected${simulatedRequest.path}` } });
    default:
      return assertNever(rule.fault);
  }
}

/** Sends the headers of the response and half of its body, then closes the connection. */
function sendTruncated(target: ServerResponse, response: SimulatedResponse): void {
  const body = Buffer.from(serializeBody(response));
  target.writeHead(response.status, {
    'content-type': 'application/json; charset=utf-8',
    ...response.headers,
    'content-length': Math.max(2, body.length),
  });
  target.write(body.subarray(0, body.length >> 1), () => target.destroy());
}

export function sendResponse(target: ServerResponse, response: SimulatedResponse): void {
  const body = serializeBody(response);
  target.writeHead(response.status, {
    ...(response.body !== undefined && { 'content-type': 'application/json; charset=utf-8' }),
    ...response.headers,
    'content-length': Buffer.byteLength(body),
  });
  target.end(body);
}

/** Handles one request. A cancel request is logged before it is processed, and its response before it is sent. */
export async function handleRequest(
  providerState: ProviderState,
  faults: FaultInjector,
  shutdownSignal: AbortSignal,
  simulatedRequest: SimulatedRequest,
  target: ServerResponse,
): Promise<void> {
  const { provider, route, id } = simulatedRequest;
  const requestNumber =
    route === 'cancel' && id !== null
      ? providerState.eventLog.appendCancelReceived(provider, id, providerState.now())
      : null;
  const { delayMs, rule } = faults.selectFault(simulatedRequest);
  if (delayMs > 0) {
    const signal = AbortSignal.any([shutdownSignal, faults.replacedSignal]);
    await delay(delayMs, undefined, { signal }).catch(() => undefined);
  }
  // The server is closing: the connection is closed, and the log will be.
  if (shutdownSignal.aborted) return;
  const delivery: Delivery =
    rule === null
      ? { how: 'sent', response: simulatedRequest.execute(requestNumber) }
      : applyFault(simulatedRequest, rule, requestNumber);
  const response = 'response' in delivery ? delivery.response : null;
  if (requestNumber !== null && id !== null) {
    const fault = rule?.fault ?? (delayMs > 0 ? 'latency' : null);
    const status = response?.status ?? null;
    providerState.eventLog.append(
      { kind: 'cancel_answered', request: requestNumber, provider, id, how: delivery.how, status, fault },
      providerState.now(),
    );
  }
  if (delivery.how === 'sent') sendResponse(target, delivery.response);
  if (delivery.how === 'cut') sendTruncated(target, delivery.response);
  if (delivery.how === 'reset') target.socket?.resetAndDestroy();
}
