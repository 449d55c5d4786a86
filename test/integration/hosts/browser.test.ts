import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { tokenHeader } from '../../../src-main/hosts/browser/login-session.ts';
import { startBrowserServer } from '../../../src-main/hosts/browser/server.ts';
import type { BrowserServer } from '../../../src-main/hosts/browser/server.ts';
import { contentSecurityPolicy } from '../../../src-main/hosts/static-files.ts';
import { CallLimiter } from '../../../src-main/contract/call-limiter.ts';
import { maxInputLength } from '../../../src-main/hosts/dispatch.ts';
import { createStubApp, createMemoryLog, stubAppState } from '../../support/stub-app.ts';

interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

const app = createStubApp();
let folder: string;
let server: BrowserServer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'browser-host-'));
  mkdirSync(join(folder, 'root/assets'), { recursive: true });
  writeFileSync(join(folder, 'root/index.html'), '<title>index page</title>');
  writeFileSync(join(folder, 'root/assets/main.js'), 'export {};');
  writeFileSync(join(folder, 'private.json'), '"private"');
  server = await startBrowserServer(app, join(folder, 'root'), createMemoryLog());
});

afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

/** Sends a request unchanged; `fetch` would normalise the path and set Host and Origin. */
function sendRequest(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<HttpResponse> {
  const { hostname, port } = new URL(server.origin);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { hostname, port, path, method: options.method ?? 'GET', headers: options.headers ?? {} },
      (response) => {
        let text = '';
        response
          .setEncoding('utf8')
          .on('data', (chunk: string) => (text += chunk))
          .on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      },
    );
    outgoing.on('error', reject).end(options.body);
  });
}

/** The headers that prove a login. */
type LoginHeaders = Readonly<Record<string, string>>;

function loginHeadersOf({ headers, text }: HttpResponse): LoginHeaders {
  const token = /<meta name="session-token" content="([\w-]{43})">/.exec(text)?.[1] ?? '';
  return { Cookie: headers['set-cookie']?.[0]?.split(';')[0] ?? '', [tokenHeader]: token };
}

async function signIn(): Promise<LoginHeaders> {
  return loginHeadersOf(await openAddress(server.createLoginUrl()));
}

function openAddress(address: string): Promise<HttpResponse> {
  const { pathname, search } = new URL(address);
  return sendRequest(pathname + search);
}

function callApi(
  name: string,
  login: LoginHeaders,
  options: { body?: string; headers?: Record<string, string> } = {},
): Promise<HttpResponse> {
  return sendRequest(`/call/${name}`, {
    method: 'POST',
    headers: { ...login, Origin: server.origin, 'Content-Type': 'application/json', ...options.headers },
    body: options.body ?? '{}',
  });
}

/** The status of the event stream, whose body has no end if it is accepted. */
async function eventStreamStatus(headers: LoginHeaders): Promise<number> {
  const response = await fetch(`${server.origin}/events`, { headers });
  await response.body?.cancel();
  return response.status;
}

/** Fails, and does not wait for the end of the test, if an event stream without events stays open. */
async function expectStreamEnd(response: Response): Promise<void> {
  let text: string | undefined;
  const reading = response.text().then((received) => (text = received));
  await expect.poll(() => text).toBe(':\n\n');
  await reading;
}

/** Opens an event stream, calls `onOpen`, and reads until the stream contains `expectedText`. */
async function readStreamUntil(login: LoginHeaders, expectedText: string, onOpen: () => void): Promise<string> {
  const response = await fetch(`${server.origin}/events`, { headers: login });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  onOpen();
  let text = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    if (text.includes(expectedText)) break;
  }
  return text;
}

