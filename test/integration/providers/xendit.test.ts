/** Xendit against recorded examples: every state, error and contradiction of providers.md, over real HTTP. */
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

async function startXendit(...answers: ScriptedResponse[]) {
  return { ...(await startScriptedServer({ '': answers })), provider: createProviders().xendit };
}

describe('the request', () => {
  it('carries the key with an empty password, and the colon', async () => {
    const { provider, baseUrl, seen } = await startXendit({ status: 200, body: xenditBody('CANCELED') });
    await provider.cancel(xenditAccount(baseUrl), xenditTarget(), neverAborted);
    expect(seen[0]).toMatchObject({
      method: 'POST',
      path: `/sessions/${xenditId}/cancel`,
      body: '',
      headers: { authorization: `Basic ${Buffer.from(`${xenditKey}:`).toString('base64')}` },
    });
    expect(seen[0]?.headers).not.toHaveProperty('for-user-id');
    expect(seen[0]?.headers).not.toHaveProperty('api-version');
  });

  it('names the session’s sub-account, else the connection’s', async () => {
    const { provider, baseUrl, seen } = await startXendit({ status: 200, body: xenditBody('ACTIVE') });
    await provider.read(xenditAccount(baseUrl, 'sub-connection'), xenditTarget('sub-session'), neverAborted);
    await provider.cancel(xenditAccount(baseUrl, 'sub-connection'), xenditTarget(), neverAborted);
    expect(seen.map(({ headers }) => headers['for-user-id'])).toEqual(['sub-session', 'sub-connection']);
  });

  it('is not sent for a sub-account or an id that could not be sent unchanged', async () => {
    const { provider, baseUrl, seen } = await startXendit({ status: 200, body: xenditBody('ACTIVE') });
    const unsendable = [xenditTarget('süb'), xenditTarget('a\r\nb'), xenditTarget(null, '..'), xenditTarget(null, '')];
    for (const target of unsendable) {
      expect(await provider.cancel(xenditAccount(baseUrl), target, neverAborted)).toMatchObject({
        kind: 'not_sent',
        cause: 'request_invalid',
      });
    }
    expect(seen).toEqual([]);
  });
});

