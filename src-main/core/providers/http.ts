/**
 * The only HTTP client. It returns every result as an `HttpExchange`. Axios errors contain the bearer token, so they
 * never leave this module. The client does not retry, does not follow redirects and always verifies certificates.
 */
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { setImmediate } from 'node:timers/promises';
import tls, { type SecureContext } from 'node:tls';
import axios from 'axios';
import PQueue from 'p-queue';
import { maxInFlightLimit } from '../../contract/index.ts';
import { ConnectError, openConnection } from './connect.ts';
import { classifyFailure, type HttpExchange, type RequestProgress, type UntimedExchange } from './http-exchange.ts';
import { isLoopback, resolveProxies, type Proxy, type ProxyResolver } from './proxy.ts';

export interface HttpClientOptions {
  /** The proxy settings of the computer, e.g. Electron's `session.resolveProxy`. Default: environment variables. */
  readonly proxyResolver?: ProxyResolver;
  /** Certificate authorities to trust in addition to those of Node and of the computer, as PEM texts. */
  readonly extraCaCertificates?: readonly string[];
  readonly userAgent?: string;
  /** Time until the connection is open through one of the proxies, TLS included. Default 10 s. */
  readonly connectTimeoutMs?: number;
  /** Time from the first byte of the request to the last byte of the response. Default 30 s. */
  readonly responseTimeoutMs?: number;
  /** Default 1 MiB. */
  readonly maxBodyBytes?: number;
}

export interface HttpRequest {
  readonly connectionId: string;
  readonly baseUrl: string;
  readonly method: 'GET' | 'POST';
  /** Starts with `/`; segments from outside are already encoded. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as `application/x-www-form-urlencoded`. */
  readonly form?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface HttpClient {
  /** Never rejects. */
  send(request: HttpRequest): Promise<HttpExchange>;
  /** Closes the sockets of a connection: idle sockets now, busy sockets after their response. */
  releaseConnection(connectionId: string): void;
}

/** The maximum of the rate limiter, and 8 for requests that the operator makes meanwhile (providers.md 1.10). */
const maxSockets = maxInFlightLimit + 8;
/** Shorter than the idle timeout of servers: a request on a socket that the server just closed would be `unknown`. */
const idleSocketTimeoutMs = 4_000;

interface ConnectionPool {
  /** Origin and proxies. If one of them changes, the sockets cannot be reused. */
  readonly key: string;
  readonly isSecure: boolean;
  readonly agent: http.Agent;
  /** Limits the number of sockets, because an agent counts a connection only after it is open. */
  readonly queue: PQueue;
}

export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  const connectTimeoutMs = options.connectTimeoutMs ?? 10_000;
  const responseTimeoutMs = options.responseTimeoutMs ?? 30_000;
  const maxBodyBytes = options.maxBodyBytes ?? 1_048_576;
  const pools = new Map<string, ConnectionPool>();
  let trustedCas: Promise<SecureContext> | null = null;
  const client = axios.create({
    // The agents of this module use the proxy, so axios must not choose one.
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
    // The base URL is also checked when a connection is added. This check protects the credential from plain http.
    const isSafe = isSecure || (url.protocol === 'http:' && isLoopback(url.hostname));
    if (!isSafe) throw new ConnectError('connect_failed', 'NOT_HTTPS');
    const proxies = await withTimeout(
      connectTimeoutMs,
      resolveProxies(url, options.proxyResolver ?? null, process.env),
    ).catch(() => []);
    if (proxies.length === 0) throw new ConnectError('connect_failed', 'PROXY_UNUSABLE');
    const context = isSecure ? await (trustedCas ??= loadTrustedCas(options.extraCaCertificates ?? [])) : null;
    const key = JSON.stringify([url.origin, proxies]);
    const current = pools.get(request.connectionId);
    if (current?.key === key) return current;
    if (current) closeIdleSockets(current);
    const queue = current?.queue ?? new PQueue({ concurrency: maxSockets });
    const pool = { key, isSecure, agent: createAgent(context, proxies, connectTimeoutMs), queue };
    pools.set(request.connectionId, pool);
    return pool;
  }

  async function send(request: HttpRequest, pool: ConnectionPool, progress: RequestProgress): Promise<UntimedExchange> {
    request.signal.throwIfAborted();
    // Not AbortSignal.any: it uses memory for each request until the caller's signal is collected.
    const controller = new AbortController();
    const abort = (): void => controller.abort();
    request.signal.addEventListener('abort', abort);
    let timer: NodeJS.Timeout | undefined;
    const transport = {
      request(settings: https.RequestOptions, listener: (response: http.IncomingMessage) => void): http.ClientRequest {
        const outgoing = (pool.isSecure ? https : http).request(settings, listener);
        // Node writes the request after this event and never before it.
        outgoing.once('socket', () => {
          progress.isSocketAssigned = true;
          timer = setTimeout(() => {
            progress.isTimedOut = true;
            controller.abort();
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
        // `false`, because axios would send the content type of a form with a POST without a body.
        headers: { ...request.headers, 'content-type': request.form ? 'application/x-www-form-urlencoded' : false },
        ...(request.form && { data: new URLSearchParams(request.form).toString() }),
        httpAgent: pool.agent,
        httpsAgent: pool.agent,
        transport,
        signal: controller.signal,
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
      request.signal.removeEventListener('abort', abort);
    }
  }

  return {
    async send(request) {
      const startedAt = performance.now();
      const progress: RequestProgress = { isSocketAssigned: false, httpStatus: null, isTimedOut: false };
      const exchange = await getPool(request)
        .then((pool) => pool.queue.add(() => send(request, pool, progress)))
        .catch((error: unknown) => classifyFailure(error, progress, request.signal.aborted));
      return { ...exchange, durationMs: performance.now() - startedAt };
    },
    releaseConnection(connectionId) {
      const pool = pools.get(connectionId);
      pools.delete(connectionId);
      if (pool) closeIdleSockets(pool);
    },
  };
}

/** The options with which an agent requests a connection. */
interface SocketRequest {
  readonly host?: string | null | undefined;
  readonly port?: string | number | null | undefined;
  readonly servername?: string | undefined;
}

function createAgent(
  trustedCas: SecureContext | null,
  proxies: readonly (Proxy | null)[],
  connectTimeoutMs: number,
): http.Agent {
  const settings = { keepAlive: true, maxSockets, maxFreeSockets: maxSockets, timeout: idleSocketTimeoutMs };
  const agent = new (trustedCas ? https : http).Agent(settings);
  agent.createConnection = ({ host, port, servername = '' }: SocketRequest, callback) => {
    openConnection(
      { host: host ?? '', port: Number(port), serverName: servername, trustedCas, proxies },
      connectTimeoutMs,
    )
      // The agent uses the second argument only if the first one is null.
      .then(
        (socket) => callback?.(null, socket),
        (error: unknown) => (callback as ((error: unknown) => void) | undefined)?.(error),
      );
    return undefined;
  };
  return agent;
}

/** Rejects if `promise` takes longer than `timeoutMs`: a proxy lookup may run a script from the network. */
async function withTimeout<Value>(timeoutMs: number, promise: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('The time limit has passed.')), timeoutMs);
  });
  return Promise.race([promise, timeout]).finally(() => clearTimeout(timer));
}

function normalizeHeaders(headers: object): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)] as const);
  return Object.fromEntries(entries);
}

