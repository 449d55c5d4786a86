/**
 * Flinks Pay against recorded examples: every product, auth mode, answer and contradiction of providers.md, over real
 * HTTP.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { createProviders } from '../../../src-main/core/providers/index.ts';
import {
  flinksAccount, flinksBody, flinksId, flinksSecret, flinksTarget, never, oauthError, otherFlinksId, problem, tokenBody,
} from './accounts.ts';
import { closeAll, closedPort, player, rawServer, type Played } from './loopback.ts';

afterEach(closeAll);

const token: Played = { status: 200, body: tokenBody() };
const cancelled: Played = { status: 200, body: flinksBody('Canceled', 'EFT0501') };

async function flinks(script: Record<string, readonly Played[]>) {
  return { ...(await player({ '/authorize': [token], ...script })), provider: createProviders().flinks };
}

/** The paths asked for, in order, without what they have in common. */
const paths = (seen: readonly { path: string }[]) => seen.map(
  ({ path }) => path.replace('/api/v1', '').replace(`/api/v2/sessions/${flinksId}`, ''),
);

describe('authorize', () => {
  it('puts the credentials into a Basic header and asks for a fresh token for each operation', async () => {
    const { provider, baseUrl, seen } = await flinks({ '/cancel': [cancelled] });
    await provider.cancel(flinksAccount(baseUrl), flinksTarget(), never);
    await provider.cancel(flinksAccount(baseUrl), flinksTarget(), never);
    expect(paths(seen)).toEqual(['/authorize', '/cancel', '/authorize', '/cancel']);
    expect(seen[0]?.headers.authorization).toBe(
      `Basic ${Buffer.from(`desk-client:${flinksSecret}`).toString('base64')}`,
    );
    expect(seen[0]?.body).toBe('grant_type=client_credentials');
    expect(seen[1]?.headers.authorization).toBe('Bearer tok-4711');
    expect(seen[1]?.headers).not.toHaveProperty('x-client-id');
  });

  it('puts them into the form where the connection says so', async () => {
    const { provider, baseUrl, seen } = await flinks({ '/cancel': [cancelled] });
    await provider.cancel(flinksAccount(baseUrl, { credentialsIn: 'form', sendClientId: true }), flinksTarget(), never);
    expect(Object.fromEntries(new URLSearchParams(seen[0]?.body))).toEqual({
      grant_type: 'client_credentials', Username: 'desk-client', Password: flinksSecret,
    });
    expect(seen[0]?.headers).not.toHaveProperty('authorization');
    expect(seen.map(({ headers }) => headers['x-client-id'])).toEqual(['desk-client', 'desk-client']);
  });

  it('keeps a token where the connection allows it, and lets it go when the connection is forgotten', async () => {
    const { provider, baseUrl, seen } = await flinks({ '/cancel': [cancelled] });
    const account = flinksAccount(baseUrl, { reuseToken: true });
    await provider.cancel(account, flinksTarget(), never);
    await provider.cancel(account, flinksTarget(), never);
    provider.forget(account.connectionId);
    await provider.cancel(account, flinksTarget(), never);
    expect(paths(seen)).toEqual(['/authorize', '/cancel', '/cancel', '/authorize', '/cancel']);
  });

  it('does not keep one that has less than its margin to live', async () => {
    const { provider, baseUrl, seen } = await flinks({
      '/authorize': [{ status: 200, body: tokenBody('tok-short', 30) }], '/cancel': [cancelled],
    });
    const account = flinksAccount(baseUrl, { reuseToken: true });
    await provider.cancel(account, flinksTarget(), never);
    await provider.cancel(account, flinksTarget(), never);
    expect(paths(seen)).toEqual(['/authorize', '/cancel', '/authorize', '/cancel']);
  });

  it('drops the token on a 401, authorises once more and repeats once', async () => {
    const { provider, baseUrl, seen } = await flinks({
      '/authorize': [{ status: 200, body: tokenBody('tok-old') }, { status: 200, body: tokenBody('tok-new') }],
      '/cancel': [{ status: 401, body: oauthError('unauthorized', 'Valid access token required') }, cancelled],
    });
    expect(await provider.cancel(flinksAccount(baseUrl), flinksTarget(), never)).toMatchObject({ kind: 'cancelled' });
    expect(seen.map(({ headers }) => headers.authorization).slice(1)).toEqual([
      'Bearer tok-old', expect.stringMatching(/^Basic /), 'Bearer tok-new',
    ]);
  });

  it('never takes a token up again that was refused, even where no other could be had', async () => {
    const { provider, baseUrl, seen } = await flinks({
      '/authorize': [
        { status: 200, body: tokenBody('tok-old') }, { status: 500 }, { status: 200, body: tokenBody('tok-new') },
      ],
      '/cancel': [{ status: 401 }, cancelled],
    });
    const account = flinksAccount(baseUrl, { reuseToken: true });
    expect(await provider.cancel(account, flinksTarget(), never)).toMatchObject({
      kind: 'refused', cause: 'unauthorized', evidence: { httpStatus: 401 },
    });
    expect(await provider.cancel(account, flinksTarget(), never)).toMatchObject({ kind: 'cancelled' });
    expect(seen.at(-1)?.headers.authorization).toBe('Bearer tok-new');
  });

  it('says so when the repeat is refused as well, and stops there', async () => {
    const { provider, baseUrl, seen } = await flinks({ '/cancel': [{ status: 401 }] });
    expect(await provider.cancel(flinksAccount(baseUrl), flinksTarget(), never)).toMatchObject({
      kind: 'refused', cause: 'unauthorized',
    });
    expect(paths(seen)).toEqual(['/authorize', '/cancel', '/authorize', '/cancel']);
  });

  const failures: Record<string, [Played, object]> = {
    'a 401': [{ status: 401, body: oauthError('invalid_client', 'no') }, { kind: 'refused', cause: 'unauthorized' }],
    'a 403': [{ status: 403, body: problem(403, 'Forbidden') }, { kind: 'refused', cause: 'unauthorized' }],
    'a 400 that names the client': [
      { status: 400, body: oauthError('invalid_client', 'Unknown client') }, { kind: 'refused', cause: 'unauthorized' },
    ],
    'any other 400': [
      { status: 400, body: oauthError('unsupported_grant_type', 'no') },
      { kind: 'not_sent', cause: 'authorize_failed' },
    ],
    'a 404': [{ status: 404 }, { kind: 'not_sent', cause: 'authorize_failed' }],
    'a 429': [{ status: 429, headers: { 'retry-after': '7' } }, { kind: 'throttled', waitMs: 7_000 }],
    'a 500': [{ status: 500, body: '<html>' }, { kind: 'not_sent', cause: 'authorize_failed' }],
    'a redirect': [{ status: 302, headers: { location: '/login' } }, { kind: 'not_sent', cause: 'redirected' }],
    'a 200 without a token': [
      { status: 200, body: { token_type: 'bearer' } }, { kind: 'not_sent', cause: 'authorize_failed' },
    ],
    'a 200 of HTML': [{ status: 200, body: '<!doctype html>' }, { kind: 'not_sent', cause: 'authorize_failed' }],
    'a token that is no header': [
      { status: 200, body: tokenBody('two\nlines') }, { kind: 'not_sent', cause: 'authorize_failed' },
    ],
  };
  it.each(Object.entries(failures))('answers %s before anything else was sent', async (_name, [played, expected]) => {
    const { provider, baseUrl, seen } = await flinks({ '/authorize': [played], '/cancel': [cancelled] });
    expect(await provider.cancel(flinksAccount(baseUrl), flinksTarget(), never)).toMatchObject(expected);
    expect(paths(seen)).toEqual(['/authorize']);
  });

  it('lost on its way proves that the cancel was never sent', async () => {
    const baseUrl = await rawServer((socket) => socket.destroy());
    const { flinks: provider } = createProviders();
    expect(await provider.cancel(flinksAccount(baseUrl), flinksTarget(), never)).toMatchObject({
      kind: 'not_sent', cause: 'authorize_failed',
    });
    const nowhere = flinksAccount(`http://127.0.0.1:${await closedPort()}`);
    expect(await provider.cancel(nowhere, flinksTarget(), never)).toMatchObject({
      kind: 'not_sent', cause: 'connect_failed', evidence: { networkCode: 'ECONNREFUSED' },
    });
  });

  it('stopped on its way proves that the cancel was never sent', async () => {
    const stop = new AbortController();
    const baseUrl = await rawServer(() => stop.abort());
    expect(await createProviders().flinks.cancel(flinksAccount(baseUrl), flinksTarget(), stop.signal)).toMatchObject({
      kind: 'not_sent', cause: 'stopped_before_sending',
    });
  });
});

