/** Flinks Pay's credentials, over real HTTP: both auth modes, what authorize may answer, and the connection test. */
import { afterEach, describe, expect, it } from 'vitest';
import { createProviders } from '../../../src-main/core/providers/index.ts';
import {
  flinksAccount,
  flinksBody,
  flinksId,
  flinksSecret,
  flinksTarget,
  neverAborted,
  oauthError,
  problemDetails,
  tokenBody,
} from './provider-fixtures.ts';
import {
  closeServers,
  findClosedPort,
  startScriptedServer,
  startRawServer,
  type ScriptedResponse,
} from './loopback-servers.ts';

afterEach(closeServers);

const tokenResponse: ScriptedResponse = { status: 200, body: tokenBody() };
const cancelledResponse: ScriptedResponse = { status: 200, body: flinksBody('Canceled', 'EFT0501') };

async function startFlinks(script: Record<string, readonly ScriptedResponse[]>) {
  return {
    ...(await startScriptedServer({ '/authorize': [tokenResponse], ...script })),
    provider: createProviders().flinks,
  };
}

/** The paths asked for, in order, without what they have in common. */
const requestPaths = (seen: readonly { path: string }[]) =>
  seen.map(({ path }) => path.replace('/api/v1', '').replace(`/api/v2/sessions/${flinksId}`, ''));

