/**
 * The one HTTP client. Whatever happens on the wire leaves here as an `Exchange`, one of three classes; axios and its
 * errors, which hold the bearer token, stay inside. Nothing is retried, no redirect followed, no certificate check off.
 */
import http from 'node:http';
import https from 'node:https';
import type { SecureContext } from 'node:tls';
import axios from 'axios';
import PQueue from 'p-queue';
import { maxInFlightLimit } from '../../contract/index.ts';
import { loadTrustedCas } from './trusted-cas.ts';
import { ConnectError, openConnection } from './connect.ts';
import { classifyFailure, type HttpExchange, type RequestProgress, type UntimedExchange } from './http-exchange.ts';
import { isLoopback, resolveProxy, type Proxy, type ProxyResolver } from './proxy.ts';

export interface HttpClientOptions {
  /** The machine's own proxy policy, e.g. Electron's `session.resolveProxy`; else the environment's variables rule. */
  readonly proxyResolver?: ProxyResolver;
  /** Authorities to trust beyond Node's and the machine's, as PEM texts. */
  readonly extraCaCertificates?: readonly string[];
  readonly userAgent?: string;
  /** Until a connection stands, TLS included. Default 10 s. */
  readonly connectTimeoutMs?: number;
  /** From the request's first byte to the answer's last. Default 30 s. */
  readonly responseTimeoutMs?: number;
  /** Default 1 MiB. */
  readonly maxBodyBytes?: number;
}

export interface HttpRequest {
  readonly connectionId: string;
  readonly baseUrl: string;
  readonly method: 'GET' | 'POST';
  /** Begins with `/`; every part from outside already encoded. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as `application/x-www-form-urlencoded`. */
  readonly form?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface HttpClient {
  /** Never rejects. */
  send(request: HttpRequest): Promise<HttpExchange>;
  /** Lets go of a connection's sockets: idle ones now, busy ones after their answer. */
  releaseConnection(connectionId: string): void;
}

/** As many as a pace may want, and some for what an operator asks for meanwhile. */
const maxSockets = maxInFlightLimit + 8;
/** Shorter than servers keep an idle connection: a request on one that was just closed would end as `unknown`. */
const idleSocketTimeoutMs = 4_000;

interface ConnectionPool {
  /** Origin and proxy: where either changes, the sockets are of no more use. */
  readonly key: string;
  readonly isSecure: boolean;
  readonly agent: http.Agent;
  /** Bounds the sockets: an agent counts a connection only once it stands. */
  readonly queue: PQueue;
}

export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  const connectTimeoutMs = options.connectTimeoutMs ?? 10_000;
  const responseTimeoutMs = options.responseTimeoutMs ?? 30_000;
  const maxBodyBytes = options.maxBodyBytes ?? 1_048_576;
  const pools = new Map<string, ConnectionPool>();
  let trustedCas: Promise<SecureContext> | null = null;
  const client = axios.create({
    // Agents that go through a proxy are our own, so axios must not choose one by itself.
    proxy: false,
    maxRedirects: 0,
    allowAbsoluteUrls: false,
    responseType: 'text',
    transitional: { silentJSONParsing: false, forcedJSONParsing: false, clarifyTimeoutError: true },
    maxContentLength: maxBodyBytes,
    validateStatus: () => true,
    headers: { 'user-agent': options.userAgent ?? 'session-desk', accept: 'application/json' },
  });

  function closeIdleSockets(pool: ConnectionPool): void {
    pool.agent.maxFreeSockets = 0;
    for (const sockets of Object.values(pool.agent.freeSockets)) {
      for (const socket of sockets ?? []) socket.destroy();
    }
  }

  async function getPool(request: HttpRequest): Promise<ConnectionPool> {
    request.signal.throwIfAborted();
    if (!URL.canParse(request.baseUrl)) throw new ConnectError('connect_failed', 'NOT_A_URL');
    const url = new URL(request.baseUrl);
    const isSecure = url.protocol === 'https:';
    // The base URL is checked where a connection is made; a credential on an open wire is worth a second look.
    const isSafe = isSecure || (url.protocol === 'http:' && isLoopback(url.hostname));
    if (!isSafe) throw new ConnectError('connect_failed', 'NOT_HTTPS');
    const route = await withTimeout(
      connectTimeoutMs,
      resolveProxy(url, options.proxyResolver ?? null, process.env),
    ).catch(() => ({
      kind: 'unusable' as const,
    }));
    if (route.kind === 'unusable') throw new ConnectError('connect_failed', 'PROXY_UNUSABLE');
    const proxy = route.kind === 'proxy' ? route.proxy : null;
    const context = isSecure ? await (trustedCas ??= loadTrustedCas(options.extraCaCertificates ?? [])) : null;
    const key = JSON.stringify([url.origin, proxy]);
    const known = pools.get(request.connectionId);
    if (known?.key === key) return known;
    if (known) closeIdleSockets(known);
    const queue = known?.queue ?? new PQueue({ concurrency: maxSockets });
    const pool = { key, isSecure, agent: createAgent(context, proxy, connectTimeoutMs), queue };
    pools.set(request.connectionId, pool);
    return pool;
  }

