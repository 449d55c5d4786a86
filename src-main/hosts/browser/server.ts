/** Serves Session Desk over HTTP on loopback, with the same handlers and renderer as the Electron window. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMessage } from '../../contract/index.ts';
import type { Envelope, EventName } from '../../contract/index.ts';
import type { App, Logger } from '../../core/app.ts';
import {
  dispatchCall,
  errorEnvelope,
  forwardEvents,
  ignoredHostCalls,
  maxInputLength,
  sanitizeError,
} from '../dispatch.ts';
import { browserSecurityHeaders, readStaticFile } from '../static-files.ts';
import { CallLimiter } from '../../contract/call-limiter.ts';
import { LoginSession } from './login-session.ts';
import { PeerCheck, validateRequestOrigin } from './request-origin.ts';
import { codeUsedPage, loginScript, pageStyles, renderLoginPage, signedOutPage } from './html-pages.ts';

export interface BrowserServer {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  /** An address with a new one-time code. */
  createLoginUrl(): string;
  /** Closes all connections. */
  close(): Promise<void>;
}

const htmlContentType = 'text/html; charset=utf-8';

export interface ServeOptions {
  /** Called after each login. */
  readonly onLogin?: () => void;
  readonly callLimiter?: CallLimiter;
}

/** Serves `coreApp` and the built renderer in `root` (a directory) on a free port of 127.0.0.1. */
export async function startBrowserServer(
  coreApp: Pick<App, 'handlers' | 'on'>,
  root: string,
  log: Logger,
  options: ServeOptions = {},
): Promise<BrowserServer> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const host = `127.0.0.1:${port}`;
  const loginSession = new LoginSession(port);
  const callLimiter = options.callLimiter ?? new CallLimiter();
  const broadcaster = new SseBroadcaster(() => loginSession.isSignedIn());
  const peerCheck = new PeerCheck();
  const stopForwarding = forwardEvents(coreApp, (name, payload) => broadcaster.broadcast(name, payload), log);

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? '';
    const originError = validateRequestOrigin(method, request.headers, host);
    if (originError !== undefined) return sendText(response, 403, originError);
    if (!(await peerCheck.isAccepted(request.socket)))
      return sendText(response, 403, 'The request does not come from the user who runs Session Desk.');
    const url = URL.parse(request.url ?? '/', `http://${host}`);
    if (url === null) return sendText(response, 400, 'The address is not valid.');
    if (method === 'GET' && url.pathname === '/open') return login(response, url.searchParams.get('code') ?? '');
    if (method === 'GET' && url.pathname === '/login.css')
      return send(response, 200, 'text/css; charset=utf-8', pageStyles);
    if (method === 'GET' && url.pathname === '/login.js')
      return send(response, 200, 'text/javascript; charset=utf-8', loginScript);
    const callName = url.pathname.startsWith('/call/') ? url.pathname.slice('/call/'.length) : undefined;
    const isEventStream = url.pathname === '/events';
    if ((callName !== undefined || isEventStream) && !loginSession.isAuthenticated(request.headers))
      return sendEnvelope(response, 401, errorEnvelope('untrusted_sender', createMessage('app.pageSignedOut')));
    if (callName !== undefined)
      return method === 'POST' ? handleCall(request, response, callName) : sendText(response, 405, 'Use POST.');
    // A navigation cannot send the token. The build contains no data.
    if (!loginSession.hasCookie(request.headers)) return send(response, 401, htmlContentType, signedOutPage);
    if (method !== 'GET') return sendText(response, 405, 'Use GET.');
    if (isEventStream) return broadcaster.addClient(response);
    const file = await readStaticFile(root, url.pathname);
    send(response, file.status, file.contentType, file.body);
  }

  function login(response: ServerResponse, code: string): void {
    const newLogin = loginSession.redeemCode(code);
    if (newLogin === undefined) return send(response, 403, htmlContentType, codeUsedPage);
    broadcaster.disconnectAll();
    options.onLogin?.();
    response.setHeader('Set-Cookie', newLogin.cookie);
    send(response, 200, htmlContentType, renderLoginPage(newLogin.token));
  }

  async function handleCall(request: IncomingMessage, response: ServerResponse, name: string): Promise<void> {
    if (request.headers['content-type']?.split(';')[0] !== 'application/json') {
      return sendEnvelope(response, 415, errorEnvelope('invalid_input', createMessage('app.inputNotJson')));
    }
    let status = 429;
    const envelope = await callLimiter.run(async () => {
      const body = await readJsonBody(request, maxInputLength);
      switch (body.kind) {
        case 'too_large':
          status = 413;
          response.setHeader('Connection', 'close');
          return errorEnvelope('invalid_input', createMessage('app.inputTooLong'));
        case 'invalid_json':
          status = 400;
          return errorEnvelope('invalid_input', createMessage('app.inputNotJson'));
        case 'json':
          status = 200;
          return dispatchCall(coreApp.handlers, ignoredHostCalls, name, body.value, log);
      }
    });
    sendEnvelope(response, status, envelope);
  }

  server.on('request', (request, response) => {
    for (const [name, value] of Object.entries(browserSecurityHeaders)) response.setHeader(name, value);
    response.setHeader('Cache-Control', 'no-store');
    handle(request, response).catch((error: unknown) => {
      log.error(sanitizeError(error), 'The request handler failed');
      response.destroy();
    });
  });

  return {
    origin: `http://${host}`,
    createLoginUrl: () => `http://${host}/open?code=${loginSession.issueCode()}`,
    async close() {
      stopForwarding();
      broadcaster.close();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

type JsonBody = { readonly kind: 'json'; readonly value: unknown } | { readonly kind: 'too_large' | 'invalid_json' };

/** Reads a request body of at most `maxBytes` bytes as JSON. */
async function readJsonBody(request: IncomingMessage, maxBytes: number): Promise<JsonBody> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return { kind: 'too_large' };
  const chunks: Buffer[] = [];
  let length = 0;
  // A request without an encoding is a stream of Buffers.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) return { kind: 'too_large' };
    chunks.push(chunk);
  }
  try {
    return { kind: 'json', value: JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown };
  } catch {
    return { kind: 'invalid_json' };
  }
}

