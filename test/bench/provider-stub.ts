/**
 * A minimal Xendit server: `provider-stub.ts`. `POST /_configure` sets its latency and rate limit. It responds 429
 * above the limit.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ProviderStubSettings {
  readonly latencyMs: number;
  /** Requests in any period of one second. Null: no limit. */
  readonly maxPerSecond: number | null;
  /** Whether responses have `Rate-Limit-*` headers. */
  readonly sendsRateLimitHeaders: boolean;
}
export interface ProviderStubCounts {
  readonly cancels: number;
  readonly refused: number;
}

let settings: ProviderStubSettings = { latencyMs: 0, maxPerSecond: null, sendsRateLimitHeaders: false };
let counts = { cancels: 0, refused: 0 };
let acceptedAt: number[] = [];
const cancelled = new Set<string>();

const server = createServer((request, response) => {
  const [, resource, id = '', action] = (request.url ?? '').split('/');
  if (resource === '_configure') return applySettings(request, response);
  if (resource === '_counts') return void response.end(JSON.stringify(counts));
  request.resume();
  const { headers, isAccepted } = tryAcceptRequest();
  if (!isAccepted) counts.refused += 1;
  setTimeout(() => {
    if (!isAccepted)
      return respond(response, 429, headers, { error_code: 'RATE_LIMIT_EXCEEDED', message: 'Too many requests.' });
    if (action === 'cancel') {
      counts.cancels += 1;
      if (cancelled.has(id))
        return respond(response, 422, headers, {
          error_code: 'INVALID_SESSION_STATUS',
          message: 'Session is not active.',
        });
      cancelled.add(id);
    }
    respond(response, 200, headers, {
      payment_session_id: id,
      status: cancelled.has(id) ? 'CANCELED' : 'ACTIVE',
      reference_id: `Order-${id}`,
      currency: 'IDR',
      amount: 25_000,
    });
  }, settings.latencyMs);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
process.stdin.resume().once('close', () => process.exit());

/** A sliding window: no period of one second has more accepted requests than the limit. */
function tryAcceptRequest(): { isAccepted: boolean; headers: Record<string, string> } {
  const { maxPerSecond, sendsRateLimitHeaders } = settings;
  if (maxPerSecond === null) return { isAccepted: true, headers: {} };
  const now = performance.now();
  acceptedAt = acceptedAt.filter((time) => now - time < 1_000);
  const isAccepted = acceptedAt.length < maxPerSecond;
  if (isAccepted) acceptedAt.push(now);
  const resetSeconds =
    Math.ceil(((acceptedAt[Math.max(0, acceptedAt.length - maxPerSecond)] ?? now) + 1_000 - now) / 10) / 100;
  const rateLimitHeaders = {
    'rate-limit-limit': String(maxPerSecond),
    'rate-limit-remaining': String(maxPerSecond - acceptedAt.length),
    'rate-limit-reset': resetSeconds.toFixed(2),
  };
  return { isAccepted, headers: sendsRateLimitHeaders ? rateLimitHeaders : {} };
}

function respond(response: ServerResponse, status: number, headers: Record<string, string>, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

function applySettings(request: AsyncIterable<Buffer>, response: ServerResponse): void {
  void (async () => {
    let text = '';
    for await (const chunk of request) text += chunk.toString();
    settings = JSON.parse(text) as ProviderStubSettings;
    counts = { cancels: 0, refused: 0 };
    acceptedAt = [];
    cancelled.clear();
    response.end();
  })();
}
