import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { longestInput } from '../../../src-main/hosts/answer.ts';
import { serve } from '../../../src-main/hosts/browser/server.ts';
import type { BrowserServer } from '../../../src-main/hosts/browser/server.ts';
import { contentSecurityPolicy } from '../../../src-main/hosts/headers.ts';
import { handMadeDesk, keptLog, state } from '../../support/hand-made-desk.ts';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

const desk = handMadeDesk();
let folder: string;
let server: BrowserServer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'browser-host-'));
  mkdirSync(join(folder, 'screen/assets'), { recursive: true });
  writeFileSync(join(folder, 'screen/index.html'), '<title>the screen</title>');
  writeFileSync(join(folder, 'screen/assets/main.js'), 'export {};');
  writeFileSync(join(folder, 'private.json'), '"not the screen"');
  server = await serve(desk, join(folder, 'screen'), keptLog());
});

afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

/** One request exactly as written: `fetch` would tidy up the path, the Host and the Origin. */
function ask(path: string, options: { method?: string; headers?: Record<string, string>; body?: string } = {}): Promise<Answer> {
  const { hostname, port } = new URL(server.origin);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method: options.method ?? 'GET', headers: options.headers ?? {} }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part)).on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    sent.on('error', reject).end(options.body);
  });
}

async function signIn(): Promise<string> {
  const answer = await open(server.newAddress());
  return answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}

function open(address: string): Promise<Answer> {
  const { pathname, search } = new URL(address);
  return ask(pathname + search);
}

function call(name: string, cookie: string, options: { body?: string; headers?: Record<string, string> } = {}): Promise<Answer> {
  return ask(`/call/${name}`, {
    method: 'POST',
    headers: { Cookie: cookie, Origin: server.origin, 'Content-Type': 'application/json', ...options.headers },
    body: options.body ?? '{}',
  });
}

/** Reads an event stream until it holds `wanted`. */
async function readUntil(cookie: string, wanted: string, meanwhile: () => void): Promise<string> {
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
  it('trades the code of the address for a cookie that scripts cannot read and other sites cannot send', async () => {
    const answer = await open(server.newAddress());
    expect(answer.status).toBe(200);
    const [cookie] = answer.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/^session_desk_\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
  });

  it('refuses a code that was used, and says how to get another', async () => {
    const address = server.newAddress();
    await open(address);
    const again = await open(address);
    expect(again.status).toBe(403);
    expect(again.headers['set-cookie']).toBeUndefined();
    expect(again.text).toContain('press <kbd>Enter</kbd>');
  });

  it('refuses a code that was never given', async () => {
    server.newAddress();
    expect((await ask('/open?code=guess')).status).toBe(403);
    expect((await ask('/open')).status).toBe(403);
  });

  it('lets one client in at a time: a new code signs out the one before, once it is used', async () => {
    const first = await signIn();
    const address = server.newAddress();
    expect((await call('desk.state', first)).status).toBe(200);
    await open(address);
    const signedOut = await call('desk.state', first);
    expect(signedOut.status).toBe(401);
    expect(JSON.parse(signedOut.text)).toMatchObject({ ok: false, error: { code: 'sender_refused' } });
  });

  it('shows nothing of the screen without the cookie, but says what to do', async () => {
    const answer = await ask('/');
    expect(answer.status).toBe(401);
    expect(answer.text).toContain('not signed in');
    expect((await ask('/assets/main.js')).status).toBe(401);
    expect((await ask('/events')).status).toBe(401);
    expect((await call('desk.state', '')).status).toBe(401);
  });
});