/**
 * The certificate authorities that TLS connections trust: those of Node and, if available, those of the computer.
 * `extraCertificates` are PEM texts. Reading both lists takes about 40 ms, so the function returns to the event loop
 * between the steps.
 */
async function loadTrustedCas(extraCertificates: readonly string[]): Promise<SecureContext> {
  // Node before 22.15 does not have this function and cannot read the certificates of the computer.
  const getCaCertificates = tls.getCACertificates as typeof tls.getCACertificates | undefined;
  if (!getCaCertificates)
    return tls.createSecureContext({
      ca: [...tls.rootCertificates, ...readExtraCaCertificates(), ...extraCertificates],
    });
  const certificates = new Set([...getCaCertificates('default'), ...extraCertificates]);
  await setImmediate();
  for (const certificate of readSystemCertificates(getCaCertificates)) certificates.add(certificate);
  await setImmediate();
  return tls.createSecureContext({ ca: [...certificates] });
}

function readSystemCertificates(getCaCertificates: typeof tls.getCACertificates): string[] {
  try {
    return getCaCertificates('system');
  } catch {
    // Without the list of the computer, fewer authorities are trusted.
    return [];
  }
}

/** Newer versions of Node include these in `getCACertificates('default')`. */
function readExtraCaCertificates(): string[] {
  const file = process.env['NODE_EXTRA_CA_CERTS'];
  try {
    return file ? [readFileSync(file, 'utf8')] : [];
  } catch {
    return [];
  }
}