describe('cancel', () => {
  const answers: Record<string, [ScriptedResponse, object]> = {
    CANCELED: [
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
    'the least that counts': [
      { status: 200, body: { payment_session_id: xenditId, status: 'CANCELED' } },
      { kind: 'cancelled', session: { amount: null, currency: null, reference: null } },
    ],
    'an amount given as text': [
      { status: 200, body: xenditBody('CANCELED', { amount: '0' }) },
      { kind: 'cancelled', session: { amount: '0' } },
    ],
    'another session’s id': [
      { status: 200, body: xenditBody('CANCELED', { payment_session_id: otherXenditId }) },
      { kind: 'unclear', cause: 'wrong_session_answered' },
    ],
    'an id with one character more': [
      { status: 200, body: xenditBody('CANCELED', { payment_session_id: `${xenditId}0` }) },
      { kind: 'unclear', cause: 'wrong_session_answered' },
    ],
    'no id': [
      { status: 200, body: { status: 'CANCELED' } },
      { kind: 'unclear', cause: 'answer_unreadable' },
    ],
    'a session that is still open': [
      { status: 200, body: xenditBody('ACTIVE') },
      { kind: 'unclear', cause: 'status_unexpected' },
    ],
    'a session that was paid': [
      { status: 200, body: xenditBody('COMPLETED') },
      { kind: 'unclear', cause: 'status_unexpected' },
    ],
    'a list': [
      { status: 200, body: [xenditBody('CANCELED')] },
      { kind: 'unclear', cause: 'answer_unreadable' },
    ],
    'an empty 200': [{ status: 200 }, { kind: 'unclear', cause: 'answer_unreadable' }],
    400: [
      { status: 400, body: xenditError('API_VALIDATION_ERROR', 'session_id is not valid') },
      { kind: 'refused', cause: 'request_invalid' },
    ],
    401: [
      { status: 401, body: xenditError('INVALID_API_KEY', 'API key is not authorized for this API') },
      { kind: 'refused', cause: 'unauthorized', evidence: { providerCode: 'INVALID_API_KEY' } },
    ],
    '403 for a permission': [
      { status: 403, body: xenditError('REQUEST_FORBIDDEN_ERROR', 'no') },
      { kind: 'refused', cause: 'forbidden' },
    ],
    '403 for an address': [
      { status: 403, body: xenditError('UNAUTHORIZED_SENDER_IP', 'IP 203.0.113.7 is not allowed') },
      { kind: 'refused', cause: 'address_not_allowed' },
    ],
    'the address code with another status': [
      { status: 401, body: xenditError('UNAUTHORIZED_SENDER_IP', 'no') },
      { kind: 'refused', cause: 'address_not_allowed' },
    ],
    404: [
      { status: 404, body: xenditError('NOT_FOUND', 'Session not found') },
      { kind: 'not_found', cause: null },
    ],
    '404 with another product’s code': [
      { status: 404, body: { errorCode: 'DATA_NOT_FOUND', message: 'gone' } },
      { kind: 'not_found', evidence: { providerCode: 'DATA_NOT_FOUND' } },
    ],
    422: [
      { status: 422, body: xenditError('INVALID_SESSION_STATUS', 'Session status is COMPLETED, expecting ACTIVE') },
      { kind: 'final', evidence: { providerCode: 'INVALID_SESSION_STATUS' } },
    ],
    '422 whose message says CANCELED': [
      { status: 422, body: xenditError('INVALID_SESSION_STATUS', 'Session status is CANCELED') },
      { kind: 'final' },
    ],
    'a code nobody documents': [
      { status: 403, body: { error: 'SOMETHING_NEW', message: 'no' } },
      { kind: 'refused', cause: 'forbidden', evidence: { providerCode: 'SOMETHING_NEW' } },
    ],
    '429 with a fraction of seconds': [
      { status: 429, headers: { 'rate-limit-reset': '58.37', 'retry-after': '1' } },
      { kind: 'throttled', retryAfterMs: 58_370 },
    ],
    500: [
      { status: 500, body: xenditError('SERVER_ERROR', 'later') },
      { kind: 'unclear', cause: 'server_error' },
    ],
    302: [
      { status: 302, headers: { location: 'https://example.test' } },
      { kind: 'unclear', cause: 'redirected' },
    ],
  };
  it.each(Object.entries(answers))('understands %s', async (_name, [played, expected]) => {
    const { provider, baseUrl } = await startXendit(played);
    expect(await provider.cancel(xenditAccount(baseUrl), xenditTarget(), neverAborted)).toMatchObject(expected);
  });

  it('lost on its way is unclear', async () => {
    const baseUrl = await startRawServer((socket) => socket.destroy());
    expect(await createProviders().xendit.cancel(xenditAccount(baseUrl), xenditTarget(), neverAborted)).toMatchObject({
      kind: 'unclear',
      cause: 'connection_lost',
    });
  });

  it('never repeats by itself', async () => {
    const { provider, baseUrl, seen } = await startXendit({ status: 500 });
    await provider.cancel(xenditAccount(baseUrl), xenditTarget(), neverAborted);
    expect(seen).toHaveLength(1);
  });
});

describe('a payment in flight', () => {
  const rows: Record<string, [Record<string, unknown>, boolean]> = {
    'a payment request, whatever its form': [{ payment_request_id: 'pr-5e1f00ab12cd34ef56ab78cd' }, true],
    'a payment': [{ payment_id: 'py-ac1fcd3e-21c5-4c70-bb06-fa3c34e19e0c' }, true],
    'a saved method in a session that pays': [{ payment_token_id: 'pt-5e1f00ab12cd34ef56ab78cd' }, true],
    'a saved method in a session that only saves': [{ payment_token_id: 'ptkn-1', session_type: 'SAVE' }, false],
    'null for each': [{ payment_request_id: null, payment_id: null, payment_token_id: null }, false],
    'nothing for each': [{ payment_request_id: '', payment_id: '  ' }, false],
  };
  it.each(Object.entries(rows))('is told from %s', async (_name, [more, expected]) => {
    const { provider, baseUrl } = await startXendit({ status: 200, body: xenditBody('CANCELED', more) });
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
  ])('takes %s for %s', async (rawStatus, status, isFinal) => {
    const { provider, baseUrl, seen } = await startXendit({
      status: 200,
      body: xenditBody(rawStatus, { session_type: 'PAY_AND_SAVE', mode: 'CARDS_SESSION_JS' }),
    });
    expect(await provider.read(xenditAccount(baseUrl), xenditTarget(), neverAborted)).toMatchObject({
      kind: 'found',
      session: { status, isFinal, rawStatus },
    });
    expect(seen[0]).toMatchObject({ method: 'GET', path: `/sessions/${xenditId}` });
  });

  it('believes the status, not the dates', async () => {
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

  it('keeps nothing that opens the session or names the customer', async () => {
    const { provider, baseUrl } = await startXendit({ status: 200, body: xenditBody('ACTIVE') });
    const answer = await provider.read(xenditAccount(baseUrl), xenditTarget(), neverAborted);
    expect(JSON.stringify(answer)).not.toMatch(/checkout|sdkKey|cust-|private/);
  });

  it('passes on what the provider says of its limits', async () => {
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
  ])('understands a %i', async (status, body, expected) => {
    const { provider, baseUrl } = await startXendit({ status, body });
    expect(await provider.read(xenditAccount(baseUrl), xenditTarget(), neverAborted)).toMatchObject(expected);
  });
});

describe('check', () => {
  it.each([
    ['a 404 with a code of Xendit’s', { status: 404, body: xenditError('NOT_FOUND', 'no') }, { kind: 'accepted' }],
    ['a 404 of any web server', { status: 404, body: 'Not here' }, { kind: 'unreadable', cause: 'answer_unreadable' }],
    ['a 401', { status: 401, body: xenditError('INVALID_API_KEY', 'no') }, { kind: 'refused', cause: 'unauthorized' }],
    [
      'a 200 for a session that nobody has',
      { status: 200, body: xenditBody('ACTIVE') },
      { kind: 'unreadable', cause: 'answer_unreadable' },
    ],
    ['a 429', { status: 429 }, { kind: 'throttled' }],
  ])('understands %s', async (_name, played, expected) => {
    const { provider, baseUrl, seen } = await startXendit(played);
    expect(await provider.testCredential(xenditAccount(baseUrl), neverAborted)).toMatchObject(expected);
    expect(seen[0]).toMatchObject({ method: 'GET', path: '/sessions/ps-000000000000000000000000' });
  });

  it('names the address that was turned away, and what to do about it', async () => {
    const { provider, baseUrl } = await startXendit({
      status: 403,
      body: xenditError('UNAUTHORIZED_SENDER_IP', 'The address 203.0.113.7 is not allowed'),
    });
    const answer = await provider.testCredential(xenditAccount(baseUrl), neverAborted);
    if (answer.kind !== 'refused') throw new Error('The check should have been refused.');
    expect(formatErrorMessage(answer.cause, 'api.xendit.co', answer.evidence)).toMatch(
      /203\.0\.113\.7.*allowlist.*fixed/s,
    );
  });
});