describe('attacks from other pages', () => {
  it('refuses a foreign Host, as in DNS rebinding', async () => {
    const cookie = await signIn();
    const port = new URL(server.origin).port;
    for (const host of ['evil.example', `evil.example:${port}`, `localhost:${port}`, '127.0.0.1']) {
      expect((await call('desk.state', cookie, { headers: { Host: host } })).status, host).toBe(403);
    }
  });

  it('refuses a foreign or missing Origin on a call', async () => {
    const cookie = await signIn();
    for (const origin of ['https://evil.example', 'null', server.origin.replace('127.0.0.1', 'localhost'), `${server.origin}.evil.example`]) {
      expect((await call('desk.state', cookie, { headers: { Origin: origin } })).status, origin).toBe(403);
    }
    const without = { Cookie: cookie, 'Content-Type': 'application/json' };
    expect((await ask('/call/desk.state', { method: 'POST', headers: without, body: '{}' })).status).toBe(403);
  });

  it('refuses what the browser marks as coming from another site, but for a link that was followed', async () => {
    const cookie = await signIn();
    const crossSite = { Cookie: cookie, 'Sec-Fetch-Site': 'cross-site' };
    expect((await ask('/assets/main.js', { headers: { ...crossSite, 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'script' } })).status).toBe(403);
    expect((await ask('/', { headers: { ...crossSite, 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'iframe' } })).status).toBe(403);
    expect((await ask('/', { headers: { ...crossSite, 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' } })).status).toBe(200);
  });

  it('refuses a call that a plain form could send', async () => {
    const cookie = await signIn();
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'text/plain; application/json']) {
      expect((await call('desk.state', cookie, { headers: { 'Content-Type': type } })).status, type).toBe(415);
    }
  });

  it('serves nothing outside the folder of the screen', async () => {
    const headers = { Cookie: await signIn() };
    const paths = ['/../private.json', '/assets/../../private.json', '/..%2fprivate.json', '/%2e%2e/private.json', '/..\\private.json', '/%5c..%5cprivate.json', '/assets/%00.js', '/%ff.js'];
    for (const path of paths) expect((await ask(path, { headers })).text, path).not.toContain('not the screen');
    expect((await ask('//evil.example/private.json', { headers })).status).toBe(404);
  });
});

describe('calls', () => {
  it('answers with the envelope', async () => {
    const answer = await call('desk.state', await signIn());
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toEqual({ ok: true, value: state });
  });

  it('answers a refusal of the desk with its code', async () => {
    const answer = await call('connections.list', await signIn());
    expect(JSON.parse(answer.text)).toMatchObject({ ok: false, error: { code: 'workspace_unavailable', retryable: true } });
  });

  it('takes no body that is too long, told or untold, and goes on', async () => {
    const cookie = await signIn();
    const body = JSON.stringify({ filler: 'x'.repeat(longestInput) });
    expect((await call('desk.state', cookie, { body })).status).toBe(413);
    expect((await call('desk.state', cookie, { body, headers: { 'Transfer-Encoding': 'chunked' } })).status).toBe(413);
    expect((await call('desk.state', cookie)).status).toBe(200);
  });

  it('takes no body that is not JSON', async () => {
    const answer = await call('desk.state', await signIn(), { body: '{' });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toMatchObject({ ok: false, error: { code: 'invalid_input' } });
  });

  it('takes no other method', async () => {
    const cookie = await signIn();
    const headers = { Cookie: cookie, Origin: server.origin };
    expect((await ask('/call/desk.state', { headers })).status).toBe(405);
    expect((await ask('/', { headers, method: 'PUT' })).status).toBe(405);
    expect((await ask('/', { headers, method: 'OPTIONS' })).status).toBe(405);
  });
});

describe('the screen', () => {
  it('comes with the policy, unsniffed and unstored', async () => {
    const cookie = await signIn();
    for (const path of ['/', '/sessions/all', '/assets/main.js', '/missing.js']) {
      const { headers } = await ask(path, { headers: { Cookie: cookie } });
      expect(headers['content-security-policy'], path).toBe(contentSecurityPolicy);
      expect(headers['x-content-type-options'], path).toBe('nosniff');
      expect(headers['cache-control'], path).toBe('no-store');
    }
  });

  it('draws every route from index.html, and answers 404 for a file that is not there', async () => {
    const headers = { Cookie: await signIn() };
    expect((await ask('/sessions/42', { headers })).text).toContain('the screen');
    expect((await ask('/assets/main.js', { headers })).headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect((await ask('/assets/gone.js', { headers })).status).toBe(404);
  });
});

describe('events', () => {
  it('reach the one client as they happen, without what the contract does not name', async () => {
    const payload = { ...state, smuggled: 'hidden' };
    const text = await readUntil(await signIn(), '\n\nevent', () => {
      desk.emit('desk.changed', payload);
      desk.emit('audit.appended', { lastSequence: 7 });
    });
    expect(text).toContain(`event: desk.changed\ndata: ${JSON.stringify(state)}\n\n`);
    expect(text).not.toContain('hidden');
  });

  it('end for a client that is signed out', async () => {
    const response = await fetch(`${server.origin}/events`, { headers: { Cookie: await signIn() } });
    await signIn();
    await expect(response.text()).resolves.toContain('retry:');
  });
});
