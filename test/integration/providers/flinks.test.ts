/** Flinks Pay over real HTTP with scripted responses: the products, responses and contradictions of providers.md. */
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

describe('cancel', () => {
  const cancelResponses: Record<string, [ScriptedResponse, object]> = {
    'Canceled with EFT0501': [
      cancelledResponse,
      {
        kind: 'cancelled',
        session: { status: 'cancelled', rawStatus: 'Canceled', rawDetail: 'EFT0501', reference: 'ORDER-88' },
      },
    ],
    'Cancelled with two L': [
      { status: 200, body: flinksBody('Cancelled', 'EFT0501') },
      { kind: 'cancelled', session: { rawStatus: 'Cancelled' } },
    ],
    'a cancelled status without a code': [
      { status: 200, body: { sessionId: flinksId, status: 'Cancelled' } },
      { kind: 'cancelled', session: { rawDetail: null } },
    ],
    'EFT0501 without a status': [
      { status: 200, body: { sessionId: flinksId, statusDetails: 'EFT0501' } },
      { kind: 'cancelled' },
    ],
    'the session id in upper case': [
      { status: 200, body: { sessionId: flinksId.toUpperCase(), status: 'Canceled' } },
      { kind: 'cancelled' },
    ],
    'the id of another session': [
      { status: 200, body: { ...flinksBody('Canceled', 'EFT0501'), sessionId: otherFlinksId } },
      { kind: 'unclear', cause: 'wrong_session_answered' },
    ],
    'no session id': [
      { status: 200, body: { status: 'Canceled', statusDetails: 'EFT0501' } },
      { kind: 'unclear', cause: 'answer_unreadable' },
    ],
    'a session that is still active': [
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
    'JSON with a trailing comma': [
      { status: 200, body: `{"sessionId":"${flinksId}","status":"Canceled",}` },
      { kind: 'unclear', cause: 'answer_unreadable' },
    ],
    'an empty 200': [{ status: 200 }, { kind: 'unclear', cause: 'answer_unreadable' }],
    'a 200 of HTML': [
      { status: 200, body: '<html>Canceled</html>' },
      { kind: 'unclear', cause: 'answer_unreadable' },
    ],
    'a 202 without a status': [
      { status: 202, body: {} },
      { kind: 'unclear', cause: 'answer_unreadable' },
    ],
    'a 400 as problem details': [
      { status: 400, body: problemDetails(400, 'Bad Request', 'Session cannot be Cancelled') },
      { kind: 'final', evidence: { providerMessage: 'Session cannot be Cancelled' } },
    ],
    'a 400 as an OAuth error': [
      { status: 400, body: oauthError('invalid_request', 'Session cannot be Cancelled') },
      { kind: 'final', evidence: { providerCode: 'invalid_request', providerMessage: 'Session cannot be Cancelled' } },
    ],
    'a 400 with status 404 in its body': [
      { status: 400, body: problemDetails(404, 'Not Found') },
      { kind: 'final', evidence: { httpStatus: 400 } },
    ],
    'a 400 without a body': [{ status: 400 }, { kind: 'final', evidence: { providerMessage: 'Bad Request' } }],
    'a 403': [
      { status: 403, body: 'Forbidden for this client', headers: { 'content-type': 'text/plain' } },
      { kind: 'refused', cause: 'forbidden', evidence: { providerMessage: 'Forbidden for this client' } },
    ],
    'a 404 with error details': [
      { status: 404, body: oauthError('not_found', 'Session not found for client') },
      { kind: 'not_found', cause: null },
    ],
    'a 404 with an HTML body': [
      { status: 404, body: '<h1>404</h1>' },
      { kind: 'not_found', evidence: { providerMessage: 'Not Found' } },
    ],
    'a 405': [{ status: 405 }, { kind: 'refused', cause: 'endpoint_off' }],
    'a 409': [{ status: 409 }, { kind: 'unclear', cause: 'status_unexpected' }],
    'a 429': [{ status: 429 }, { kind: 'throttled', retryAfterMs: 5_000 }],
    'a 500': [
      { status: 500, body: problemDetails(500, 'Oops') },
      { kind: 'unclear', cause: 'server_error' },
    ],
    'a 503': [
      { status: 503, body: '<html>' },
      { kind: 'unclear', cause: 'server_error' },
    ],
    'a 303': [
      { status: 303, headers: { location: '/elsewhere' } },
      { kind: 'unclear', cause: 'redirected' },
    ],
  };
  it.each(Object.entries(cancelResponses))('cancel: maps %s', async (_name, [response, expected]) => {
    const { provider, baseUrl } = await startFlinks({ '/cancel': [response] });
    expect(await provider.cancel(flinksAccount(baseUrl), flinksTarget(), neverAborted)).toMatchObject(expected);
  });

  it.each(['geft', 'eft', 'e_transfer'] as const)('cancel: sends the same request for %s', async (product) => {
    const { provider, baseUrl, requests } = await startFlinks({ '/cancel': [cancelledResponse] });
    expect(await provider.cancel(flinksAccount(baseUrl), flinksTarget(product), neverAborted)).toMatchObject({
      kind: 'cancelled',
    });
    expect(requests[1]).toMatchObject({ method: 'POST', path: `/api/v2/sessions/${flinksId}/cancel`, body: '' });
  });

  it('cancel: an e-Transfer 404 without error details means that the endpoint may be off', async () => {
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

  it('cancel: an e-Transfer cancel is not sent if the connection turned it off', async () => {
    const { provider, baseUrl, requests } = await startFlinks({ '/cancel': [cancelledResponse] });
    const account = flinksAccount(baseUrl, { eTransferCancel: false });
    expect(await provider.cancel(account, flinksTarget('e_transfer'), neverAborted)).toMatchObject({
      kind: 'not_sent',
      cause: 'endpoint_off',
    });
    expect(requests).toEqual([]);
    expect(await provider.cancel(account, flinksTarget('geft'), neverAborted)).toMatchObject({ kind: 'cancelled' });
  });

  it('cancel: sends exactly one Authorization header', async () => {
    const { provider, baseUrl, requests } = await startFlinks({ '/cancel': [cancelledResponse] });
    await provider.cancel(flinksAccount(baseUrl), flinksTarget(), neverAborted);
    for (const { rawHeaders } of nonEmpty(requests))
      expect(rawHeaders.filter((name) => /^authorization$/i.test(name))).toHaveLength(1);
  });

  // Verifies S-10.
  it('cancel: an id that could change the path is not sent', async () => {
    const { provider, baseUrl, requests } = await startFlinks({ '/cancel': [{ status: 404 }] });
    for (const id of ['', '.', '..', '\ud800', '../v2/payouts/x', 'a b', 'a?b', 'a#b', '%2e%2e']) {
      expect(await provider.cancel(flinksAccount(baseUrl), flinksTarget('geft', id), neverAborted)).toMatchObject({
        kind: 'not_sent',
        cause: 'request_invalid',
      });
    }
    expect(requests).toEqual([]);
  });

  it('cancel: the evidence contains the request id of the provider', async () => {
    const { provider, baseUrl } = await startFlinks({
      '/cancel': [{ ...cancelledResponse, headers: { 'x-request-id': 'req-7' } }],
    });
    expect(await provider.cancel(flinksAccount(baseUrl), flinksTarget(), neverAborted)).toMatchObject({
      evidence: { requestId: 'req-7', httpStatus: 200 },
    });
  });
});

describe('read', () => {
  it('read: requests the status without a token', async () => {
    const { provider, baseUrl, requests } = await startFlinks({
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
    expect(requestPaths(requests)).toEqual(['/status']);
    expect(requests[0]?.headers).not.toHaveProperty('authorization');
  });

  it.each([401, 403])('read: after a %i the status is requested with a token, also the next time', async (status) => {
    const { provider, baseUrl, requests } = await startFlinks({
      '/status': [{ status }, { status: 200, body: flinksBody('InProgress') }],
    });
    const account = flinksAccount(baseUrl);
    expect(await provider.read(account, flinksTarget(), neverAborted)).toMatchObject({
      kind: 'found',
      session: { status: 'in_progress', isFinal: false },
    });
    await provider.read(account, flinksTarget(), neverAborted);
    expect(requestPaths(requests)).toEqual(['/status', '/authorize', '/status', '/authorize', '/status']);
    expect(requests[2]?.headers.authorization).toBe('Bearer tok-4711');
  });

  const statusResponses: Record<string, [ScriptedResponse, object]> = {
    'Completed with EFT0302': [
      { status: 200, body: flinksBody('Completed', 'EFT0302') },
      { kind: 'found', session: { status: 'completed_unfinished', isFinal: false } },
    ],
    'an undocumented status': [
      { status: 200, body: flinksBody('Paused', 'EFT0999') },
      { kind: 'found', session: { status: 'unknown', isFinal: false, rawStatus: 'Paused', rawDetail: 'EFT0999' } },
    ],
    'a response about another session': [
      { status: 200, body: { ...flinksBody('Canceled'), sessionId: otherFlinksId } },
      { kind: 'unreadable', cause: 'wrong_session_answered' },
    ],
    'a plain text body': [
      { status: 200, body: 'Canceled' },
      { kind: 'unreadable', cause: 'answer_unreadable' },
    ],
    'a 404': [
      { status: 404, body: problemDetails(404, 'Not Found') },
      { kind: 'not_found', cause: null },
    ],
    'a 400': [
      { status: 400, body: problemDetails(400, 'Bad Request', 'The value is not valid.') },
      { kind: 'refused', cause: 'request_invalid' },
    ],
    'a 429': [
      { status: 429, headers: { 'retry-after': '2' } },
      { kind: 'throttled', retryAfterMs: 2_000 },
    ],
    'a 502': [{ status: 502 }, { kind: 'unreadable', cause: 'server_error' }],
    'a 307': [
      { status: 307, headers: { location: '/' } },
      { kind: 'unreadable', cause: 'redirected' },
    ],
  };
  it.each(Object.entries(statusResponses))('read: maps %s', async (_name, [response, expected]) => {
    const { provider, baseUrl } = await startFlinks({ '/status': [response] });
    expect(await provider.read(flinksAccount(baseUrl), flinksTarget(), neverAborted)).toMatchObject(expected);
  });

  it('read: an e-Transfer 404 without error details is followed by a request for the details', async () => {
    const { provider, baseUrl, requests } = await startFlinks({
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
    expect(requestPaths(requests)).toEqual(['/status', '/authorize', '/details', '/status', '/authorize', '/details']);
  });

  it('readDetails: returns createdAt and currency and no payer data', async () => {
    const payer = { firstName: 'Ines', lastName: 'Payer', email: 'ines@payer.test', account: { number: '0012345' } };
    const body = flinksBody('Initiated', 'EFT0101', {
      createdAt: '2026-11-20T13:00:00.1234567Z',
      currency: 'CAD',
      amount: '65.00',
      payor: payer,
      userDetails: payer,
    });
    const { provider, baseUrl, requests } = await startFlinks({ '/details': [{ status: 200, body }] });
    const result = await provider.readDetails?.(flinksAccount(baseUrl), flinksTarget(), neverAborted);
    expect(result).toMatchObject({
      kind: 'found',
      session: { createdAt: '2026-11-20T13:00:00.123Z', currency: 'CAD', amount: '65.00' },
    });
    expect(JSON.stringify(result)).not.toMatch(/ines|payer|0012345/i);
    expect(requestPaths(requests)).toEqual(['/authorize', '/details']);
  });
});
