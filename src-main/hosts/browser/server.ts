/** The console over HTTP on loopback: the same handlers and the same screen as in the window. */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Envelope } from '../../contract/index.ts';
import type { Desk, Log } from '../../core/app.ts';
import { answer, refusal, withoutWords } from '../dispatch.ts';
import { forwardEvents } from '../forward-events.ts';
import { fileAnswer } from '../static-files.ts';
import { securityHeaders } from '../security-headers.ts';
import { longestInput } from '../input-limits.ts';
import { Turnstile } from '../call-limiter.ts';
import { readJson } from './json-body.ts';
import { Door } from './login-session.ts';
import { originObjection } from './request-origin.ts';
import { codeUsedPage, openingPage, pageStyle, signedOutPage } from './html-pages.ts';
import { isForeign } from './peer-uid.ts';
import { EventStreams } from './sse.ts';

export interface BrowserServer {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  /** An address that opens the console once, with the one-time code in it. */
  newAddress(): string;
  /** Ends every connection. */
  close(): Promise<void>;
}

const html = 'text/html; charset=utf-8';

export interface ServeOptions {
  /** Called whenever an address was used. */
  readonly entered?: () => void;
  readonly turnstile?: Turnstile;
}

/** Serves `desk` and the built screen in `root` (a directory) on a free port of 127.0.0.1. */
export async function serve(
  desk: Pick<Desk, 'handlers' | 'on'>,
  root: string,
  log: Log,
  options: ServeOptions = {},
): Promise<BrowserServer> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const host = `127.0.0.1:${port}`;
  const door = new Door(port);
  const turnstile = options.turnstile ?? new Turnstile();
  const streams = new EventStreams();
  /** Asked once for each connection. */
  const foreign = new WeakMap<Socket, Promise<boolean>>();
  const endEvents = forwardEvents(desk, (name, payload) => streams.send(name, payload), log);

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? '';
    const objection = originObjection(method, request.headers, host);
    if (objection !== undefined) return sendText(response, 403, objection);
    const { socket } = request;
    if (!foreign.has(socket)) foreign.set(socket, isForeign(socket));
    if (await foreign.get(socket))
      return sendText(response, 403, 'The request comes from another user of this machine.');
    const url = URL.parse(request.url ?? '/', `http://${host}`);
    if (url === null) return sendText(response, 400, 'The address cannot be read.');
    if (method === 'GET' && url.pathname === '/open') return enter(response, url.searchParams.get('code') ?? '');
    if (method === 'GET' && url.pathname === '/door.css')
      return send(response, 200, 'text/css; charset=utf-8', pageStyle);
    const callName = url.pathname.startsWith('/call/') ? url.pathname.slice('/call/'.length) : undefined;
    if (!door.admits(request.headers.cookie)) {
      return callName === undefined
        ? send(response, 401, html, signedOutPage)
        : sendEnvelope(
            response,
            401,
            refusal('sender_refused', 'This page was signed out: the console was opened elsewhere.'),
          );
    }
    if (callName !== undefined)
      return method === 'POST' ? call(request, response, callName) : sendText(response, 405, 'Use POST.');
    if (method !== 'GET') return sendText(response, 405, 'Use GET.');
    if (url.pathname === '/events') return streams.add(response);
    const file = await fileAnswer(root, url.pathname);
    send(response, file.status, file.type, file.body);
  }

  function enter(response: ServerResponse, code: string): void {
    const cookie = door.enter(code);
    if (cookie === undefined) return send(response, 403, html, codeUsedPage);
    streams.endAll();
    options.entered?.();
    response.setHeader('Set-Cookie', cookie);
    send(response, 200, html, openingPage);
  }

  async function call(request: IncomingMessage, response: ServerResponse, name: string): Promise<void> {
    if (request.headers['content-type']?.split(';')[0] !== 'application/json') {
      return sendEnvelope(response, 415, refusal('invalid_input', 'The input must be JSON.'));
    }
    let status = 429;
    const envelope = await turnstile.pass(async () => {
      const body = await readJson(request, longestInput);
      switch (body.kind) {
        case 'too_long':
          status = 413;
          response.setHeader('Connection', 'close');
          return refusal('invalid_input', 'The input is too long. Enter less at once.');
        case 'not_json':
          status = 400;
          return refusal('invalid_input', 'The input must be JSON.');
        case 'json':
          status = 200;
          return answer(desk.handlers, name, body.value, log);
      }
    });
    sendEnvelope(response, status, envelope);
  }

  server.on('request', (request, response) => {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    response.setHeader('Cache-Control', 'no-store');
    handle(request, response).catch((error: unknown) => {
      log.error(withoutWords(error), 'A request could not be answered');
      response.destroy();
    });
  });

  return {
    origin: `http://${host}`,
    newAddress: () => `http://${host}/open?code=${door.newCode()}`,
    async close() {
      endEvents();
      streams.close();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
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
