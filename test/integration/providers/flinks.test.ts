/**
 * Flinks Pay against recorded examples: every product, auth mode, answer and contradiction of providers.md, over real
 * HTTP.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { createProviders } from '../../../src-main/core/providers/index.ts';
import {
  flinksAccount,
  flinksBody,
  flinksId,
  flinksTarget,
  neverAborted,
  oauthError,
  otherFlinksId,
  problemDetails,
  tokenBody,
} from './provider-fixtures.ts';
import { closeServers, startScriptedServer, type ScriptedResponse } from './loopback-servers.ts';

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

describe('cancel', () => {
  const answers: Record<string, [ScriptedResponse, object]> = {
    'Canceled with its code': [
      cancelledResponse,
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
      { status: 200, body: { sessionId: flinksId, statusDetails: 'EFT0501' } },
      { kind: 'cancelled' },
    ],
    'the id in capitals': [
      { status: 200, body: { sessionId: flinksId.toUpperCase(), status: 'Canceled' } },
      { kind: 'cancelled' },
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
      { status: 200, body: flinksBody('Initiated', 'EFT0101') },
      { kind: 'unclear', cause: 'status_unexpected' },
    ],
    'a status that contradicts its code': [
      { status: 200, body: flinksBody('Completed', 'EFT0501') },
      { kind: 'unclear', cause: 'status_unexpected' },
    ],
    'a completed session': [
      { status: 200, body: flinksBody('Completed', 'EFT0301') },
      { kind: 'unclear', cause: 'status_unexpected' },
    ],
    'a trailing comma': [
      { status: 200, body: `{"sessionId":"${flinksId}","status":"Canceled",}` },
      { kind: 'unclear', cause: 'answer_unreadable' },
    ],
    'an empty 200': [{ status: 200 }, { kind: 'unclear', cause: 'answer_unreadable' }],
    'a 200 of HTML': [
      { status: 200, body: '<html>Canceled</html>' },
      { kind: 'unclear', cause: 'answer_unreadable' },
    ],
    'a 202 without a state': [
      { status: 202, body: {} },
      { kind: 'unclear', cause: 'answer_unreadable' },
    ],
    '400 as ProblemDetails': [
      { status: 400, body: problemDetails(400, 'Bad Request', 'Session cannot be Cancelled') },
      { kind: 'final', evidence: { providerMessage: 'Session cannot be Cancelled' } },
    ],
    '400 as an OAuth error': [
      { status: 400, body: oauthError('invalid_request', 'Session cannot be Cancelled') },
      { kind: 'final', evidence: { providerCode: 'invalid_request', providerMessage: 'Session cannot be Cancelled' } },
    ],
    '400 whose body says 404': [
      { status: 400, body: problemDetails(404, 'Not Found') },
      { kind: 'final', evidence: { httpStatus: 400 } },
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
      { status: 404, body: '<h1>404</h1>' },
      { kind: 'not_found', evidence: { providerMessage: 'Not Found' } },
    ],
    405: [{ status: 405 }, { kind: 'refused', cause: 'endpoint_off' }],
    409: [{ status: 409 }, { kind: 'unclear', cause: 'status_unexpected' }],
    429: [{ status: 429 }, { kind: 'throttled', retryAfterMs: 5_000 }],
    500: [
      { status: 500, body: problemDetails(500, 'Oops') },
      { kind: 'unclear', cause: 'server_error' },
    ],
    503: [
      { status: 503, body: '<html>' },
      { kind: 'unclear', cause: 'server_error' },
    ],
    303: [
      { status: 303, headers: { location: '/elsewhere' } },
      { kind: 'unclear', cause: 'redirected' },
    ],
  };
  it.each(Object.entries(answers))('understands %s', async (_name, [played, expected]) => {
    const { provider, baseUrl } = await startFlinks({ '/cancel': [played] });
    expect(await provider.cancel(flinksAccount(baseUrl), flinksTarget(), neverAborted)).toMatchObject(expected);
  });

  it.each(['geft', 'eft', 'e_transfer'] as const)('takes the same way for %s', async (product) => {
    const { provider, baseUrl, seen } = await startFlinks({ '/cancel': [cancelledResponse] });
    expect(await provider.cancel(flinksAccount(baseUrl), flinksTarget(product), neverAborted)).toMatchObject({
      kind: 'cancelled',
    });
    expect(seen[1]).toMatchObject({ method: 'POST', path: `/api/v2/sessions/${flinksId}/cancel`, body: '' });
  });

  it('of an e-Transfer says that the endpoint may be off where a 404 says nothing else', async () => {
    const { provider, baseUrl } = await startFlinks({
      '/cancel': [{ status: 404 }, { status: 404, body: problemDetails(404, 'Not Found') }],
    });
    expect(await provider.cancel(flinksAccount(baseUrl), flinksTarget('e_transfer'), neverAborted)).toMatchObject({
      kind: 'not_found',
      cause: 'endpoint_off',
    });
    expect(await provider.cancel(flinksAccount(baseUrl), flinksTarget('e_transfer'), neverAborted)).toMatchObject({
      kind: 'not_found',
      cause: null,
    });
  });

  it('of an e-Transfer is not sent where the connection has it switched off', async () => {
    const { provider, baseUrl, seen } = await startFlinks({ '/cancel': [cancelledResponse] });
    const account = flinksAccount(baseUrl, { eTransferCancel: false });
    expect(await provider.cancel(account, flinksTarget('e_transfer'), neverAborted)).toMatchObject({
      kind: 'not_sent',
      cause: 'endpoint_off',
    });
    expect(seen).toEqual([]);
    expect(await provider.cancel(account, flinksTarget('geft'), neverAborted)).toMatchObject({ kind: 'cancelled' });
  });

  it('sends one Authorization header, never two', async () => {
    const { provider, baseUrl, seen } = await startFlinks({ '/cancel': [cancelledResponse] });
    await provider.cancel(flinksAccount(baseUrl), flinksTarget(), neverAborted);
    for (const { rawHeaders } of seen)
      expect(rawHeaders.filter((name) => /^authorization$/i.test(name))).toHaveLength(1);
  });

  it('encodes an id into one part of the path, and sends none that cannot be one', async () => {
    const { provider, baseUrl, seen } = await startFlinks({ '/cancel': [{ status: 404 }] });
    await provider.cancel(flinksAccount(baseUrl), flinksTarget('geft', '../a b/?#%2e'), neverAborted);
    expect(seen.at(-1)?.path).toBe('/api/v2/sessions/..%2Fa%20b%2F%3F%23%252e/cancel');
    for (const id of ['', '.', '..', '\ud800']) {
      expect(await provider.cancel(flinksAccount(baseUrl), flinksTarget('geft', id), neverAborted)).toMatchObject({
        kind: 'not_sent',
        cause: 'request_invalid',
      });
    }
    expect(seen).toHaveLength(2);
  });

  it('keeps the request id that the provider sent along', async () => {
    const { provider, baseUrl } = await startFlinks({
      '/cancel': [{ ...cancelledResponse, headers: { 'x-request-id': 'req-7' } }],
    });
    expect(await provider.cancel(flinksAccount(baseUrl), flinksTarget(), neverAborted)).toMatchObject({
      evidence: { requestId: 'req-7', httpStatus: 200 },
    });
  });
});

describe('read', () => {
  it('asks for the status without a token, so that none is spent', async () => {
    const { provider, baseUrl, seen } = await startFlinks({
      '/status': [{ status: 200, body: flinksBody('Initiated', 'EFT0101', { amount: 65.1 }) }],
    });
    expect(await provider.read(flinksAccount(baseUrl), flinksTarget(), neverAborted)).toMatchObject({
      kind: 'found',
      session: {
        status: 'active',
        isFinal: false,
        amount: '65.1',
        reference: 'ORDER-88',
        currency: null,
        expiresAt: null,
      },
    });
    expect(requestPaths(seen)).toEqual(['/status']);
    expect(seen[0]?.headers).not.toHaveProperty('authorization');
  });

  it.each([401, 403])('asks again with a token after a %i, and remembers that one is needed', async (status) => {
    const { provider, baseUrl, seen } = await startFlinks({
      '/status': [{ status }, { status: 200, body: flinksBody('InProgress') }],
    });
    const account = flinksAccount(baseUrl);
    expect(await provider.read(account, flinksTarget(), neverAborted)).toMatchObject({
      kind: 'found',
      session: { status: 'in_progress', isFinal: false },
    });
    await provider.read(account, flinksTarget(), neverAborted);
    expect(requestPaths(seen)).toEqual(['/status', '/authorize', '/status', '/authorize', '/status']);
    expect(seen[2]?.headers.authorization).toBe('Bearer tok-4711');
  });

  const answers: Record<string, [ScriptedResponse, object]> = {
    'an unfinished completion': [
      { status: 200, body: flinksBody('Completed', 'EFT0302') },
      { kind: 'found', session: { status: 'completed_unfinished', isFinal: false } },
    ],
    'a status nobody documents': [
      { status: 200, body: flinksBody('Paused', 'EFT0999') },
      { kind: 'found', session: { status: 'unknown', isFinal: false, rawStatus: 'Paused', rawDetail: 'EFT0999' } },
    ],
    'another session': [
      { status: 200, body: { ...flinksBody('Canceled'), sessionId: otherFlinksId } },
      { kind: 'unreadable', cause: 'wrong_session_answered' },
    ],
    'text for a status': [
      { status: 200, body: 'Canceled' },
      { kind: 'unreadable', cause: 'answer_unreadable' },
    ],
    404: [
      { status: 404, body: problemDetails(404, 'Not Found') },
      { kind: 'not_found', cause: null },
    ],
    400: [
      { status: 400, body: problemDetails(400, 'Bad Request', 'The value is not valid.') },
      { kind: 'refused', cause: 'request_invalid' },
    ],
    429: [
      { status: 429, headers: { 'retry-after': '2' } },
      { kind: 'throttled', retryAfterMs: 2_000 },
    ],
    502: [{ status: 502 }, { kind: 'unreadable', cause: 'server_error' }],
    307: [
      { status: 307, headers: { location: '/' } },
      { kind: 'unreadable', cause: 'redirected' },
    ],
  };
  it.each(Object.entries(answers))('understands %s', async (_name, [played, expected]) => {
    const { provider, baseUrl } = await startFlinks({ '/status': [played] });
    expect(await provider.read(flinksAccount(baseUrl), flinksTarget(), neverAborted)).toMatchObject(expected);
  });

  it('of an e-Transfer looks at the details before it believes a bare 404', async () => {
    const { provider, baseUrl, seen } = await startFlinks({
      '/status': [{ status: 404 }],
      '/details': [
        { status: 200, body: flinksBody('Initiated') },
        { status: 404, body: problemDetails(404, 'Not Found') },
      ],
    });
    expect(await provider.read(flinksAccount(baseUrl), flinksTarget('e_transfer'), neverAborted)).toMatchObject({
      kind: 'found',
      session: { status: 'active' },
    });
    expect(await provider.read(flinksAccount(baseUrl), flinksTarget('e_transfer'), neverAborted)).toMatchObject({
      kind: 'not_found',
      cause: null,
    });
    expect(requestPaths(seen)).toEqual(['/status', '/authorize', '/details', '/status', '/authorize', '/details']);
  });

  it('of the details keeps when it was made and in what currency, and nothing of the payer', async () => {
    const payer = { firstName: 'Ines', lastName: 'Payer', email: 'ines@payer.test', account: { number: '0012345' } };
    const body = flinksBody('Initiated', 'EFT0101', {
      createdAt: '2026-11-20T13:00:00.1234567Z',
      currency: 'CAD',
      amount: '65.00',
      payor: payer,
      userDetails: payer,
    });
    const { provider, baseUrl, seen } = await startFlinks({ '/details': [{ status: 200, body }] });
    const answer = await provider.readDetails?.(flinksAccount(baseUrl), flinksTarget(), neverAborted);
    expect(answer).toMatchObject({
      kind: 'found',
      session: { createdAt: '2026-11-20T13:00:00.123Z', currency: 'CAD', amount: '65.00' },
    });
    expect(JSON.stringify(answer)).not.toMatch(/ines|payer|0012345/i);
    expect(requestPaths(seen)).toEqual(['/authorize', '/details']);
  });
});