function send(response: ServerResponse, status: number, type: string, body: string | Uint8Array): void {
  response.writeHead(status, { 'Content-Type': type });
  response.end(body);
}

function sendText(response: ServerResponse, status: number, text: string): void {
  send(response, status, 'text/plain; charset=utf-8', text);
}

function sendEnvelope(response: ServerResponse, status: number, envelope: Envelope<unknown>): void {
  send(response, status, 'application/json; charset=utf-8', JSON.stringify(envelope));
}

const heartbeatIntervalMs = 15_000;
/** A stream with a larger backlog is closed. The tab then reconnects and reads the state again. */
const maxBufferedBytes = 4_000_000;

/** Sends events to all tabs of the client as server-sent events. */
class SseBroadcaster {
  readonly #clients = new Set<ServerResponse>();
  readonly #isSignedIn: () => boolean;
  readonly #heartbeatTimer = setInterval(() => this.#write(':\n\n'), heartbeatIntervalMs).unref();

  /** `isSignedIn`: whether the client may still receive events; checked before each write. */
  constructor(isSignedIn: () => boolean) {
    this.#isSignedIn = isSignedIn;
  }

  /** Turns a response into an event stream that stays open until either side closes it. */
  addClient(response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
    response.write(':\n\n');
    this.#clients.add(response);
    response.on('close', () => this.#clients.delete(response));
  }

  broadcast(name: EventName, payload: unknown): void {
    this.#write(`event: ${name}\ndata: ${JSON.stringify(payload)}\n\n`);
  }

  /** Closes all streams. New streams can be added. */
  disconnectAll(): void {
    for (const response of this.#clients) response.end();
  }

  close(): void {
    clearInterval(this.#heartbeatTimer);
    this.disconnectAll();
  }

  #write(text: string): void {
    if (!this.#isSignedIn()) return this.disconnectAll();
    for (const response of this.#clients) {
      if (response.writableLength > maxBufferedBytes) response.destroy();
      else response.write(text);
    }
  }
}
