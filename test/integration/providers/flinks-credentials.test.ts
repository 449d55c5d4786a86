/** Credentials of Flinks Pay over real HTTP: both auth modes, the responses of authorize, and the credential test. */
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
import { nonEmpty } from '../../support/non-empty.ts';

afterEach(closeServers);

const tokenResponse: ScriptedResponse = { status: 200, body: tokenBody() };
const cancelledResponse: ScriptedResponse = { status: 200, body: flinksBody('Canceled', 'EFT0501') };

async function startFlinks(script: Record<string, readonly ScriptedResponse[]>) {
  return {
    ...(await startScriptedServer({ '/authorize': [tokenResponse], ...script })),
    provider: createProviders().flinks,
  };
}

/** The paths of the requests in order, without their common prefix. */
const requestPaths = (requests: readonly { path: string }[]) =>
  requests.map(({ path }) => path.replace('/api/v1', '').replace(`/api/v2/sessions/${flinksId}`, ''));

describe('authorize', () => {
  it('authorize: sends the credentials in a Basic header and gets a new token for each operation', async () => {
    const { provider, baseUrl, requests } = await startFlinks({ '/cancel': [cancelledResponse] });
    await provider.cancel(flinksAccount(baseUrl), flinksTarget(), neverAborted);
    await provider.cancel(flinksAccount(baseUrl), flinksTarget(), neverAborted);
    expect(requestPaths(requests)).toEqual(['/authorize', '/cancel', '/authorize', '/cancel']);
    expect(requests[0]?.headers.authorization).toBe(
      `Basic ${Buffer.from(`test-client:${flinksSecret}`).toString('base64')}`,
    );
    expect(requests[0]?.body).toBe('grant_type=client_credentials');
    expect(requests[1]?.headers.authorization).toBe('Bearer tok-4711');
    expect(requests[1]?.headers).not.toHaveProperty('x-client-id');
  });

  it('authorize: sends the credentials in the form with credentialsIn: form', async () => {
    const { provider, baseUrl, requests } = await startFlinks({ '/cancel': [cancelledResponse] });
    await provider.cancel(
      flinksAccount(baseUrl, { credentialsIn: 'form', sendClientId: true }),
      flinksTarget(),
      neverAborted,
    );
    expect(Object.fromEntries(new URLSearchParams(requests[0]?.body))).toEqual({
      grant_type: 'client_credentials',
      Username: 'test-client',
      Password: flinksSecret,
    });
    expect(requests[0]?.headers).not.toHaveProperty('authorization');
    expect(requests.map(({ headers }) => headers['x-client-id'])).toEqual(['test-client', 'test-client']);
  });

  it('reuseToken: the token is reused until releaseConnection', async () => {
    const { provider, baseUrl, requests } = await startFlinks({ '/cancel': [cancelledResponse] });
    const account = flinksAccount(baseUrl, { reuseToken: true });
    await provider.cancel(account, flinksTarget(), neverAborted);
    await provider.cancel(account, flinksTarget(), neverAborted);
    provider.releaseConnection(account.connectionId);
    await provider.cancel(account, flinksTarget(), neverAborted);
    expect(requestPaths(requests)).toEqual(['/authorize', '/cancel', '/cancel', '/authorize', '/cancel']);
  });

  it('reuseToken: a token that expires within the margin is not reused', async () => {
    const { provider, baseUrl, requests } = await startFlinks({
      '/authorize': [{ status: 200, body: tokenBody('tok-short', 30) }],
      '/cancel': [cancelledResponse],
    });
    const account = flinksAccount(baseUrl, { reuseToken: true });
    await provider.cancel(account, flinksTarget(), neverAborted);
    await provider.cancel(account, flinksTarget(), neverAborted);
    expect(requestPaths(requests)).toEqual(['/authorize', '/cancel', '/authorize', '/cancel']);
  });

  it('authorize: after a 401 a new token is obtained and the cancel is repeated once', async () => {
    const { provider, baseUrl, requests } = await startFlinks({
      '/authorize': [
        { status: 200, body: tokenBody('tok-old') },
        { status: 200, body: tokenBody('tok-new') },
      ],
      '/cancel': [{ status: 401, body: oauthError('unauthorized', 'Valid access token required') }, cancelledResponse],
    });
    expect(await provider.cancel(flinksAccount(baseUrl), flinksTarget(), neverAborted)).toMatchObject({
      kind: 'cancelled',
    });
    expect(requests.map(({ headers }) => headers.authorization).slice(1)).toEqual([
      'Bearer tok-old',
      expect.stringMatching(/^Basic /),
      'Bearer tok-new',
    ]);
  });

  it('reuseToken: a refused token is not reused even if no new token was issued', async () => {
    const { provider, baseUrl, requests } = await startFlinks({
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
    expect(requests.at(-1)?.headers.authorization).toBe('Bearer tok-new');
  });

  it('authorize: a second 401 is refused and not repeated again', async () => {
    const { provider, baseUrl, requests } = await startFlinks({ '/cancel': [{ status: 401 }] });
    expect(await provider.cancel(flinksAccount(baseUrl), flinksTarget(), neverAborted)).toMatchObject({
      kind: 'refused',
      cause: 'unauthorized',
    });
    expect(requestPaths(requests)).toEqual(['/authorize', '/cancel', '/authorize', '/cancel']);
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
    'a 400 with invalid_client': [
      { status: 400, body: oauthError('invalid_client', 'Unknown client') },
      { kind: 'refused', cause: 'unauthorized' },
    ],
    'another 400': [
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
    'a token that is not a valid header value': [
      { status: 200, body: tokenBody('two\nlines') },
      { kind: 'not_sent', cause: 'authorize_failed' },
    ],
  };
  it.each(Object.entries(failures))(
    'authorize: after %s the cancel is not sent',
    async (_name, [response, expected]) => {
      const { provider, baseUrl, requests } = await startFlinks({
        '/authorize': [response],
        '/cancel': [cancelledResponse],
      });
      expect(await provider.cancel(flinksAccount(baseUrl), flinksTarget(), neverAborted)).toMatchObject(expected);
      expect(requestPaths(requests)).toEqual(['/authorize']);
    },
  );

  it('authorize: a network error proves that the cancel was not sent', async () => {
    const baseUrl = await startRawServer((socket) => socket.destroy());
    const { flinks: provider } = createProviders();
    expect(await provider.cancel(flinksAccount(baseUrl), flinksTarget(), neverAborted)).toMatchObject({
      kind: 'not_sent',
      cause: 'authorize_failed',
    });
    const unreachableAccount = flinksAccount(`http://127.0.0.1:${await findClosedPort()}`);
    expect(await provider.cancel(unreachableAccount, flinksTarget(), neverAborted)).toMatchObject({
      kind: 'not_sent',
      cause: 'connect_failed',
      evidence: { networkCode: 'ECONNREFUSED' },
    });
  });

  it('authorize: an abort proves that the cancel was not sent', async () => {
    const controller = new AbortController();
    const baseUrl = await startRawServer(() => controller.abort());
    expect(
      await createProviders().flinks.cancel(flinksAccount(baseUrl), flinksTarget(), controller.signal),
    ).toMatchObject({
      kind: 'not_sent',
      cause: 'stopped_before_sending',
    });
  });
});

describe('authMode api_key', () => {
  it('API key mode: sends the key and the client id and never requests a token', async () => {
    const { provider, baseUrl, requests } = await startFlinks({
      '/cancel': [cancelledResponse],
      '/status': [cancelledResponse],
    });
    const account = flinksAccount(baseUrl, { authMode: 'api_key' });
    expect(await provider.cancel(account, flinksTarget(), neverAborted)).toMatchObject({ kind: 'cancelled' });
    expect(await provider.read(account, flinksTarget(), neverAborted)).toMatchObject({ kind: 'found' });
    expect(requestPaths(requests)).toEqual(['/cancel', '/status']);
    for (const { headers } of nonEmpty(requests)) {
      expect(headers).toMatchObject({ 'x-api-key': flinksSecret, 'x-client-id': 'test-client' });
      expect(headers).not.toHaveProperty('authorization');
    }
  });

  it('API key mode: a 401 is not repeated', async () => {
    const { provider, baseUrl, requests } = await startFlinks({ '/cancel': [{ status: 401 }] });
    expect(
      await provider.cancel(flinksAccount(baseUrl, { authMode: 'api_key' }), flinksTarget(), neverAborted),
    ).toMatchObject({ kind: 'refused', cause: 'unauthorized' });
    expect(requests).toHaveLength(1);
  });
});

describe('testCredential', () => {
  it('credential test: credentials are accepted by authorize alone', async () => {
    const { provider, baseUrl, requests } = await startFlinks({});
    expect(await provider.testCredential(flinksAccount(baseUrl), neverAborted)).toMatchObject({ kind: 'accepted' });
    expect(requestPaths(requests)).toEqual(['/authorize']);
  });

  const authorizeResponses: Record<string, [ScriptedResponse, object]> = {
    'a 401': [{ status: 401 }, { kind: 'refused', cause: 'unauthorized' }],
    'an HTML page': [
      { status: 200, body: '<html>' },
      { kind: 'unreadable', cause: 'answer_unreadable' },
    ],
    'a 404': [{ status: 404 }, { kind: 'unreadable', cause: 'status_unexpected' }],
    'a 500': [{ status: 500 }, { kind: 'unreadable', cause: 'server_error' }],
    'a 429': [{ status: 429 }, { kind: 'throttled' }],
  };
  it.each(Object.entries(authorizeResponses))(
    'credential test: maps %s of authorize',
    async (_name, [response, expected]) => {
      const { provider, baseUrl } = await startFlinks({ '/authorize': [response] });
      expect(await provider.testCredential(flinksAccount(baseUrl), neverAborted)).toMatchObject(expected);
    },
  );

  const detailsResponses: Record<string, [ScriptedResponse, object]> = {
    'a 404 in Flinks’ error format': [{ status: 404, body: problemDetails(404, 'Not Found') }, { kind: 'accepted' }],
    'a 404 of another web server': [
      { status: 404, body: '<html>' },
      { kind: 'unreadable', cause: 'answer_unreadable' },
    ],
    'a 401': [{ status: 401 }, { kind: 'refused', cause: 'unauthorized' }],
    'a 200 for a session that does not exist': [
      { status: 200, body: {} },
      { kind: 'unreadable', cause: 'answer_unreadable' },
    ],
  };
  it.each(Object.entries(detailsResponses))(
    'credential test: maps %s of an API key',
    async (_name, [response, expected]) => {
      const { provider, baseUrl, requests } = await startFlinks({ '/details': [response] });
      expect(
        await provider.testCredential(flinksAccount(baseUrl, { authMode: 'api_key' }), neverAborted),
      ).toMatchObject(expected);
      expect(requests[0]?.path).toContain('00000000-0000-0000-0000-000000000000');
    },
  );
});
