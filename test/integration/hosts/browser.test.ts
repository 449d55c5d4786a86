import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startBrowserServer } from '../../../src-main/hosts/browser/server.ts';
import type { BrowserServer } from '../../../src-main/hosts/browser/server.ts';
import { contentSecurityPolicy } from '../../../src-main/hosts/security-headers.ts';
import { maxInputLength } from '../../../src-main/hosts/input-limits.ts';
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
  mkdirSync(join(folder, 'screen/assets'), { recursive: true });
  writeFileSync(join(folder, 'screen/index.html'), '<title>the screen</title>');
  writeFileSync(join(folder, 'screen/assets/main.js'), 'export {};');
  writeFileSync(join(folder, 'private.json'), '"not the screen"');
  server = await startBrowserServer(app, join(folder, 'screen'), createMemoryLog());
});

afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

/** One request exactly as written: `fetch` would tidy up the path, the Host and the Origin. */
function sendRequest(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<HttpResponse> {
  const { hostname, port } = new URL(server.origin);
  return new Promise((resolve, reject) => {
    const sent = request(
      { hostname, port, path, method: options.method ?? 'GET', headers: options.headers ?? {} },
      (response) => {
        let text = '';
        response
          .setEncoding('utf8')
          .on('data', (part: string) => (text += part))
          .on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      },
    );
    sent.on('error', reject).end(options.body);
  });
}

async function signIn(): Promise<string> {
  const answer = await openAddress(server.createLoginUrl());
  return answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}

function openAddress(address: string): Promise<HttpResponse> {
  const { pathname, search } = new URL(address);
  return sendRequest(pathname + search);
}

function callApi(
  name: string,
  cookie: string,
  options: { body?: string; headers?: Record<string, string> } = {},
): Promise<HttpResponse> {
  return sendRequest(`/call/${name}`, {
    method: 'POST',
    headers: { Cookie: cookie, Origin: server.origin, 'Content-Type': 'application/json', ...options.headers },
    body: options.body ?? '{}',
  });
}

/** Reads an event stream until it holds `wanted`. */
async function readStreamUntil(cookie: string, wanted: string, meanwhile: () => void): Promise<string> {
  const response = await fetch(`${server.origin}/events`, { headers: { Cookie: cookie } });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  meanwhile();
  let text = '';
  for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += part;
    if (text.includes(wanted)) break;
  }
  return text;
}

describe('the way in', () => {
  // Verifies B-05, B-06.
  it('trades the code of the address for a cookie that scripts cannot read and other sites cannot send', async () => {
    const answer = await openAddress(server.createLoginUrl());
    expect(answer.status).toBe(200);
    const [cookie] = answer.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/^session_desk_\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
  });

  // Verifies B-05.
  it('refuses a code that was used, and says how to get another', async () => {
    const address = server.createLoginUrl();
    await openAddress(address);
    const again = await openAddress(address);
    expect(again.status).toBe(403);
    expect(again.headers['set-cookie']).toBeUndefined();
    expect(again.text).toContain('press <kbd>Enter</kbd>');
  });

  // Verifies B-05.
  it('refuses a code that was never given', async () => {
    server.createLoginUrl();
    expect((await sendRequest('/open?code=guess')).status).toBe(403);
    expect((await sendRequest('/open')).status).toBe(403);
  });

  // Verifies B-08.
  it('lets one client in at a time: a new code signs out the one before, once it is used', async () => {
    const first = await signIn();
    const address = server.createLoginUrl();
    expect((await callApi('app.state', first)).status).toBe(200);
    await openAddress(address);
    const signedOut = await callApi('app.state', first);
    expect(signedOut.status).toBe(401);
    expect(JSON.parse(signedOut.text)).toMatchObject({ ok: false, error: { code: 'untrusted_sender' } });
  });

  // Verifies B-05.
  it('shows nothing of the screen without the cookie, but says what to do', async () => {
    const answer = await sendRequest('/');
    expect(answer.status).toBe(401);
    expect(answer.text).toContain('not signed in');
    expect((await sendRequest('/assets/main.js')).status).toBe(401);
    expect((await sendRequest('/events')).status).toBe(401);
    expect((await callApi('app.state', '')).status).toBe(401);
  });
});