describe('the API key mode', () => {
  it('sends the key and the client id, and never asks for a token', async () => {
    const { provider, baseUrl, seen } = await flinks({ '/cancel': [cancelled], '/status': [cancelled] });
    const account = flinksAccount(baseUrl, { authMode: 'api_key' });
    expect(await provider.cancel(account, flinksTarget(), never)).toMatchObject({ kind: 'cancelled' });
    expect(await provider.read(account, flinksTarget(), never)).toMatchObject({ kind: 'found' });
    expect(paths(seen)).toEqual(['/cancel', '/status']);
    for (const { headers } of seen) {
      expect(headers).toMatchObject({ 'x-api-key': flinksSecret, 'x-client-id': 'desk-client' });
      expect(headers).not.toHaveProperty('authorization');
    }
  });

  it('does not repeat a call that was refused', async () => {
    const { provider, baseUrl, seen } = await flinks({ '/cancel': [{ status: 401 }] });
    expect(
      await provider.cancel(flinksAccount(baseUrl, { authMode: 'api_key' }), flinksTarget(), never),
    ).toMatchObject({ kind: 'refused', cause: 'unauthorized' });
    expect(seen).toHaveLength(1);
  });
});

describe('cancel', () => {
  const answers: Record<string, [Played, object]> = {
    'Canceled with its code': [
      cancelled,
      {
        kind: 'cancelled',
        session: { status: 'cancelled', rawStatus: 'Canceled', rawDetail: 'EFT0501', reference: 'ORDER-88' },
      },
    ],
    'Cancelled, the other spelling': [
      { status: 200, body: flinksBody('Cancelled', 'EFT0501') },
      { kind: 'cancelled', session: { rawStatus: 'Cancelled' } },
    ],
    'the status without its code': [
      { status: 200, body: { sessionId: flinksId, status: 'Cancelled' } },
      { kind: 'cancelled', session: { rawDetail: null } },
    ],
    'the code without a status': [
      { status: 200, body: { sessionId: flinksId, statusDetails: 'EFT0501' } }, { kind: 'cancelled' },
    ],
    'the id in capitals': [
      { status: 200, body: { sessionId: flinksId.toUpperCase(), status: 'Canceled' } }, { kind: 'cancelled' },
    ],
    'another session’s id': [
      { status: 200, body: { ...flinksBody('Canceled', 'EFT0501'), sessionId: otherFlinksId } },
      { kind: 'unclear', cause: 'wrong_session_answered' },
    ],
    'no id': [
      { status: 200, body: { status: 'Canceled', statusDetails: 'EFT0501' } },
      { kind: 'unclear', cause: 'answer_unreadable' },
    ],
    'a status that is still open': [
      { status: 200, body: flinksBody('Initiated', 'EFT0101') }, { kind: 'unclear', cause: 'status_unexpected' },
    ],
    'a status that contradicts its code': [
      { status: 200, body: flinksBody('Completed', 'EFT0501') }, { kind: 'unclear', cause: 'status_unexpected' },
    ],
    'a completed session': [
      { status: 200, body: flinksBody('Completed', 'EFT0301') }, { kind: 'unclear', cause: 'status_unexpected' },
    ],
    'a trailing comma': [
      { status: 200, body: `{"sessionId":"${flinksId}","status":"Canceled",}` },
      { kind: 'unclear', cause: 'answer_unreadable' },
    ],
    'an empty 200': [{ status: 200 }, { kind: 'unclear', cause: 'answer_unreadable' }],
    'a 200 of HTML': [{ status: 200, body: '<html>Canceled</html>' }, { kind: 'unclear', cause: 'answer_unreadable' }],
    'a 202 without a state': [{ status: 202, body: {} }, { kind: 'unclear', cause: 'answer_unreadable' }],
    '400 as ProblemDetails': [
      { status: 400, body: problem(400, 'Bad Request', 'Session cannot be Cancelled') },
      { kind: 'final', evidence: { providerMessage: 'Session cannot be Cancelled' } },
    ],
    '400 as an OAuth error': [
      { status: 400, body: oauthError('invalid_request', 'Session cannot be Cancelled') },
      { kind: 'final', evidence: { providerCode: 'invalid_request', providerMessage: 'Session cannot be Cancelled' } },
    ],
    '400 whose body says 404': [
      { status: 400, body: problem(404, 'Not Found') }, { kind: 'final', evidence: { httpStatus: 400 } },
    ],
    '400 without a body': [{ status: 400 }, { kind: 'final', evidence: { providerMessage: 'Bad Request' } }],
    403: [
      { status: 403, body: 'Forbidden for this client', headers: { 'content-type': 'text/plain' } },
      { kind: 'refused', cause: 'forbidden', evidence: { providerMessage: 'Forbidden for this client' } },
    ],
    '404 with a body': [
      { status: 404, body: oauthError('not_found', 'Session not found for client') },
      { kind: 'not_found', cause: null },
    ],
    '404 of HTML': [
      { status: 404, body: '<h1>404</h1>' }, { kind: 'not_found', evidence: { providerMessage: 'Not Found' } },
    ],
    405: [{ status: 405 }, { kind: 'refused', cause: 'endpoint_off' }],
    409: [{ status: 409 }, { kind: 'unclear', cause: 'status_unexpected' }],
    429: [{ status: 429 }, { kind: 'throttled', waitMs: 5_000 }],
    500: [{ status: 500, body: problem(500, 'Oops') }, { kind: 'unclear', cause: 'server_error' }],
    503: [{ status: 503, body: '<html>' }, { kind: 'unclear', cause: 'server_error' }],
    303: [{ status: 303, headers: { location: '/elsewhere' } }, { kind: 'unclear', cause: 'redirected' }],
  };
  it.each(Object.entries(answers))('understands %s', async (_name, [played, expected]) => {
    const { provider, baseUrl } = await flinks({ '/cancel': [played] });
    expect(await provider.cancel(flinksAccount(baseUrl), flinksTarget(), never)).toMatchObject(expected);
  });

  it.each(['geft', 'eft', 'e_transfer'] as const)('takes the same way for %s', async (product) => {
    const { provider, baseUrl, seen } = await flinks({ '/cancel': [cancelled] });
    expect(
      await provider.cancel(flinksAccount(baseUrl), flinksTarget(product), never),
    ).toMatchObject({ kind: 'cancelled' });
    expect(seen[1]).toMatchObject({ method: 'POST', path: `/api/v2/sessions/${flinksId}/cancel`, body: '' });
  });

  it('of an e-Transfer says that the endpoint may be off where a 404 says nothing else', async () => {
    const { provider, baseUrl } = await flinks({
      '/cancel': [{ status: 404 }, { status: 404, body: problem(404, 'Not Found') }],
    });
    expect(await provider.cancel(flinksAccount(baseUrl), flinksTarget('e_transfer'), never)).toMatchObject({
      kind: 'not_found', cause: 'endpoint_off',
    });
    expect(await provider.cancel(flinksAccount(baseUrl), flinksTarget('e_transfer'), never)).toMatchObject({
      kind: 'not_found', cause: null,
    });
  });

  it('of an e-Transfer is not sent where the connection has it switched off', async () => {
    const { provider, baseUrl, seen } = await flinks({ '/cancel': [cancelled] });
    const account = flinksAccount(baseUrl, { eTransferCancel: false });
    expect(await provider.cancel(account, flinksTarget('e_transfer'), never)).toMatchObject({
      kind: 'not_sent', cause: 'endpoint_off',
    });
    expect(seen).toEqual([]);
    expect(await provider.cancel(account, flinksTarget('geft'), never)).toMatchObject({ kind: 'cancelled' });
  });

  it('sends one Authorization header, never two', async () => {
    const { provider, baseUrl, seen } = await flinks({ '/cancel': [cancelled] });
    await provider.cancel(flinksAccount(baseUrl), flinksTarget(), never);
    for (const { rawHeaders } of seen) expect(
      rawHeaders.filter((name) => /^authorization$/i.test(name)),
    ).toHaveLength(1);
  });

  it('encodes an id into one part of the path, and sends none that cannot be one', async () => {
    const { provider, baseUrl, seen } = await flinks({ '/cancel': [{ status: 404 }] });
    await provider.cancel(flinksAccount(baseUrl), flinksTarget('geft', '../a b/?#%2e'), never);
    expect(seen.at(-1)?.path).toBe('/api/v2/sessions/..%2Fa%20b%2F%3F%23%252e/cancel');
    for (const id of ['', '.', '..', '\ud800']) {
      expect(await provider.cancel(flinksAccount(baseUrl), flinksTarget('geft', id), never)).toMatchObject({
        kind: 'not_sent', cause: 'request_invalid',
      });
    }
    expect(seen).toHaveLength(2);
  });

  it('keeps the request id that the provider sent along', async () => {
    const { provider, baseUrl } = await flinks({ '/cancel': [{ ...cancelled, headers: { 'x-request-id': 'req-7' } }] });
    expect(await provider.cancel(flinksAccount(baseUrl), flinksTarget(), never)).toMatchObject({
      evidence: { requestId: 'req-7', httpStatus: 200 },
    });
  });
});