describe('authorize', () => {
  it('puts the credentials into a Basic header and asks for a fresh token for each operation', async () => {
    const { provider, baseUrl, seen } = await startFlinks({ '/cancel': [cancelledResponse] });
    await provider.cancel(flinksAccount(baseUrl), flinksTarget(), neverAborted);
    await provider.cancel(flinksAccount(baseUrl), flinksTarget(), neverAborted);
    expect(requestPaths(seen)).toEqual(['/authorize', '/cancel', '/authorize', '/cancel']);
    expect(seen[0]?.headers.authorization).toBe(
      `Basic ${Buffer.from(`desk-client:${flinksSecret}`).toString('base64')}`,
    );
    expect(seen[0]?.body).toBe('grant_type=client_credentials');
    expect(seen[1]?.headers.authorization).toBe('Bearer tok-4711');
    expect(seen[1]?.headers).not.toHaveProperty('x-client-id');
  });

  it('puts them into the form where the connection says so', async () => {
    const { provider, baseUrl, seen } = await startFlinks({ '/cancel': [cancelledResponse] });
    await provider.cancel(
      flinksAccount(baseUrl, { credentialsIn: 'form', sendClientId: true }),
      flinksTarget(),
      neverAborted,
    );
    expect(Object.fromEntries(new URLSearchParams(seen[0]?.body))).toEqual({
      grant_type: 'client_credentials',
      Username: 'desk-client',
      Password: flinksSecret,
    });
    expect(seen[0]?.headers).not.toHaveProperty('authorization');
    expect(seen.map(({ headers }) => headers['x-client-id'])).toEqual(['desk-client', 'desk-client']);
  });

  it('keeps a token where the connection allows it, and lets it go when the connection is forgotten', async () => {
    const { provider, baseUrl, seen } = await startFlinks({ '/cancel': [cancelledResponse] });
    const account = flinksAccount(baseUrl, { reuseToken: true });
    await provider.cancel(account, flinksTarget(), neverAborted);
    await provider.cancel(account, flinksTarget(), neverAborted);
    provider.releaseConnection(account.connectionId);
    await provider.cancel(account, flinksTarget(), neverAborted);
    expect(requestPaths(seen)).toEqual(['/authorize', '/cancel', '/cancel', '/authorize', '/cancel']);
  });

  it('does not keep one that has less than its margin to live', async () => {
    const { provider, baseUrl, seen } = await startFlinks({
      '/authorize': [{ status: 200, body: tokenBody('tok-short', 30) }],
      '/cancel': [cancelledResponse],
    });
    const account = flinksAccount(baseUrl, { reuseToken: true });
    await provider.cancel(account, flinksTarget(), neverAborted);
    await provider.cancel(account, flinksTarget(), neverAborted);
    expect(requestPaths(seen)).toEqual(['/authorize', '/cancel', '/authorize', '/cancel']);
  });

  it('drops the token on a 401, authorises once more and repeats once', async () => {
    const { provider, baseUrl, seen } = await startFlinks({
      '/authorize': [
        { status: 200, body: tokenBody('tok-old') },
        { status: 200, body: tokenBody('tok-new') },
      ],
      '/cancel': [{ status: 401, body: oauthError('unauthorized', 'Valid access token required') }, cancelledResponse],
    });
    expect(await provider.cancel(flinksAccount(baseUrl), flinksTarget(), neverAborted)).toMatchObject({
      kind: 'cancelled',
    });
    expect(seen.map(({ headers }) => headers.authorization).slice(1)).toEqual([
      'Bearer tok-old',
      expect.stringMatching(/^Basic /),
      'Bearer tok-new',
    ]);
  });

  it('never takes a token up again that was refused, even where no other could be had', async () => {
    const { provider, baseUrl, seen } = await startFlinks({
      '/authorize': [
        { status: 200, body: tokenBody('tok-old') },
        { status: 500 },
        { status: 200, body: tokenBody('tok-new') },
      ],
      '/cancel': [{ status: 401 }, cancelledResponse],
    });
    const account = flinksAccount(baseUrl, { reuseToken: true });
    expect(await provider.cancel(account, flinksTarget(), neverAborted)).toMatchObject({
      kind: 'refused',
      cause: 'unauthorized',
      evidence: { httpStatus: 401 },
    });
    expect(await provider.cancel(account, flinksTarget(), neverAborted)).toMatchObject({ kind: 'cancelled' });
    expect(seen.at(-1)?.headers.authorization).toBe('Bearer tok-new');
  });

  it('says so when the repeat is refused as well, and stops there', async () => {
    const { provider, baseUrl, seen } = await startFlinks({ '/cancel': [{ status: 401 }] });
    expect(await provider.cancel(flinksAccount(baseUrl), flinksTarget(), neverAborted)).toMatchObject({
      kind: 'refused',
      cause: 'unauthorized',
    });
    expect(requestPaths(seen)).toEqual(['/authorize', '/cancel', '/authorize', '/cancel']);
  });

  const failures: Record<string, [ScriptedResponse, object]> = {
    'a 401': [
      { status: 401, body: oauthError('invalid_client', 'no') },
      { kind: 'refused', cause: 'unauthorized' },
    ],
    'a 403': [
      { status: 403, body: problemDetails(403, 'Forbidden') },
      { kind: 'refused', cause: 'unauthorized' },
    ],
    'a 400 that names the client': [
      { status: 400, body: oauthError('invalid_client', 'Unknown client') },
      { kind: 'refused', cause: 'unauthorized' },
    ],
    'any other 400': [
      { status: 400, body: oauthError('unsupported_grant_type', 'no') },
      { kind: 'not_sent', cause: 'authorize_failed' },
    ],
    'a 404': [{ status: 404 }, { kind: 'not_sent', cause: 'authorize_failed' }],
    'a 429': [
      { status: 429, headers: { 'retry-after': '7' } },
      { kind: 'throttled', retryAfterMs: 7_000 },
    ],
    'a 500': [
      { status: 500, body: '<html>' },
      { kind: 'not_sent', cause: 'authorize_failed' },
    ],
    'a redirect': [
      { status: 302, headers: { location: '/login' } },
      { kind: 'not_sent', cause: 'redirected' },
    ],
    'a 200 without a token': [
      { status: 200, body: { token_type: 'bearer' } },
      { kind: 'not_sent', cause: 'authorize_failed' },
    ],
    'a 200 of HTML': [
      { status: 200, body: '<!doctype html>' },
      { kind: 'not_sent', cause: 'authorize_failed' },
    ],
    'a token that is no header': [
      { status: 200, body: tokenBody('two\nlines') },
      { kind: 'not_sent', cause: 'authorize_failed' },
    ],
  };
  it.each(Object.entries(failures))('answers %s before anything else was sent', async (_name, [played, expected]) => {
    const { provider, baseUrl, seen } = await startFlinks({ '/authorize': [played], '/cancel': [cancelledResponse] });
    expect(await provider.cancel(flinksAccount(baseUrl), flinksTarget(), neverAborted)).toMatchObject(expected);
    expect(requestPaths(seen)).toEqual(['/authorize']);
  });

  it('lost on its way proves that the cancel was never sent', async () => {
    const baseUrl = await startRawServer((socket) => socket.destroy());
    const { flinks: provider } = createProviders();
    expect(await provider.cancel(flinksAccount(baseUrl), flinksTarget(), neverAborted)).toMatchObject({
      kind: 'not_sent',
      cause: 'authorize_failed',
    });
    const nowhere = flinksAccount(`http://127.0.0.1:${await findClosedPort()}`);
    expect(await provider.cancel(nowhere, flinksTarget(), neverAborted)).toMatchObject({
      kind: 'not_sent',
      cause: 'connect_failed',
      evidence: { networkCode: 'ECONNREFUSED' },
    });
  });

  it('stopped on its way proves that the cancel was never sent', async () => {
    const stop = new AbortController();
    const baseUrl = await startRawServer(() => stop.abort());
    expect(await createProviders().flinks.cancel(flinksAccount(baseUrl), flinksTarget(), stop.signal)).toMatchObject({
      kind: 'not_sent',
      cause: 'stopped_before_sending',
    });
  });
});

