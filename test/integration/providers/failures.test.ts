/**
 * The failure table of http.ts: each row provoked on real sockets. `not_sent` is only ever said where nothing can have
 * left.
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

afterEach(closeServers);

const neverAborted = new AbortController().signal;
const okResponseHead = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';

async function exchangeWith(baseUrl: string, more: Partial<HttpRequest> = {}, options: HttpClientOptions = {}) {
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
    ...more,
  });
}

/** A server that takes a TCP connection and says nothing to a TLS greeting. */
async function startSilentServer(onConnection: () => void = () => undefined): Promise<string> {
  return `https://127.0.0.1:${portOf(await startListening(net.createServer(onConnection)))}`;
}

describe('not sent: nothing can have left', () => {
  it('a refused connection', async () => {
    expect(await exchangeWith(`http://127.0.0.1:${await findClosedPort()}`)).toMatchObject({
      class: 'not_sent',
      cause: 'connect_failed',
      detail: 'ECONNREFUSED',
    });
  });

  it('a name that does not exist', async () => {
    expect(await exchangeWith('https://nobody.invalid')).toMatchObject({ class: 'not_sent', cause: 'name_not_found' });
  });

  it('a reset during the TLS handshake', async () => {
    const server = await startListening(
      net.createServer((socket) => socket.once('data', () => socket.resetAndDestroy())),
    );
    expect(await exchangeWith(`https://127.0.0.1:${portOf(server)}`)).toMatchObject({
      class: 'not_sent',
      cause: 'connect_failed',
      detail: 'ECONNRESET',
    });
  });

  it('a server that does not speak TLS', async () => {
    const baseUrl = await startRawServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await exchangeWith(baseUrl.replace('http:', 'https:'))).toMatchObject({
      class: 'not_sent',
      cause: 'connect_failed',
    });
  });

  it('no connection within the limit', async () => {
    expect(await exchangeWith(await startSilentServer(), {}, { connectTimeoutMs: 60 })).toMatchObject({
      class: 'not_sent',
      cause: 'connect_failed',
      detail: 'ETIMEDOUT',
    });
  });

  it('stopped before the start', async () => {
    const { baseUrl, seen } = await startScriptedServer({ '/cancel': [{ status: 200 }] });
    expect(await exchangeWith(baseUrl, { signal: AbortSignal.abort() })).toMatchObject({
      class: 'not_sent',
      cause: 'stopped_before_sending',
    });
    expect(seen).toEqual([]);
  });

  it('stopped while the connection is being made', async () => {
    const stop = new AbortController();
    const baseUrl = await startSilentServer(() => stop.abort());
    expect(await exchangeWith(baseUrl, { signal: stop.signal })).toMatchObject({
      class: 'not_sent',
      cause: 'stopped_before_sending',
    });
  });

  it('plain http beyond loopback, refused here whatever the address', async () => {
    expect(await exchangeWith('http://192.0.2.1')).toMatchObject({
      class: 'not_sent',
      cause: 'connect_failed',
      detail: 'NOT_HTTPS',
    });
  });

  it('a base URL that is none', async () => {
    expect(await exchangeWith('{baseurl}')).toMatchObject({ class: 'not_sent', detail: 'NOT_A_URL' });
  });

  it('a header that cannot be written', async () => {
    const { baseUrl, seen } = await startScriptedServer({ '/cancel': [{ status: 200 }] });
    expect(await exchangeWith(baseUrl, { headers: { 'bad name': 'x' } })).toMatchObject({ class: 'not_sent' });
    expect(seen).toEqual([]);
  });
});