  async function send(request: HttpRequest, pool: ConnectionPool, progress: RequestProgress): Promise<UntimedExchange> {
    request.signal.throwIfAborted();
    // Not AbortSignal.any: it keeps memory per request for as long as the caller's signal lives.
    const stop = new AbortController();
    const stopWithCaller = (): void => stop.abort();
    request.signal.addEventListener('abort', stopWithCaller);
    let timer: NodeJS.Timeout | undefined;
    const transport = {
      request(settings: https.RequestOptions, listener: (response: http.IncomingMessage) => void): http.ClientRequest {
        const outgoing = (pool.isSecure ? https : http).request(settings, listener);
        // Node writes the request right after this event, and never without it.
        outgoing.once('socket', () => {
          progress.isSocketAssigned = true;
          timer = setTimeout(() => {
            progress.isTimedOut = true;
            stop.abort();
          }, responseTimeoutMs);
        });
        outgoing.once('response', (response) => {
          progress.httpStatus = response.statusCode ?? null;
        });
        return outgoing;
      },
    };
    try {
      const response = await client.request<unknown>({
        baseURL: request.baseUrl,
        url: request.path,
        method: request.method,
        // `false`: axios would call a POST without a body a form.
        headers: { ...request.headers, 'content-type': request.form ? 'application/x-www-form-urlencoded' : false },
        ...(request.form && { data: new URLSearchParams(request.form).toString() }),
        httpAgent: pool.agent,
        httpsAgent: pool.agent,
        transport,
        signal: stop.signal,
      });
      return {
        class: 'answered',
        httpStatus: response.status,
        reasonPhrase: response.statusText,
        headers: normalizeHeaders(response.headers),
        body: typeof response.data === 'string' ? response.data : '',
      };
    } finally {
      clearTimeout(timer);
      request.signal.removeEventListener('abort', stopWithCaller);
    }
  }

  return {
    async send(request) {
      const started = performance.now();
      const progress: RequestProgress = { isSocketAssigned: false, httpStatus: null, isTimedOut: false };
      const sent = await getPool(request)
        .then((pool) => pool.queue.add(() => send(request, pool, progress)))
        .catch((error: unknown) => classifyFailure(error, progress, request.signal.aborted));
      return { ...sent, durationMs: performance.now() - started };
    },
    releaseConnection(connectionId) {
      const pool = pools.get(connectionId);
      pools.delete(connectionId);
      if (pool) closeIdleSockets(pool);
    },
  };
}

/** What an agent says of the connection it wants. */
interface SocketRequest {
  readonly host?: string | null | undefined;
  readonly port?: string | number | null | undefined;
  readonly servername?: string | undefined;
}

function createAgent(trustedCas: SecureContext | null, proxy: Proxy | null, connectTimeoutMs: number): http.Agent {
  const settings = { keepAlive: true, maxSockets, maxFreeSockets: maxSockets, timeout: idleSocketTimeoutMs };
  const agent = new (trustedCas ? https : http).Agent(settings);
  agent.createConnection = ({ host, port, servername = '' }: SocketRequest, done) => {
    openConnection(
      { host: host ?? '', port: Number(port), serverName: servername, trustedCas, proxy },
      connectTimeoutMs,
    )
      // The agent passes the second argument on only where the first is null.
      .then(
        (socket) => done?.(null, socket),
        (error: unknown) => (done as ((error: unknown) => void) | undefined)?.(error),
      );
    return undefined;
  };
  return agent;
}

/** Rejects where `promise` takes longer: the host's proxy look-up may run a script from the network. */
async function withTimeout<Value>(limitMs: number, promise: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('No answer in time.')), limitMs);
  });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}

function normalizeHeaders(headers: object): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)] as const);
  return Object.fromEntries(entries);
}
