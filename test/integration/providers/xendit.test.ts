/** Xendit over real HTTP with scripted responses: the statuses, errors and contradictions of providers.md. */
import { afterEach, describe, expect, it } from 'vitest';
import { createProviders, formatErrorMessage } from '../../../src-main/core/providers/index.ts';
import {
  neverAborted,
  otherXenditId,
  xenditAccount,
  xenditBody,
  xenditError,
  xenditId,
  xenditKey,
  xenditTarget,
} from './provider-fixtures.ts';
import { closeServers, startScriptedServer, startRawServer, type ScriptedResponse } from './loopback-servers.ts';

afterEach(closeServers);

async function startXendit(...responses: ScriptedResponse[]) {
  return { ...(await startScriptedServer({ '': responses })), provider: createProviders().xendit };
}

describe('request', () => {
  it('request: sends the key as user name with an empty password, and no other account header', async () => {
    const { provider, baseUrl, requests } = await startXendit({ status: 200, body: xenditBody('CANCELED') });
    await provider.cancel(xenditAccount(baseUrl), xenditTarget(), neverAborted);
    expect(requests[0]).toMatchObject({
      method: 'POST',
      path: `/sessions/${xenditId}/cancel`,
      body: '',
      headers: { authorization: `Basic ${Buffer.from(`${xenditKey}:`).toString('base64')}` },
    });
    expect(requests[0]?.headers).not.toHaveProperty('for-user-id');
    expect(requests[0]?.headers).not.toHaveProperty('api-version');
  });

  it('request: sends the sub-account of the session, otherwise that of the connection', async () => {
    const { provider, baseUrl, requests } = await startXendit({ status: 200, body: xenditBody('ACTIVE') });
    await provider.read(xenditAccount(baseUrl, 'sub-connection'), xenditTarget('sub-session'), neverAborted);
    await provider.cancel(xenditAccount(baseUrl, 'sub-connection'), xenditTarget(), neverAborted);
    expect(requests.map(({ headers }) => headers['for-user-id'])).toEqual(['sub-session', 'sub-connection']);
  });

  it('request: is not sent if the sub-account or the id cannot be sent unchanged', async () => {
    const { provider, baseUrl, requests } = await startXendit({ status: 200, body: xenditBody('ACTIVE') });
    const invalidTargets = [
      xenditTarget('süb'),
      xenditTarget('a\r\nb'),
      xenditTarget(null, '..'),
      xenditTarget(null, ''),
    ];
    for (const target of invalidTargets) {
      expect(await provider.cancel(xenditAccount(baseUrl), target, neverAborted)).toMatchObject({
        kind: 'not_sent',
        cause: 'request_invalid',
      });
    }
    expect(requests).toEqual([]);
  });
});