describe('read', () => {
  it('asks for the status without a token, so that none is spent', async () => {
    const { provider, baseUrl, seen } = await flinks({
      '/status': [{ status: 200, body: flinksBody('Initiated', 'EFT0101', { amount: 65.10 }) }],
    });
    expect(await provider.read(flinksAccount(baseUrl), flinksTarget(), never)).toMatchObject({
      kind: 'found', session: {
        status: 'active', final: false, amount: '65.1', reference: 'ORDER-88', currency: null, expiresAt: null,
      },
    });
    expect(paths(seen)).toEqual(['/status']);
    expect(seen[0]?.headers).not.toHaveProperty('authorization');
  });

  it.each([401, 403])('asks again with a token after a %i, and remembers that one is needed', async (status) => {
    const { provider, baseUrl, seen } = await flinks({
      '/status': [{ status }, { status: 200, body: flinksBody('InProgress') }],
    });
    const account = flinksAccount(baseUrl);
    expect(await provider.read(account, flinksTarget(), never)).toMatchObject({
      kind: 'found', session: { status: 'in_progress', final: false },
    });
    await provider.read(account, flinksTarget(), never);
    expect(paths(seen)).toEqual(['/status', '/authorize', '/status', '/authorize', '/status']);
    expect(seen[2]?.headers.authorization).toBe('Bearer tok-4711');
  });

  const answers: Record<string, [Played, object]> = {
    'an unfinished completion': [
      { status: 200, body: flinksBody('Completed', 'EFT0302') },
      { kind: 'found', session: { status: 'completed_unfinished', final: false } },
    ],
    'a status nobody documents': [
      { status: 200, body: flinksBody('Paused', 'EFT0999') },
      { kind: 'found', session: { status: 'unknown', final: false, rawStatus: 'Paused', rawDetail: 'EFT0999' } },
    ],
    'another session': [
      { status: 200, body: { ...flinksBody('Canceled'), sessionId: otherFlinksId } },
      { kind: 'unreadable', cause: 'wrong_session_answered' },
    ],
    'text for a status': [{ status: 200, body: 'Canceled' }, { kind: 'unreadable', cause: 'answer_unreadable' }],
    404: [{ status: 404, body: problem(404, 'Not Found') }, { kind: 'not_found', cause: null }],
    400: [
      { status: 400, body: problem(400, 'Bad Request', 'The value is not valid.') },
      { kind: 'refused', cause: 'request_invalid' },
    ],
    429: [{ status: 429, headers: { 'retry-after': '2' } }, { kind: 'throttled', waitMs: 2_000 }],
    502: [{ status: 502 }, { kind: 'unreadable', cause: 'server_error' }],
    307: [{ status: 307, headers: { location: '/' } }, { kind: 'unreadable', cause: 'redirected' }],
  };
  it.each(Object.entries(answers))('understands %s', async (_name, [played, expected]) => {
    const { provider, baseUrl } = await flinks({ '/status': [played] });
    expect(await provider.read(flinksAccount(baseUrl), flinksTarget(), never)).toMatchObject(expected);
  });

  it('of an e-Transfer looks at the details before it believes a bare 404', async () => {
    const { provider, baseUrl, seen } = await flinks({
      '/status': [{ status: 404 }],
      '/details': [{ status: 200, body: flinksBody('Initiated') }, { status: 404, body: problem(404, 'Not Found') }],
    });
    expect(await provider.read(flinksAccount(baseUrl), flinksTarget('e_transfer'), never)).toMatchObject({
      kind: 'found', session: { status: 'active' },
    });
    expect(await provider.read(flinksAccount(baseUrl), flinksTarget('e_transfer'), never)).toMatchObject({
      kind: 'not_found', cause: null,
    });
    expect(paths(seen)).toEqual(['/status', '/authorize', '/details', '/status', '/authorize', '/details']);
  });

  it('of the details keeps when it was made and in what currency, and nothing of the payer', async () => {
    const payer = { firstName: 'Ines', lastName: 'Payer', email: 'ines@payer.test', account: { number: '0012345' } };
    const body = flinksBody(
      'Initiated', 'EFT0101',
      { createdAt: '2026-11-20T13:00:00.1234567Z', currency: 'CAD', amount: '65.00', payor: payer, userDetails: payer },
    );
    const { provider, baseUrl, seen } = await flinks({ '/details': [{ status: 200, body }] });
    const answer = await provider.readDetails?.(flinksAccount(baseUrl), flinksTarget(), never);
    expect(answer).toMatchObject({
      kind: 'found', session: { createdAt: '2026-11-20T13:00:00.123Z', currency: 'CAD', amount: '65.00' },
    });
    expect(JSON.stringify(answer)).not.toMatch(/ines|payer|0012345/i);
    expect(paths(seen)).toEqual(['/authorize', '/details']);
  });
});