describe('browser host: login', () => {
  // Verifies B-05, B-06.
  it('the login address sets a cookie with HttpOnly and SameSite=Strict', async () => {
    const response = await openAddress(server.createLoginUrl());
    expect(response.status).toBe(200);
    const [cookie] = response.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/^session_desk_\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
  });

  // Verifies B-05.
  it('a used code is rejected with instructions for a new address', async () => {
    const address = server.createLoginUrl();
    await openAddress(address);
    const secondResponse = await openAddress(address);
    expect(secondResponse.status).toBe(403);
    expect(secondResponse.headers['set-cookie']).toBeUndefined();
    expect(secondResponse.text).toContain('press <kbd>Enter</kbd>');
  });

  // Verifies B-05.
  it('an unknown code is rejected', async () => {
    server.createLoginUrl();
    expect((await sendRequest('/open?code=guess')).status).toBe(403);
    expect((await sendRequest('/open')).status).toBe(403);
  });

  // Verifies B-08.
  it('a new login signs out the previous client', async () => {
    const first = await signIn();
    const address = server.createLoginUrl();
    expect((await callApi('app.getState', first)).status).toBe(200);
    await openAddress(address);
    const signedOut = await callApi('app.getState', first);
    expect(signedOut.status).toBe(401);
    expect(JSON.parse(signedOut.text)).toMatchObject({ ok: false, error: { code: 'untrusted_sender' } });
  });

  // Verifies B-05.
  it('without the cookie, no file, event or call is available', async () => {
    const response = await sendRequest('/');
    expect(response.status).toBe(401);
    expect(response.text).toContain('not signed in');
    expect((await sendRequest('/assets/main.js')).status).toBe(401);
    expect(await eventStreamStatus({})).toBe(401);
    expect((await callApi('app.getState', {})).status).toBe(401);
    const { Cookie: _cookie, ...tokenOnly } = await signIn();
    expect(Object.keys(tokenOnly)).toEqual([tokenHeader]);
    expect((await sendRequest('/', { headers: tokenOnly })).status).toBe(401);
    expect(await eventStreamStatus(tokenOnly)).toBe(401);
    expect((await callApi('app.getState', tokenOnly)).status).toBe(401);
  });
});