describe('cancel', () => {
  const cancelResponses: Record<string, [ScriptedResponse, object]> = {
    'a cancelled session': [
      { status: 200, body: xenditBody('CANCELED') },
      {
        kind: 'cancelled',
        session: {
          status: 'cancelled',
          isFinal: true,
          rawStatus: 'CANCELED',
          reference: 'INV-2026-77',
          amount: '250000',
          currency: 'IDR',
          createdAt: '2026-11-20T13:00:00.123Z',
          expiresAt: '2026-11-20T13:30:00.000Z',
          paymentInFlight: false,
        },
      },
    ],
    'only the id and the status': [
      { status: 200, body: { payment_session_id: xenditId, status: 'CANCELED' } },
      { kind: 'cancelled', session: { amount: null, currency: null, reference: null } },
    ],
    'an amount as text': [
      { status: 200, body: xenditBody('CANCELED', { amount: '0' }) },
      { kind: 'cancelled', session: { amount: '0' } },
    ],
    'the id of another session': [
      { status: 200, body: xenditBody('CANCELED', { payment_session_id: otherXenditId }) },
      { kind: 'unclear', cause: 'wrong_session_answered' },
    ],
    'an id with an additional character': [
      { status: 200, body: xenditBody('CANCELED', { payment_session_id: `${xenditId}0` }) },
      { kind: 'unclear', cause: 'wrong_session_answered' },
    ],
    'no session id': [
      { status: 200, body: { status: 'CANCELED' } },
      { kind: 'unclear', cause: 'answer_unreadable' },
    ],
    'a session that is still active': [
      { status: 200, body: xenditBody('ACTIVE') },
      { kind: 'unclear', cause: 'status_unexpected' },
    ],
    'a completed session': [
      { status: 200, body: xenditBody('COMPLETED') },
      { kind: 'unclear', cause: 'status_unexpected' },
    ],
    'an array': [
      { status: 200, body: [xenditBody('CANCELED')] },
      { kind: 'unclear', cause: 'answer_unreadable' },
    ],
    'an empty 200': [{ status: 200 }, { kind: 'unclear', cause: 'answer_unreadable' }],
    'a 400': [
      { status: 400, body: xenditError('API_VALIDATION_ERROR', 'session_id is not valid') },
      { kind: 'refused', cause: 'request_invalid' },
    ],
    'a 401': [
      { status: 401, body: xenditError('INVALID_API_KEY', 'API key is not authorized for this API') },
      { kind: 'refused', cause: 'unauthorized', evidence: { providerCode: 'INVALID_API_KEY' } },
    ],
    'a 403 for a missing permission': [
      { status: 403, body: xenditError('REQUEST_FORBIDDEN_ERROR', 'no') },
      { kind: 'refused', cause: 'forbidden' },
    ],
    'a 403 for an IP address': [
      { status: 403, body: xenditError('UNAUTHORIZED_SENDER_IP', 'IP 203.0.113.7 is not allowed') },
      { kind: 'refused', cause: 'address_not_allowed' },
    ],
    'the IP address code with a 401': [
      { status: 401, body: xenditError('UNAUTHORIZED_SENDER_IP', 'no') },
      { kind: 'refused', cause: 'address_not_allowed' },
    ],
    'a 404': [
      { status: 404, body: xenditError('NOT_FOUND', 'Session not found') },
      { kind: 'not_found', cause: null },
    ],
    'a 404 with the code of another product': [
      { status: 404, body: { errorCode: 'DATA_NOT_FOUND', message: 'gone' } },
      { kind: 'not_found', evidence: { providerCode: 'DATA_NOT_FOUND' } },
    ],
    'a 422': [
      { status: 422, body: xenditError('INVALID_SESSION_STATUS', 'Session status is COMPLETED, expecting ACTIVE') },
      { kind: 'final', evidence: { providerCode: 'INVALID_SESSION_STATUS' } },
    ],
    'a 422 with CANCELED in its message': [
      { status: 422, body: xenditError('INVALID_SESSION_STATUS', 'Session status is CANCELED') },
      { kind: 'final' },
    ],
    'an undocumented code': [
      { status: 403, body: { error: 'SOMETHING_NEW', message: 'no' } },
      { kind: 'refused', cause: 'forbidden', evidence: { providerCode: 'SOMETHING_NEW' } },
    ],
    'a 429 with a fraction of seconds': [
      { status: 429, headers: { 'rate-limit-reset': '58.37', 'retry-after': '1' } },
      { kind: 'throttled', retryAfterMs: 58_370 },
    ],
    'a 500': [
      { status: 500, body: xenditError('SERVER_ERROR', 'later') },
      { kind: 'unclear', cause: 'server_error' },
    ],
    'a 302': [
      { status: 302, headers: { location: 'https://example.test' } },
      { kind: 'unclear', cause: 'redirected' },
    ],
  };
  it.each(Object.entries(cancelResponses))('cancel: maps %s', async (_name, [response, expected]) => {
    const { provider, baseUrl } = await startXendit(response);
    expect(await provider.cancel(xenditAccount(baseUrl), xenditTarget(), neverAborted)).toMatchObject(expected);
  });

  it('cancel: a lost connection is unclear', async () => {
    const baseUrl = await startRawServer((socket) => socket.destroy());
    expect(await createProviders().xendit.cancel(xenditAccount(baseUrl), xenditTarget(), neverAborted)).toMatchObject({
      kind: 'unclear',
      cause: 'connection_lost',
    });
  });

  it('cancel: the adapter does not repeat the request', async () => {
    const { provider, baseUrl, requests } = await startXendit({ status: 500 });
    await provider.cancel(xenditAccount(baseUrl), xenditTarget(), neverAborted);
    expect(requests).toHaveLength(1);
  });
});

describe('paymentInFlight', () => {
  const rows: Record<string, [Record<string, unknown>, boolean]> = {
    'a payment request id': [{ payment_request_id: 'pr-5e1f00ab12cd34ef56ab78cd' }, true],
    'a payment id': [{ payment_id: 'py-ac1fcd3e-21c5-4c70-bb06-fa3c34e19e0c' }, true],
    'a payment token id in a PAY session': [{ payment_token_id: 'pt-5e1f00ab12cd34ef56ab78cd' }, true],
    'a payment token id in a SAVE session': [{ payment_token_id: 'ptkn-1', session_type: 'SAVE' }, false],
    'null ids': [{ payment_request_id: null, payment_id: null, payment_token_id: null }, false],
    'blank ids': [{ payment_request_id: '', payment_id: '  ' }, false],
  };
  it.each(Object.entries(rows))('paymentInFlight: is derived from %s', async (_name, [fields, expected]) => {
    const { provider, baseUrl } = await startXendit({ status: 200, body: xenditBody('CANCELED', fields) });
    expect(await provider.cancel(xenditAccount(baseUrl), xenditTarget(), neverAborted)).toMatchObject({
      kind: 'cancelled',
      session: { paymentInFlight: expected },
    });
  });
});