describe('unknown: it left, and no whole answer came', () => {
  const rows: Record<
    string,
    {
      answer: (socket: net.Socket) => void;
      cause: string;
      httpStatus?: number;
      options?: HttpClientOptions;
    }
  > = {
    'no answer within the limit': { answer: () => undefined, cause: 'timed_out', options: { responseTimeoutMs: 80 } },
    'an answer that drips past the limit': {
      answer: (socket) => {
        socket.write(`${okResponseHead}content-length: 9000\r\n\r\n`);
        const drip = setInterval(() => socket.write(' '), 10);
        socket.on('close', () => clearInterval(drip));
      },
      cause: 'timed_out',
      httpStatus: 200,
      options: { responseTimeoutMs: 120 },
    },
    'a reset after the request': { answer: (socket) => socket.resetAndDestroy(), cause: 'connection_lost' },
    'a close after the request': { answer: (socket) => socket.end(), cause: 'connection_lost' },
    'a 200 whose body is cut': {
      answer: (socket) => socket.end(`${okResponseHead}content-length: 90\r\n\r\n{"status":`),
      cause: 'answer_cut',
      httpStatus: 200,
    },
    'a chunked 200 without its end': {
      answer: (socket) => socket.end(`${okResponseHead}transfer-encoding: chunked\r\n\r\n5\r\n{"sta\r\n`),
      cause: 'answer_cut',
      httpStatus: 200,
    },
    'a 200 reset in the middle of its body': {
      answer: (socket) =>
        socket.write(`${okResponseHead}content-length: 90\r\n\r\n{"status":`, () => socket.resetAndDestroy()),
      cause: 'answer_cut',
      httpStatus: 200,
    },
    'a 401 whose body is cut': {
      answer: (socket) => socket.end('HTTP/1.1 401 No\r\ncontent-length: 90\r\n\r\n{'),
      cause: 'answer_cut',
      httpStatus: 401,
    },
    'bytes that are not HTTP': {
      answer: (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'),
      cause: 'answer_unreadable',
    },
    'headers without end': {
      answer: (socket) => socket.end(`${okResponseHead}${'x-more: yes and so on\r\n'.repeat(2_000)}`),
      cause: 'answer_unreadable',
    },
    'a body larger than the limit': {
      answer: (socket) => socket.end(`${okResponseHead}content-length: 5000\r\n\r\n${'x'.repeat(5_000)}`),
      cause: 'answer_unreadable',
      httpStatus: 200,
      options: { maxBodyBytes: 1_000 },
    },
    'a small body that unpacks to more than the limit': {
      answer: (socket) => {
        const packed = gzipSync('x'.repeat(1_000_000));
        socket.write(`${okResponseHead}content-encoding: gzip\r\ncontent-length: ${packed.length}\r\n\r\n`);
        socket.end(packed);
      },
      cause: 'answer_unreadable',
      httpStatus: 200,
      options: { maxBodyBytes: 10_000 },
    },
    'a body that is not what its encoding says': {
      answer: (socket) => socket.end(`${okResponseHead}content-encoding: gzip\r\ncontent-length: 9\r\n\r\nnot gzip!`),
      cause: 'answer_unreadable',
      httpStatus: 200,
    },
  };

  it.each(Object.entries(rows))('%s', async (_name, { answer, cause, httpStatus = null, options = {} }) => {
    const baseUrl = await startRawServer(answer);
    expect(await exchangeWith(baseUrl, {}, options)).toMatchObject({ class: 'unknown', cause, httpStatus });
  });

  it('a reset on a connection kept alive from an earlier answer', async () => {
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

  it('stopped while the answer is awaited', async () => {
    const stop = new AbortController();
    const baseUrl = await startRawServer(() => stop.abort());
    expect(await exchangeWith(baseUrl, { signal: stop.signal })).toMatchObject({
      class: 'unknown',
      cause: 'console_stopped',
    });
  });
});

describe('answered: a whole answer, whatever it says', () => {
  it.each([200, 204, 400, 401, 404, 422, 429, 500, 503])('HTTP %i', async (status) => {
    const { baseUrl } = await startScriptedServer({
      '/cancel': [{ status, body: status === 204 ? undefined : { a: 1 } }],
    });
    expect(await exchangeWith(baseUrl)).toMatchObject({
      class: 'answered',
      httpStatus: status,
      body: status === 204 ? '' : '{"a":1}',
    });
  });

  it('a 200 of broken JSON comes as the text it is, for the reader to judge', async () => {
    const { baseUrl } = await startScriptedServer({ '/cancel': [{ status: 200, body: '{"status":"CANCELED",}' }] });
    expect(await exchangeWith(baseUrl)).toMatchObject({ class: 'answered', body: '{"status":"CANCELED",}' });
  });

  it.each([301, 302, 303, 307, 308])('a %i is not followed', async (status) => {
    const elsewhere = await startScriptedServer({ '': [{ status: 200, body: { status: 'CANCELED' } }] });
    const { baseUrl } = await startScriptedServer({
      '/cancel': [{ status, headers: { location: `${elsewhere.baseUrl}/cancel` } }],
    });
    expect(await exchangeWith(baseUrl)).toMatchObject({ class: 'answered', httpStatus: status });
    expect(elsewhere.seen).toEqual([]);
  });
});

describe('what is sent, and where', () => {
  it('stays with the base URL whatever the path looks like', async () => {
    const elsewhere = await startScriptedServer({ '': [{ status: 200 }] });
    const { baseUrl, seen } = await startScriptedServer({ '': [{ status: 404 }] });
    await exchangeWith(baseUrl, { path: elsewhere.baseUrl });
    await exchangeWith(baseUrl, { path: elsewhere.baseUrl.replace('http:', '') });
    expect(elsewhere.seen).toEqual([]);
    expect(seen).toHaveLength(2);
  });

  it('sends a cancel without a body and without a content type, and a form as a form', async () => {
    const { baseUrl, seen } = await startScriptedServer({ '': [{ status: 200 }] });
    await exchangeWith(baseUrl);
    await exchangeWith(baseUrl, { form: { grant_type: 'client_credentials', Password: 'a&b=ü' } });
    expect(seen[0]).toMatchObject({ body: '', headers: { 'content-length': '0' } });
    expect(seen[0]?.headers).not.toHaveProperty('content-type');
    expect(seen[1]).toMatchObject({
      body: 'grant_type=client_credentials&Password=a%26b%3D%C3%BC',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
  });

  it('opens at most as many connections as a pace may want and some for an operator, and keeps none that a connection was told to forget', async () => {
    const allowed = maxInFlightLimit + 8;
    let most = 0;
    let now = 0;
    const waiting: net.Socket[] = [];
    const answer = (): void => {
      for (const socket of waiting.splice(0)) socket.write(`${okResponseHead}content-length: 2\r\n\r\n{}`);
    };
    const server = await startListening(
      net.createServer((socket) => {
        most = Math.max(most, ++now);
        socket.on('close', () => {
          now -= 1;
        });
        socket.on('data', () => {
          waiting.push(socket);
          if (waiting.length === allowed) answer();
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
    const answers = await Promise.all(Array.from({ length: 3 * allowed }, () => http.send(request)));
    expect(answers.every((each) => each.class === 'answered')).toBe(true);
    expect(most).toBe(allowed);
    http.releaseConnection('one');
    await expect.poll(() => now).toBe(0);
  });

  it('lets an answer that is under way arrive when its connection is forgotten', async () => {
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

  it('leaves no listener on a signal that outlives its requests', async () => {
    const { baseUrl } = await startScriptedServer({ '': [{ status: 200 }] });
    const { signal } = new AbortController();
    const added: unknown[] = [];
    const removed: unknown[] = [];
    const spied = new Proxy(signal, {
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
    await exchangeWith(baseUrl, { signal: spied });
    expect(added).toHaveLength(1);
    expect(removed).toEqual(added);
  });
});

it('never lets an axios error, a header or a token out', async () => {
  const baseUrl = await startRawServer((socket) => socket.end(`${okResponseHead}content-length: 90\r\n\r\n{`));
  const outcome = await exchangeWith(baseUrl);
  expect(inspect(outcome, { depth: 20, showHidden: true }) + JSON.stringify(outcome)).not.toMatch(
    /t0ken|authorization|axios/i,
  );
});