describe('the API key mode', () => {
  it('sends the key and the client id, and never asks for a token', async () => {
    const { provider, baseUrl, seen } = await startFlinks({
      '/cancel': [cancelledResponse],
      '/status': [cancelledResponse],
    });
    const account = flinksAccount(baseUrl, { authMode: 'api_key' });
    expect(await provider.cancel(account, flinksTarget(), neverAborted)).toMatchObject({ kind: 'cancelled' });
    expect(await provider.read(account, flinksTarget(), neverAborted)).toMatchObject({ kind: 'found' });
    expect(requestPaths(seen)).toEqual(['/cancel', '/status']);
    for (const { headers } of seen) {
      expect(headers).toMatchObject({ 'x-api-key': flinksSecret, 'x-client-id': 'desk-client' });
      expect(headers).not.toHaveProperty('authorization');
    }
  });

  it('does not repeat a call that was refused', async () => {
    const { provider, baseUrl, seen } = await startFlinks({ '/cancel': [{ status: 401 }] });
    expect(
      await provider.cancel(flinksAccount(baseUrl, { authMode: 'api_key' }), flinksTarget(), neverAborted),
    ).toMatchObject({ kind: 'refused', cause: 'unauthorized' });
    expect(seen).toHaveLength(1);
  });
});

describe('check', () => {
  it('accepts credentials that authorize takes, and touches no session', async () => {
    const { provider, baseUrl, seen } = await startFlinks({});
    expect(await provider.testCredential(flinksAccount(baseUrl), neverAborted)).toMatchObject({ kind: 'accepted' });
    expect(requestPaths(seen)).toEqual(['/authorize']);
  });

  const answers: Record<string, [ScriptedResponse, object]> = {
    'a 401': [{ status: 401 }, { kind: 'refused', cause: 'unauthorized' }],
    'a web page': [
      { status: 200, body: '<html>' },
      { kind: 'unreadable', cause: 'answer_unreadable' },
    ],
    'a 404': [{ status: 404 }, { kind: 'unreadable', cause: 'status_unexpected' }],
    'a 500': [{ status: 500 }, { kind: 'unreadable', cause: 'server_error' }],
    'a 429': [{ status: 429 }, { kind: 'throttled' }],
  };
  it.each(Object.entries(answers))('of a client id and secret understands %s', async (_name, [played, expected]) => {
    const { provider, baseUrl } = await startFlinks({ '/authorize': [played] });
    expect(await provider.testCredential(flinksAccount(baseUrl), neverAborted)).toMatchObject(expected);
  });

  const keyAnswers: Record<string, [ScriptedResponse, object]> = {
    'a 404 with Flinks’ own body': [{ status: 404, body: problemDetails(404, 'Not Found') }, { kind: 'accepted' }],
    'a 404 of any web server': [
      { status: 404, body: '<html>' },
      { kind: 'unreadable', cause: 'answer_unreadable' },
    ],
    'a 401': [{ status: 401 }, { kind: 'refused', cause: 'unauthorized' }],
    'a 200 for a session that nobody has': [
      { status: 200, body: {} },
      { kind: 'unreadable', cause: 'answer_unreadable' },
    ],
  };
  it.each(Object.entries(keyAnswers))('of an API key understands %s', async (_name, [played, expected]) => {
    const { provider, baseUrl, seen } = await startFlinks({ '/details': [played] });
    expect(await provider.testCredential(flinksAccount(baseUrl, { authMode: 'api_key' }), neverAborted)).toMatchObject(
      expected,
    );
    expect(seen[0]?.path).toContain('00000000-0000-0000-0000-000000000000');
  });
});
