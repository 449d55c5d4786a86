/**
 * The failure classes of the HTTP client on real sockets. `not_sent` is reported only if nothing can have been sent.
 */
import net from 'node:net';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpClient, type HttpClientOptions, type HttpRequest } from '../../../src-main/core/providers/http.ts';
import {
  closeServers,
  findClosedPort,
  startListening,
  startScriptedServer,
  portOf,
  startRawServer,
} from './loopback-servers.ts';
import { maxInFlightLimit } from '../../../src-main/contract/index.ts';
import { nonEmpty } from '../../support/non-empty.ts';

afterEach(closeServers);

const neverAborted = new AbortController().signal;
const okResponseHead = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';

async function exchangeWith(baseUrl: string, overrides: Partial<HttpRequest> = {}, options: HttpClientOptions = {}) {
  const request = {
    connectionId: 'one',
    baseUrl,
    method: 'POST' as const,
    path: '/cancel',
    headers: { authorization: 'Bearer t0ken' },
    signal: neverAborted,
  };
  return createHttpClient({ connectTimeoutMs: 2_000, responseTimeoutMs: 2_000, ...options }).send({
    ...request,
    ...overrides,
  });
}

/** A server that accepts TCP connections and never answers the TLS handshake. */
async function startSilentServer(onConnection: () => void = () => undefined): Promise<string> {
  return `https://127.0.0.1:${portOf(await startListening(net.createServer(onConnection)))}`;
}

describe('exchange class not_sent', () => {
  it('not sent: the TCP connection is refused', async () => {
    expect(await exchangeWith(`http://127.0.0.1:${await findClosedPort()}`)).toMatchObject({
      class: 'not_sent',
      cause: 'connect_failed',
      detail: 'ECONNREFUSED',
    });
  });

  it('not sent: the host name does not exist', async () => {
    expect(await exchangeWith('https://unknown.invalid')).toMatchObject({ class: 'not_sent', cause: 'name_not_found' });
  });

  it('not sent: the server resets the connection during the TLS handshake', async () => {
    const server = await startListening(
      net.createServer((socket) => socket.once('data', () => socket.resetAndDestroy())),
    );
    expect(await exchangeWith(`https://127.0.0.1:${portOf(server)}`)).toMatchObject({
      class: 'not_sent',
      cause: 'connect_failed',
      detail: 'ECONNRESET',
    });
  });

  it('not sent: the server does not use TLS', async () => {
    const baseUrl = await startRawServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await exchangeWith(baseUrl.replace('http:', 'https:'))).toMatchObject({
      class: 'not_sent',
      cause: 'connect_failed',
    });
  });

  it('not sent: the connection is not open within the time limit', async () => {
    expect(await exchangeWith(await startSilentServer(), {}, { connectTimeoutMs: 60 })).toMatchObject({
      class: 'not_sent',
      cause: 'connect_failed',
      detail: 'ETIMEDOUT',
    });
  });

  it('not sent: the signal is aborted before the request starts', async () => {
    const { baseUrl, requests } = await startScriptedServer({ '/cancel': [{ status: 200 }] });
    expect(await exchangeWith(baseUrl, { signal: AbortSignal.abort() })).toMatchObject({
      class: 'not_sent',
      cause: 'stopped_before_sending',
    });
    expect(requests).toEqual([]);
  });

  it('not sent: the signal is aborted while the connection opens', async () => {
    const controller = new AbortController();
    const baseUrl = await startSilentServer(() => controller.abort());
    expect(await exchangeWith(baseUrl, { signal: controller.signal })).toMatchObject({
      class: 'not_sent',
      cause: 'stopped_before_sending',
    });
  });

  it('not sent: the base URL is http and not loopback', async () => {
    expect(await exchangeWith('http://192.0.2.1')).toMatchObject({
      class: 'not_sent',
      cause: 'connect_failed',
      detail: 'NOT_HTTPS',
    });
  });

  it('not sent: the base URL is not a URL', async () => {
    expect(await exchangeWith('{baseurl}')).toMatchObject({ class: 'not_sent', detail: 'NOT_A_URL' });
  });

  it('not sent: a header name is not valid', async () => {
    const { baseUrl, requests } = await startScriptedServer({ '/cancel': [{ status: 200 }] });
    expect(await exchangeWith(baseUrl, { headers: { 'bad name': 'x' } })).toMatchObject({ class: 'not_sent' });
    expect(requests).toEqual([]);
  });
});

