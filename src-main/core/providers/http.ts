/**
 * The one HTTP client. Whatever happens on the wire leaves here as an `Exchange`, one of three classes; axios and its
 * errors, which hold the bearer token, stay inside. Nothing is retried, no redirect followed, no certificate check off.
 */
import http from 'node:http';
import https from 'node:https';
import type { SecureContext } from 'node:tls';
import axios from 'axios';
import PQueue from 'p-queue';
import { mostInFlight } from '../../contract/index.ts';
import { loadTrust } from './trusted-cas.ts';
import { ConnectFailure, openConnection } from './connect.ts';
import { classify, type Exchange, type Progress, type Sent } from './http-exchange.ts';
import { isLoopback, wayTo, type Proxy, type ProxyResolver } from './proxy.ts';

export interface HttpOptions {
  /** The machine's own proxy policy, e.g. Electron's `session.resolveProxy`; else the environment's variables rule. */
  readonly proxyFor?: ProxyResolver;
  /** Authorities to trust beyond Node's and the machine's, as PEM texts. */
  readonly authorities?: readonly string[];
  readonly userAgent?: string;
  /** Until a connection stands, TLS included. Default 10 s. */
  readonly connectLimitMs?: number;
  /** From the request's first byte to the answer's last. Default 30 s. */
  readonly answerLimitMs?: number;
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

export interface Http {
  /** Never rejects. */
  exchange(request: HttpRequest): Promise<Exchange>;
  /** Lets go of a connection's sockets: idle ones now, busy ones after their answer. */
  forget(connectionId: string): void;
}

/** As many as a pace may want, and some for what an operator asks for meanwhile. */
const maxSockets = mostInFlight + 8;
/** Shorter than servers keep an idle connection: a request on one that was just closed would end as `unknown`. */
const idleSocketMs = 4_000;

interface Line {
  /** Origin and proxy: where either changes, the sockets are of no more use. */
  readonly key: string;
  readonly secure: boolean;
  readonly agent: http.Agent;
  /** Bounds the sockets: an agent counts a connection only once it stands. */
  readonly queue: PQueue;
}

export function createHttp(options: HttpOptions = {}): Http {
  const connectLimitMs = options.connectLimitMs ?? 10_000;
  const answerLimitMs = options.answerLimitMs ?? 30_000;
  const maxBodyBytes = options.maxBodyBytes ?? 1_048_576;
  const lines = new Map<string, Line>();
  let trust: Promise<SecureContext> | null = null;
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

  function retire(line: Line): void {
    line.agent.maxFreeSockets = 0;
    for (const sockets of Object.values(line.agent.freeSockets)) {
      for (const socket of sockets ?? []) socket.destroy();
    }
  }

  async function lineFor(request: HttpRequest): Promise<Line> {
    request.signal.throwIfAborted();
    if (!URL.canParse(request.baseUrl)) throw new ConnectFailure('connect_failed', 'NOT_A_URL');
    const url = new URL(request.baseUrl);
    const secure = url.protocol === 'https:';
    // The base URL is checked where a connection is made; a credential on an open wire is worth a second look.
    const isSafe = secure || (url.protocol === 'http:' && isLoopback(url.hostname));
    if (!isSafe) throw new ConnectFailure('connect_failed', 'NOT_HTTPS');
    const way = await within(connectLimitMs, wayTo(url, options.proxyFor ?? null, process.env)).catch(() => ({
      kind: 'unusable' as const,
    }));
    if (way.kind === 'unusable') throw new ConnectFailure('connect_failed', 'PROXY_UNUSABLE');
    const proxy = way.kind === 'proxy' ? way.proxy : null;
    const context = secure ? await (trust ??= loadTrust(options.authorities ?? [])) : null;
    const key = JSON.stringify([url.origin, proxy]);
    const known = lines.get(request.connectionId);
    if (known?.key === key) return known;
    if (known) retire(known);
    const queue = known?.queue ?? new PQueue({ concurrency: maxSockets });
    const line = { key, secure, agent: agentFor(context, proxy, connectLimitMs), queue };
    lines.set(request.connectionId, line);
    return line;
  }

  async function send(request: HttpRequest, line: Line, progress: Progress): Promise<Sent> {
    request.signal.throwIfAborted();
    // Not AbortSignal.any: it keeps memory per request for as long as the caller's signal lives.
    const stop = new AbortController();
    const stopWithCaller = (): void => stop.abort();
    request.signal.addEventListener('abort', stopWithCaller);
    let timer: NodeJS.Timeout | undefined;
    const transport = {
      request(settings: https.RequestOptions, listener: (response: http.IncomingMessage) => void): http.ClientRequest {
        const outgoing = (line.secure ? https : http).request(settings, listener);
        // Node writes the request right after this event, and never without it.
        outgoing.once('socket', () => {
          progress.handed = true;
          timer = setTimeout(() => {
            progress.late = true;
            stop.abort();
          }, answerLimitMs);
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
        httpAgent: line.agent,
        httpsAgent: line.agent,
        transport,
        signal: stop.signal,
      });
      return {
        class: 'answered',
        httpStatus: response.status,
        reasonPhrase: response.statusText,
        headers: plainHeaders(response.headers),
        body: typeof response.data === 'string' ? response.data : '',
      };
    } finally {
      clearTimeout(timer);
      request.signal.removeEventListener('abort', stopWithCaller);
    }
  }

  return {
    async exchange(request) {
      const started = performance.now();
      const progress: Progress = { handed: false, httpStatus: null, late: false };
      const sent = await lineFor(request)
        .then((line) => line.queue.add(() => send(request, line, progress)))
        .catch((error: unknown) => classify(error, progress, request.signal.aborted));
      return { ...sent, durationMs: performance.now() - started };
    },
    forget(connectionId) {
      const line = lines.get(connectionId);
      lines.delete(connectionId);
      if (line) retire(line);
    },
  };
}

/** What an agent says of the connection it wants. */
interface Wanted {
  readonly host?: string | null | undefined;
  readonly port?: string | number | null | undefined;
  readonly servername?: string | undefined;
}

function agentFor(trust: SecureContext | null, proxy: Proxy | null, connectLimitMs: number): http.Agent {
  const settings = { keepAlive: true, maxSockets, maxFreeSockets: maxSockets, timeout: idleSocketMs };
  const agent = new (trust ? https : http).Agent(settings);
  agent.createConnection = ({ host, port, servername = '' }: Wanted, done) => {
    openConnection({ host: host ?? '', port: Number(port), serverName: servername, trust, proxy }, connectLimitMs)
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
async function within<Value>(limitMs: number, promise: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('No answer in time.')), limitMs);
  });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}

function plainHeaders(headers: object): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)] as const);
  return Object.fromEntries(entries);
}