describe('attacks from other pages', () => {
  // Verifies B-02.
  it('refuses a foreign Host, as in DNS rebinding', async () => {
    const cookie = await signIn();
    const port = new URL(server.origin).port;
    for (const host of ['evil.example', `evil.example:${port}`, `localhost:${port}`, '127.0.0.1']) {
      expect((await callApi('app.state', cookie, { headers: { Host: host } })).status, host).toBe(403);
    }
  });

  // Verifies B-03.
  it('refuses a foreign or missing Origin on a call', async () => {
    const cookie = await signIn();
    for (const origin of [
      'https://evil.example',
      'null',
      server.origin.replace('127.0.0.1', 'localhost'),
      `${server.origin}.evil.example`,
    ]) {
      expect((await callApi('app.state', cookie, { headers: { Origin: origin } })).status, origin).toBe(403);
    }
    const without = { Cookie: cookie, 'Content-Type': 'application/json' };
    expect((await sendRequest('/call/app.state', { method: 'POST', headers: without, body: '{}' })).status).toBe(403);
  });

  // Verifies B-03.
  it('refuses what the browser marks as coming from another site, but for a link that was followed', async () => {
    const cookie = await signIn();
    const crossSite = { Cookie: cookie, 'Sec-Fetch-Site': 'cross-site' };
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
  it('refuses a call that a plain form could send', async () => {
    const cookie = await signIn();
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'text/plain; application/json']) {
      expect((await callApi('app.state', cookie, { headers: { 'Content-Type': type } })).status, type).toBe(415);
    }
  });

  // Verifies B-04.
  it('opens no WebSocket and lends no stream of events to another page', async () => {
    const cookie = await signIn();
    const foreign = { Cookie: cookie, Origin: 'https://evil.example' };
    expect((await sendRequest('/events', { headers: foreign })).status).toBe(403);
    expect(
      (
        await sendRequest('/events', {
          headers: { Cookie: cookie, 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'cors' },
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
      expect((await sendRequest(path, { headers: { ...foreign, ...upgrade } })).status, path).toBe(403);
      expect((await sendRequest(path, { headers: upgrade })).status, path).toBe(401);
    }
  });

  // Verifies B-11.
  it('ends with its process: nobody answers, and the cookie is of no use to the next', async () => {
    const cookie = await signIn();
    const { origin } = server;
    await server.close();
    await expect(fetch(origin)).rejects.toThrow();
    server = await startBrowserServer(app, join(folder, 'screen'), createMemoryLog());
    const renamed = cookie.replace(/\d+/, new URL(server.origin).port);
    for (const old of [cookie, renamed])
      expect((await sendRequest('/', { headers: { Cookie: old } })).status).toBe(401);
  });

  // Only root can ask as another user; for others this test is not there.
  // Verifies B-10.
  if (process.platform === 'linux' && process.getuid?.() === 0)
    it('lets no other user of this machine in, not even with the address', async () => {
      const { pathname, search, port } = new URL(server.createLoginUrl());
      const script = `require('node:http').get({ host: '127.0.0.1', port: ${port}, path: '${pathname}${search}' }, ({ statusCode }) => { console.log(statusCode); process.exit(); })`;
      const asUser = async (uid: number) =>
        (
          await promisify(execFile)(process.execPath, ['-e', script], { uid, gid: uid, cwd: '/', env: {} })
        ).stdout.trim();
      expect(await asUser(65_534)).toBe('403');
      expect(await asUser(0)).toBe('200');
    });

  // Verifies B-01.
  it('listens on loopback alone', async () => {
    const { port } = new URL(server.origin);
    const outer = Object.values(networkInterfaces())
      .flat()
      .find((each) => each && !each.internal && each.family === 'IPv4')?.address;
    for (const host of ['::1', ...(outer === undefined ? [] : [outer])]) {
      const connected = new Promise((resolve) =>
        connect({ host, port: Number(port) }, () => resolve('connected')).on('error', () => resolve('refused')),
      );
      expect(await connected, host).toBe('refused');
    }
  });

  // Verifies E-18.
  it('serves nothing outside the folder of the screen', async () => {
    const headers = { Cookie: await signIn() };
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
    for (const path of paths) expect((await sendRequest(path, { headers })).text, path).not.toContain('not the screen');
    expect((await sendRequest('//evil.example/private.json', { headers })).status).toBe(404);
  });
});

describe('calls', () => {
  // Verifies I-01.
  it('answers with the envelope', async () => {
    const answer = await callApi('app.state', await signIn());
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toEqual({ ok: true, value: stubAppState });
  });

  it('answers a refusal of the desk with its code', async () => {
    const answer = await callApi('connections.list', await signIn());
    expect(JSON.parse(answer.text)).toMatchObject({
      ok: false,
      error: { code: 'workspace_unavailable', retryable: true },
    });
  });

  // Verifies I-02.
  it('takes no body that is too long, told or untold, and goes on', async () => {
    const cookie = await signIn();
    const body = JSON.stringify({ filler: 'x'.repeat(maxInputLength) });
    expect((await callApi('app.state', cookie, { body })).status).toBe(413);
    expect((await callApi('app.state', cookie, { body, headers: { 'Transfer-Encoding': 'chunked' } })).status).toBe(
      413,
    );
    expect((await callApi('app.state', cookie)).status).toBe(200);
  });

  // Verifies I-02.
  it('takes no body that is deep or full of parts, and goes on', async () => {
    const cookie = await signIn();
    for (const body of [`${'['.repeat(400_000)}${']'.repeat(400_000)}`, `{"keys":[${'0,'.repeat(400_000)}0]}`]) {
      expect(JSON.parse((await callApi('app.state', cookie, { body })).text)).toMatchObject({
        ok: false,
        error: { code: 'invalid_input' },
      });
    }
    expect((await callApi('app.state', cookie)).status).toBe(200);
  });

  // Verifies I-04.
  it('that come too fast are refused, and the console goes on', async () => {
    const cookie = await signIn();
    const statuses = new Set<number>();
    for (let round = 0; round < 30 && !statuses.has(429); round += 1) {
      const answers = await Promise.all(Array.from({ length: 100 }, () => callApi('app.state', cookie)));
      for (const { status, text } of answers) {
        statuses.add(status);
        if (status === 429)
          expect(JSON.parse(text)).toMatchObject({ ok: false, error: { code: 'too_many_calls', retryable: true } });
      }
    }
    expect(statuses).toEqual(new Set([200, 429]));
  });

  it('takes no body that is not JSON', async () => {
    const answer = await callApi('app.state', await signIn(), { body: '{' });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toMatchObject({ ok: false, error: { code: 'invalid_input' } });
  });

  it('takes no other method', async () => {
    const cookie = await signIn();
    const headers = { Cookie: cookie, Origin: server.origin };
    expect((await sendRequest('/call/app.state', { headers })).status).toBe(405);
    expect((await sendRequest('/', { headers, method: 'PUT' })).status).toBe(405);
    expect((await sendRequest('/', { headers, method: 'OPTIONS' })).status).toBe(405);
  });
});

describe('the screen', () => {
  // Verifies E-07, B-07.
  it('comes with the policy, unsniffed and unstored', async () => {
    const cookie = await signIn();
    for (const path of ['/', '/sessions/all', '/assets/main.js', '/missing.js']) {
      const { headers } = await sendRequest(path, { headers: { Cookie: cookie } });
      expect(headers['content-security-policy'], path).toBe(contentSecurityPolicy);
      expect(headers['x-content-type-options'], path).toBe('nosniff');
      expect(headers['cache-control'], path).toBe('no-store');
    }
  });

  it('draws every route from index.html, and answers 404 for a file that is not there', async () => {
    const headers = { Cookie: await signIn() };
    expect((await sendRequest('/sessions/42', { headers })).text).toContain('the screen');
    expect((await sendRequest('/assets/main.js', { headers })).headers['content-type']).toBe(
      'text/javascript; charset=utf-8',
    );
    expect((await sendRequest('/assets/gone.js', { headers })).status).toBe(404);
  });
});

describe('events', () => {
  // Verifies I-03.
  it('reach the one client as they happen, without what the contract does not name', async () => {
    const payload = { ...stubAppState, smuggled: 'hidden' };
    const text = await readStreamUntil(await signIn(), '\n\nevent', () => {
      app.emit('app.changed', payload);
      app.emit('audit.appended', { lastSequence: 7 });
    });
    expect(text).toContain(`event: app.changed\ndata: ${JSON.stringify(stubAppState)}\n\n`);
    expect(text).not.toContain('hidden');
  });

  // Verifies B-08.
  it('end for a client that is signed out', async () => {
    const response = await fetch(`${server.origin}/events`, { headers: { Cookie: await signIn() } });
    await signIn();
    await expect(response.text()).resolves.toContain('retry:');
  });
});