describe('read', () => {
  it.each([
    ['ACTIVE', 'active', false],
    ['PENDING', 'in_progress', false],
    ['COMPLETED', 'completed', true],
    ['EXPIRED', 'expired', true],
    ['CANCELED', 'cancelled', true],
    ['FAILED', 'unknown', false],
    ['NOT_CANCELED', 'unknown', false],
  ])('read: maps the status %s to %s', async (rawStatus, status, isFinal) => {
    const { provider, baseUrl, requests } = await startXendit({
      status: 200,
      body: xenditBody(rawStatus, { session_type: 'PAY_AND_SAVE', mode: 'CARDS_SESSION_JS' }),
    });
    expect(await provider.read(xenditAccount(baseUrl), xenditTarget(), neverAborted)).toMatchObject({
      kind: 'found',
      session: { status, isFinal, rawStatus },
    });
    expect(requests[0]).toMatchObject({ method: 'GET', path: `/sessions/${xenditId}` });
  });

  it('read: dates in the past do not change the status', async () => {
    const past = '2021-12-31T23:59:59Z';
    const { provider, baseUrl } = await startXendit({
      status: 200,
      body: xenditBody('ACTIVE', { created: past, updated: past, expires_at: past }),
    });
    expect(await provider.read(xenditAccount(baseUrl), xenditTarget(), neverAborted)).toMatchObject({
      kind: 'found',
      session: { status: 'active', isFinal: false },
    });
  });

  it('read: the result contains no payment link, SDK key, customer or metadata', async () => {
    const { provider, baseUrl } = await startXendit({ status: 200, body: xenditBody('ACTIVE') });
    const result = await provider.read(xenditAccount(baseUrl), xenditTarget(), neverAborted);
    expect(JSON.stringify(result)).not.toMatch(/checkout|sdkKey|cust-|private/);
  });

  it('read: the evidence contains the rate limit headers', async () => {
    const { provider, baseUrl } = await startXendit({
      status: 200,
      body: xenditBody('ACTIVE'),
      headers: { 'Rate-Limit-Limit': '60', 'Rate-Limit-Remaining': '12', 'Rate-Limit-Reset': '3.5' },
    });
    expect(await provider.read(xenditAccount(baseUrl), xenditTarget(), neverAborted)).toMatchObject({
      evidence: { rateLimit: { remaining: 12, resetMs: 3_500 } },
    });
  });

  it.each([
    [404, xenditError('NOT_FOUND', 'no'), { kind: 'not_found' }],
    [422, xenditError('INVALID_SESSION_STATUS', 'no'), { kind: 'refused', cause: 'request_invalid' }],
    [503, undefined, { kind: 'unreadable', cause: 'server_error' }],
    [
      200,
      xenditBody('CANCELED', { payment_session_id: otherXenditId }),
      { kind: 'unreadable', cause: 'wrong_session_answered' },
    ],
  ])('read: maps a %i', async (status, body, expected) => {
    const { provider, baseUrl } = await startXendit({ status, body });
    expect(await provider.read(xenditAccount(baseUrl), xenditTarget(), neverAborted)).toMatchObject(expected);
  });
});

describe('testCredential', () => {
  it.each([
    ['a 404 with an error code', { status: 404, body: xenditError('NOT_FOUND', 'no') }, { kind: 'accepted' }],
    [
      'a 404 of another web server',
      { status: 404, body: 'Not here' },
      { kind: 'unreadable', cause: 'answer_unreadable' },
    ],
    ['a 401', { status: 401, body: xenditError('INVALID_API_KEY', 'no') }, { kind: 'refused', cause: 'unauthorized' }],
    [
      'a 200 for a session that does not exist',
      { status: 200, body: xenditBody('ACTIVE') },
      { kind: 'unreadable', cause: 'answer_unreadable' },
    ],
    ['a 429', { status: 429 }, { kind: 'throttled' }],
  ])('credential test: maps %s', async (_name, response, expected) => {
    const { provider, baseUrl, requests } = await startXendit(response);
    expect(await provider.testCredential(xenditAccount(baseUrl), neverAborted)).toMatchObject(expected);
    expect(requests[0]).toMatchObject({ method: 'GET', path: '/sessions/ps-000000000000000000000000' });
  });

  it('credential test: the message names the rejected IP address', async () => {
    const { provider, baseUrl } = await startXendit({
      status: 403,
      body: xenditError('UNAUTHORIZED_SENDER_IP', 'The address 203.0.113.7 is not allowed'),
    });
    const result = await provider.testCredential(xenditAccount(baseUrl), neverAborted);
    if (result.kind !== 'refused') throw new Error('The credential was not refused.');
    expect(formatErrorMessage(result.cause, 'api.xendit.co', result.evidence)).toMatchObject({
      params: { sentence: { messageKey: 'provider.addressNotAllowed', params: { address: '203.0.113.7' } } },
    });
  });
});