describe('browser host: attacks', () => {
  // Verifies B-02.
  it('a request with another Host header is rejected (DNS rebinding)', async () => {
    const login = await signIn();
    const port = new URL(server.origin).port;
    for (const host of ['evil.example', `evil.example:${port}`, `localhost:${port}`, '127.0.0.1']) {
      expect((await callApi('app.getState', login, { headers: { Host: host } })).status, host).toBe(403);
    }
  });

  // Verifies B-03.
  it('a call with another or without an Origin header is rejected', async () => {
    const login = await signIn();
    for (const origin of [
      'https://evil.example',
      'null',
      server.origin.replace('127.0.0.1', 'localhost'),
      `${server.origin}.evil.example`,
    ]) {
      expect((await callApi('app.getState', login, { headers: { Origin: origin } })).status, origin).toBe(403);
    }
    const headersWithoutOrigin = { ...login, 'Content-Type': 'application/json' };
    expect(
      (await sendRequest('/call/app.state', { method: 'POST', headers: headersWithoutOrigin, body: '{}' })).status,
    ).toBe(403);
  });

  // Verifies B-03.
  it('a cross-site request is rejected, except a top-level navigation', async () => {
    const login = await signIn();
    const crossSite = { ...login, 'Sec-Fetch-Site': 'cross-site' };
    expect(
      (
        await sendRequest('/assets/main.js', {
          headers: { ...crossSite, 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'script' },
        })
      ).status,
    ).toBe(403);
    expect(
      (await sendRequest('/', { headers: { ...crossSite, 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'iframe' } }))
        .status,
    ).toBe(403);
    expect(
      (
        await sendRequest('/', {
          headers: { ...crossSite, 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' },
        })
      ).status,
    ).toBe(200);
  });

  // Verifies B-03.
  it('a call with a content type that an HTML form can send is rejected', async () => {
    const login = await signIn();
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'text/plain; application/json']) {
      expect((await callApi('app.getState', login, { headers: { 'Content-Type': type } })).status, type).toBe(415);
    }
  });

  // Verifies B-04.
  it('a WebSocket, and an event stream for another page, are rejected', async () => {
    const login = await signIn();
    const otherOriginHeaders = { ...login, Origin: 'https://evil.example' };
    expect((await sendRequest('/events', { headers: otherOriginHeaders })).status).toBe(403);
    expect(
      (
        await sendRequest('/events', {
          headers: { ...login, 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'cors' },
        })
      ).status,
    ).toBe(403);
    const upgrade = {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version': '13',
    };
    for (const path of ['/', '/events', '/call/app.state']) {
      expect((await sendRequest(path, { headers: { ...otherOriginHeaders, ...upgrade } })).status, path).toBe(403);
      expect((await sendRequest(path, { headers: upgrade })).status, path).toBe(401);
    }
  });

  // Verifies B-11.
  it('a closed server does not respond, and its cookie is not valid for the next server', async () => {
    const login = await signIn();
    const { origin } = server;
    await server.close();
    await expect(fetch(origin)).rejects.toThrow();
    server = await startBrowserServer(app, join(folder, 'root'), createMemoryLog());
    const cookie = login['Cookie'] ?? '';
    const renamed = cookie.replace(/\d+/, new URL(server.origin).port);
    for (const oldCookie of [cookie, renamed]) {
      expect((await sendRequest('/', { headers: { Cookie: oldCookie } })).status).toBe(401);
      expect((await callApi('app.getState', { ...login, Cookie: oldCookie })).status).toBe(401);
    }
  });

  // Only root can send a request as another user.
  if (process.platform === 'linux' && process.getuid?.() === 0) {
    const otherUid = 65_534;
    /** Runs a script as another user and returns what it prints. */
    const runAs = async (uid: number, script: string) =>
      (await promisify(execFile)(process.execPath, ['-e', script], { uid, gid: uid, cwd: '/', env: {} })).stdout.trim();
    /** Opens `path`; `localAddress` is the source address. Prints the status. */
    const requestScript = (path: string, localAddress: string) => {
      const options = JSON.stringify({ host: '127.0.0.1', port: new URL(server.origin).port, path, localAddress });
      const printStatus = '({ statusCode }) => { console.log(statusCode); process.exit(); }';
      return `require('node:http').get(${options}, ${printStatus})`;
    };

    // Verifies B-10.
    it('another user of the computer is rejected from every loopback address', async () => {
      const { pathname, search } = new URL(server.createLoginUrl());
      const path = `${pathname}${search}`;
      for (const address of ['127.0.0.1', '127.0.0.2', '127.1.2.3'])
        expect(await runAs(otherUid, requestScript(path, address)), address).toBe('403');
      // The code is still valid.
      expect(await runAs(0, requestScript(path, '127.0.0.1'))).toBe('200');
    });

    // Verifies B-10.
    it('another user that resets the connection does not use up the login code', async () => {
      const { pathname, search, port, host } = new URL(server.createLoginUrl());
      const script = `const socket = require('node:net').connect(${port}, '127.0.0.1', () => {
        socket.write('GET ${pathname}${search} HTTP/1.1\\r\\nHost: ${host}\\r\\n\\r\\n', () => {
          socket.resetAndDestroy();
          console.log('reset');
        });
      })`;
      for (let count = 0; count < 20; count += 1) expect(await runAs(otherUid, script)).toBe('reset');
      expect((await openAddress(`http://${host}${pathname}${search}`)).status).toBe(200);
    });
  }

  // Verifies B-12.
  it('a page on another port that receives the cookie cannot call, listen or sign the owner out', async () => {
    const login = await signIn();
    const stolen = { Cookie: login['Cookie'] ?? '' };
    expect((await callApi('app.getState', stolen)).status).toBe(401);
    expect((await callApi('app.getState', { ...stolen, [tokenHeader]: 'guess' })).status).toBe(401);
    expect(await eventStreamStatus(stolen)).toBe(401);
    expect(await eventStreamStatus({ ...stolen, [tokenHeader]: 'guess' })).toBe(401);
    expect((await callApi('app.getState', login)).status).toBe(200);
  });

  // Verifies B-01.
  it('the server listens only on loopback', async () => {
    const { port } = new URL(server.origin);
    const externalAddress = Object.values(networkInterfaces())
      .flat()
      .find((network) => network && !network.internal && network.family === 'IPv4')?.address;
    for (const host of ['::1', ...(externalAddress === undefined ? [] : [externalAddress])]) {
      const connection = new Promise((resolve) =>
        connect({ host, port: Number(port) }, () => resolve('connected')).on('error', () => resolve('refused')),
      );
      expect(await connection, host).toBe('refused');
    }
  });

  // Verifies E-18.
  it('files outside of the build folder are not served', async () => {
    const headers = await signIn();
    const paths = [
      '/../private.json',
      '/assets/../../private.json',
      '/..%2fprivate.json',
      '/%2e%2e/private.json',
      '/..\\private.json',
      '/%5c..%5cprivate.json',
      '/assets/%00.js',
      '/%ff.js',
    ];
    for (const path of paths) expect((await sendRequest(path, { headers })).text, path).not.toContain('"private"');
    expect((await sendRequest('//evil.example/private.json', { headers })).status).toBe(404);
  });
});