describe('exchange class unknown', () => {
  const rows: Record<
    string,
    {
      respond: (socket: net.Socket) => void;
      cause: string;
      httpStatus?: number;
      options?: HttpClientOptions;
    }
  > = {
    'no response within the time limit': {
      respond: () => undefined,
      cause: 'timed_out',
      options: { responseTimeoutMs: 80 },
    },
    'a slow response that exceeds the time limit': {
      respond: (socket) => {
        socket.write(`${okResponseHead}content-length: 9000\r\n\r\n`);
        const timer = setInterval(() => socket.write(' '), 10);
        socket.on('close', () => clearInterval(timer));
      },
      cause: 'timed_out',
      httpStatus: 200,
      options: { responseTimeoutMs: 500 },
    },
    'a reset after the request': { respond: (socket) => socket.resetAndDestroy(), cause: 'connection_lost' },
    'a close after the request': { respond: (socket) => socket.end(), cause: 'connection_lost' },
    'a 200 with an incomplete body': {
      respond: (socket) => socket.end(`${okResponseHead}content-length: 90\r\n\r\n{"status":`),
      cause: 'answer_cut',
      httpStatus: 200,
    },
    'a chunked 200 without its last chunk': {
      respond: (socket) => socket.end(`${okResponseHead}transfer-encoding: chunked\r\n\r\n5\r\n{"sta\r\n`),
      cause: 'answer_cut',
      httpStatus: 200,
    },
    'a 200 with a reset inside its body': {
      respond: (socket) =>
        socket.write(`${okResponseHead}content-length: 90\r\n\r\n{"status":`, () => socket.resetAndDestroy()),
      cause: 'answer_cut',
      httpStatus: 200,
    },
    'a 401 with an incomplete body': {
      respond: (socket) => socket.end('HTTP/1.1 401 No\r\ncontent-length: 90\r\n\r\n{'),
      cause: 'answer_cut',
      httpStatus: 401,
    },
    'bytes that are not HTTP': {
      respond: (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'),
      cause: 'answer_unreadable',
    },
    'too many response headers': {
      respond: (socket) => socket.end(`${okResponseHead}${'x-more: yes and so on\r\n'.repeat(2_000)}`),
      cause: 'answer_unreadable',
    },
    'a body over the size limit': {
      respond: (socket) => socket.end(`${okResponseHead}content-length: 5000\r\n\r\n${'x'.repeat(5_000)}`),
      cause: 'answer_unreadable',
      httpStatus: 200,
      options: { maxBodyBytes: 1_000 },
    },
    'a compressed body that exceeds the size limit after decompression': {
      respond: (socket) => {
        const compressed = gzipSync('x'.repeat(1_000_000));
        socket.write(`${okResponseHead}content-encoding: gzip\r\ncontent-length: ${compressed.length}\r\n\r\n`);
        socket.end(compressed);
      },
      cause: 'answer_unreadable',
      httpStatus: 200,
      options: { maxBodyBytes: 10_000 },
    },
    'a body that does not match its content encoding': {
      respond: (socket) => socket.end(`${okResponseHead}content-encoding: gzip\r\ncontent-length: 9\r\n\r\nnot gzip!`),
      cause: 'answer_unreadable',
      httpStatus: 200,
    },
  };

  it.each(Object.entries(rows))('unknown: %s', async (_name, { respond, cause, httpStatus = null, options = {} }) => {
    const baseUrl = await startRawServer(respond);
    expect(await exchangeWith(baseUrl, {}, options)).toMatchObject({ class: 'unknown', cause, httpStatus });
  });

  it('unknown: a reset on a connection that is reused from an earlier request', async () => {
    const ports: (number | undefined)[] = [];
    const baseUrl = await startRawServer((socket, _request, count) => {
      ports.push(socket.remotePort);
      if (count === 1) socket.write(`${okResponseHead}content-length: 2\r\n\r\n{}`);
      else socket.resetAndDestroy();
    });
    const http = createHttpClient();
    const request = {
      connectionId: 'one',
      baseUrl,
      method: 'POST' as const,
      path: '/cancel',
      headers: {},
      signal: neverAborted,
    };
    expect(await http.send(request)).toMatchObject({ class: 'answered' });
    expect(await http.send(request)).toMatchObject({ class: 'unknown', cause: 'connection_lost' });
    expect(ports[0]).toBe(ports[1]);
  });

  it('unknown: the signal is aborted before the response arrives', async () => {
    const controller = new AbortController();
    const baseUrl = await startRawServer(() => controller.abort());
    expect(await exchangeWith(baseUrl, { signal: controller.signal })).toMatchObject({
      class: 'unknown',
      cause: 'console_stopped',
    });
  });
});

describe('exchange class answered', () => {
  it.each([200, 204, 400, 401, 404, 422, 429, 500, 503])(
    'answered: a complete response with HTTP %i',
    async (status) => {
      const { baseUrl } = await startScriptedServer({
        '/cancel': [{ status, body: status === 204 ? undefined : { a: 1 } }],
      });
      expect(await exchangeWith(baseUrl)).toMatchObject({
        class: 'answered',
        httpStatus: status,
        body: status === 204 ? '' : '{"a":1}',
      });
    },
  );

  it('answered: a 200 with invalid JSON returns the body as text', async () => {
    const { baseUrl } = await startScriptedServer({ '/cancel': [{ status: 200, body: '{"status":"CANCELED",}' }] });
    expect(await exchangeWith(baseUrl)).toMatchObject({ class: 'answered', body: '{"status":"CANCELED",}' });
  });

  it.each([301, 302, 303, 307, 308])('answered: a %i is not followed', async (status) => {
    const otherServer = await startScriptedServer({ '': [{ status: 200, body: { status: 'CANCELED' } }] });
    const { baseUrl } = await startScriptedServer({
      '/cancel': [{ status, headers: { location: `${otherServer.baseUrl}/cancel` } }],
    });
    expect(await exchangeWith(baseUrl)).toMatchObject({ class: 'answered', httpStatus: status });
    expect(otherServer.requests).toEqual([]);
  });
});

describe('HttpClient', () => {
  it('request: goes to the base URL even if the path is a URL', async () => {
    const otherServer = await startScriptedServer({ '': [{ status: 200 }] });
    const { baseUrl, requests } = await startScriptedServer({ '': [{ status: 404 }] });
    await exchangeWith(baseUrl, { path: otherServer.baseUrl });
    await exchangeWith(baseUrl, { path: otherServer.baseUrl.replace('http:', '') });
    expect(otherServer.requests).toEqual([]);
    expect(requests).toHaveLength(2);
  });

  it('request: a cancel has no body and no content type, a form is URL-encoded', async () => {
    const { baseUrl, requests } = await startScriptedServer({ '': [{ status: 200 }] });
    await exchangeWith(baseUrl);
    await exchangeWith(baseUrl, { form: { grant_type: 'client_credentials', Password: 'a&b=ü' } });
    expect(requests[0]).toMatchObject({ body: '', headers: { 'content-length': '0' } });
    expect(requests[0]?.headers).not.toHaveProperty('content-type');
    expect(requests[1]).toMatchObject({
      body: 'grant_type=client_credentials&Password=a%26b%3D%C3%BC',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
  });

  it('sockets: one connection opens at most 72, and releaseConnection closes them', async () => {
    const maxSockets = maxInFlightLimit + 8;
    let maxOpen = 0;
    let open = 0;
    const waitingSockets: net.Socket[] = [];
    const respondToAll = (): void => {
      for (const socket of waitingSockets.splice(0)) socket.write(`${okResponseHead}content-length: 2\r\n\r\n{}`);
    };
    const server = await startListening(
      net.createServer((socket) => {
        maxOpen = Math.max(maxOpen, ++open);
        socket.on('close', () => {
          open -= 1;
        });
        socket.on('data', () => {
          waitingSockets.push(socket);
          if (waitingSockets.length === maxSockets) respondToAll();
        });
      }),
    );
    const http = createHttpClient();
    const request = {
      connectionId: 'one',
      baseUrl: `http://127.0.0.1:${portOf(server)}`,
      method: 'GET' as const,
      path: '/',
      headers: {},
      signal: neverAborted,
    };
    const exchanges = await Promise.all(Array.from({ length: 3 * maxSockets }, () => http.send(request)));
    expect(nonEmpty(exchanges).every((each) => each.class === 'answered')).toBe(true);
    expect(maxSockets).toBe(72);
    expect(maxOpen).toBe(maxSockets);
    http.releaseConnection('one');
    await expect.poll(() => open).toBe(0);
  });

  it('releaseConnection: a response in progress still arrives', async () => {
    const http = createHttpClient();
    const baseUrl = await startRawServer((socket) => {
      http.releaseConnection('one');
      socket.write(`${okResponseHead}content-length: 2\r\n\r\n{}`);
    });
    const request = {
      connectionId: 'one',
      baseUrl,
      method: 'GET' as const,
      path: '/',
      headers: {},
      signal: neverAborted,
    };
    expect(await http.send(request)).toMatchObject({ class: 'answered' });
  });

  it('request: removes its listener from the signal of the caller', async () => {
    const { baseUrl } = await startScriptedServer({ '': [{ status: 200 }] });
    const { signal } = new AbortController();
    const added: unknown[] = [];
    const removed: unknown[] = [];
    const signalSpy = new Proxy(signal, {
      get: (target, name) => {
        if (name === 'addEventListener')
          return (type: string, listener: () => void) => {
            added.push(listener);
            target.addEventListener(type, listener);
          };
        if (name === 'removeEventListener')
          return (type: string, listener: () => void) => {
            removed.push(listener);
            target.removeEventListener(type, listener);
          };
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    await exchangeWith(baseUrl, { signal: signalSpy });
    expect(added).toHaveLength(1);
    expect(removed).toEqual(added);
  });
});

it('HttpClient: an exchange contains no axios error, request header or token', async () => {
  const baseUrl = await startRawServer((socket) => socket.end(`${okResponseHead}content-length: 90\r\n\r\n{`));
  const exchange = await exchangeWith(baseUrl);
  expect(inspect(exchange, { depth: 20, showHidden: true }) + JSON.stringify(exchange)).not.toMatch(
    /t0ken|authorization|axios/i,
  );
});