describe('check', () => {
  it('accepts credentials that authorize takes, and touches no session', async () => {
    const { provider, baseUrl, seen } = await flinks({});
    expect(await provider.check(flinksAccount(baseUrl), never)).toMatchObject({ kind: 'accepted' });
    expect(paths(seen)).toEqual(['/authorize']);
  });

  const answers: Record<string, [Played, object]> = {
    'a 401': [{ status: 401 }, { kind: 'refused', cause: 'unauthorized' }],
    'a web page': [{ status: 200, body: '<html>' }, { kind: 'unreadable', cause: 'answer_unreadable' }],
    'a 404': [{ status: 404 }, { kind: 'unreadable', cause: 'status_unexpected' }],
    'a 500': [{ status: 500 }, { kind: 'unreadable', cause: 'server_error' }],
    'a 429': [{ status: 429 }, { kind: 'throttled' }],
  };
  it.each(Object.entries(answers))('of a client id and secret understands %s', async (_name, [played, expected]) => {
    const { provider, baseUrl } = await flinks({ '/authorize': [played] });
    expect(await provider.check(flinksAccount(baseUrl), never)).toMatchObject(expected);
  });

  const keyAnswers: Record<string, [Played, object]> = {
    'a 404 with Flinks’ own body': [{ status: 404, body: problem(404, 'Not Found') }, { kind: 'accepted' }],
    'a 404 of any web server': [{ status: 404, body: '<html>' }, { kind: 'unreadable', cause: 'answer_unreadable' }],
    'a 401': [{ status: 401 }, { kind: 'refused', cause: 'unauthorized' }],
    'a 200 for a session that nobody has': [
      { status: 200, body: {} }, { kind: 'unreadable', cause: 'answer_unreadable' },
    ],
  };
  it.each(Object.entries(keyAnswers))('of an API key understands %s', async (_name, [played, expected]) => {
    const { provider, baseUrl, seen } = await flinks({ '/details': [played] });
    expect(await provider.check(flinksAccount(baseUrl, { authMode: 'api_key' }), never)).toMatchObject(expected);
    expect(seen[0]?.path).toContain('00000000-0000-0000-0000-000000000000');
  });
});