describe('browser host: calls', () => {
  // Verifies I-01.
  it('a call returns an envelope', async () => {
    const response = await callApi('app.getState', await signIn());
    expect(response.status).toBe(200);
    expect(JSON.parse(response.text)).toEqual({ ok: true, value: stubAppState });
  });

  it('an expected error returns its code', async () => {
    const response = await callApi('connections.list', await signIn());
    expect(JSON.parse(response.text)).toMatchObject({
      ok: false,
      error: { code: 'workspace_unavailable', retryable: true },
    });
  });

  // Verifies I-02.
  it('a body that is too long is rejected, with and without Content-Length', async () => {
    const login = await signIn();
    const body = JSON.stringify({ filler: 'x'.repeat(maxInputLength) });
    expect((await callApi('app.getState', login, { body })).status).toBe(413);
    expect((await callApi('app.getState', login, { body, headers: { 'Transfer-Encoding': 'chunked' } })).status).toBe(
      413,
    );
    expect((await callApi('app.getState', login)).status).toBe(200);
  });

  // Verifies I-02.
  it('a body that is too deep or has too many values is rejected', async () => {
    const login = await signIn();
    for (const body of [`${'['.repeat(400_000)}${']'.repeat(400_000)}`, `{"keys":[${'0,'.repeat(400_000)}0]}`]) {
      expect(JSON.parse((await callApi('app.getState', login, { body })).text)).toMatchObject({
        ok: false,
        error: { code: 'invalid_input' },
      });
    }
    expect((await callApi('app.getState', login)).status).toBe(200);
  });

  // Verifies I-04.
  it('calls above the rate limit are rejected with status 429', async () => {
    const callLimiter = new CallLimiter({ burst: 2, perSecond: 1, maxPending: 2 }, () => 0);
    await server.close();
    server = await startBrowserServer(app, join(folder, 'root'), createMemoryLog(), { callLimiter });
    const login = await signIn();
    const responses = [];
    for (let count = 0; count < 3; count += 1) responses.push(await callApi('app.getState', login));
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(JSON.parse(responses[2]?.text ?? '')).toMatchObject({
      ok: false,
      error: { code: 'too_many_calls', retryable: true },
    });
  });

  it('a body that is not JSON is rejected', async () => {
    const response = await callApi('app.getState', await signIn(), { body: '{' });
    expect(response.status).toBe(400);
    expect(JSON.parse(response.text)).toMatchObject({ ok: false, error: { code: 'invalid_input' } });
  });

  it('other HTTP methods are rejected', async () => {
    const login = await signIn();
    const headers = { ...login, Origin: server.origin };
    expect((await sendRequest('/call/app.state', { headers })).status).toBe(405);
    expect((await sendRequest('/', { headers, method: 'PUT' })).status).toBe(405);
    expect((await sendRequest('/', { headers, method: 'OPTIONS' })).status).toBe(405);
  });
});

describe('browser host: static files', () => {
  // Verifies E-07, B-07, B-14.
  it('every response has the security headers and Cache-Control: no-store', async () => {
    const login = await signIn();
    for (const path of ['/', '/sessions/all', '/assets/main.js', '/missing.js']) {
      const { headers } = await sendRequest(path, { headers: login });
      expect(headers['content-security-policy'], path).toBe(contentSecurityPolicy);
      expect(headers['x-content-type-options'], path).toBe('nosniff');
      expect(headers['connection-allowlist'], path).toBe('(response-origin)');
      expect(headers['cache-control'], path).toBe('no-store');
    }
  });

  it('a route returns index.html, and a missing file returns 404', async () => {
    const headers = await signIn();
    expect((await sendRequest('/sessions/42', { headers })).text).toContain('index page');
    expect((await sendRequest('/assets/main.js', { headers })).headers['content-type']).toBe(
      'text/javascript; charset=utf-8',
    );
    expect((await sendRequest('/assets/missing.js', { headers })).status).toBe(404);
  });
});

describe('browser host: events', () => {
  // Verifies I-03.
  it('events reach the client without unknown fields', async () => {
    const payload = { ...stubAppState, unknownField: 'hidden' };
    const text = await readStreamUntil(await signIn(), '\n\nevent', () => {
      app.emit('app.changed', payload);
      app.emit('audit.appended', { lastSequence: 7 });
    });
    expect(text).toContain(`event: app.changed\ndata: ${JSON.stringify(stubAppState)}\n\n`);
    expect(text).not.toContain('hidden');
  });

  // Verifies B-13.
  it('a client without a request for 30 minutes receives no more events', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const response = await fetch(`${server.origin}/events`, { headers: await signIn() });
    vi.advanceTimersByTime(30 * 60_000 + 1);
    app.emit('audit.appended', { lastSequence: 7 });
    vi.useRealTimers();
    await expectStreamEnd(response);
  });

  // Verifies B-08.
  it('signing out closes the event stream', async () => {
    const response = await fetch(`${server.origin}/events`, { headers: await signIn() });
    await signIn();
    await expectStreamEnd(response);
  });
});
