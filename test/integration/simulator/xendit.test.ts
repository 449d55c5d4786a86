import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { practiceAccounts, startSimulator } from '../../../src-main/core/simulator/index.ts';
import type { Simulator } from '../../../src-main/core/simulator/index.ts';
import { sendRequest, basicAuth, xenditHeaders } from './raw-client.ts';
import { xenditError, xenditSession } from './provider-schemas.ts';
import { nonEmpty } from '../../support/non-empty.ts';

let simulator: Simulator;
beforeEach(async () => {
  simulator = await startSimulator({ sessionCount: 0 });
});
afterEach(() => simulator.close());

const { subAccount, secretKey } = practiceAccounts.xendit;
const readSession = (id: string, headers: Record<string, string> = xenditHeaders) =>
  sendRequest(`${simulator.url}/sessions/${id}`, { headers });
const cancelSession = (id: string, headers: Record<string, string> = xenditHeaders) =>
  sendRequest(`${simulator.url}/sessions/${id}/cancel`, { method: 'POST', headers });
const parseBody = (response: { body: string }): unknown => JSON.parse(response.body);
const addSession = (more: Partial<Parameters<Simulator['addSession']>[0]> = {}) =>
  simulator.addSession({ reference: 'INV-2026-1', ...more, connection: 'xendit' }).id;

describe('simulated Xendit: cancel', () => {
  it('cancel: a second request gets 422 with the status', async () => {
    const id = addSession();
    const first = await cancelSession(id);
    expect(first.status).toBe(200);
    expect(xenditSession.parse(parseBody(first))).toMatchObject({ payment_session_id: id, status: 'CANCELED' });
    const second = await cancelSession(id);
    expect(second.status).toBe(422);
    expect(xenditError.parse(parseBody(second))).toEqual({
      error_code: 'INVALID_SESSION_STATUS',
      message: 'Session status is CANCELED, expecting ACTIVE',
    });
    expect([simulator.countCancelRequests(id), simulator.countCancelEffects(id)]).toEqual([2, 1]);
  });

  it.each([
    ['in_progress', 'PENDING'],
    ['completed', 'COMPLETED'],
    ['expired', 'EXPIRED'],
    ['unknown', 'UNDER_REVIEW'],
  ] as const)('cancel: a session in the state %s is refused with the status %s', async (state, wireStatus) => {
    const id = addSession({ state });
    const response = await cancelSession(id);
    expect([response.status, parseBody(response)]).toEqual([
      422,
      { error_code: 'INVALID_SESSION_STATUS', message: `Session status is ${wireStatus}, expecting ACTIVE` },
    ]);
    expect(simulator.getSession(id)?.state).toBe(state);
  });

  it('cancel: an expired session is refused with the status EXPIRED', async () => {
    const id = addSession();
    simulator.advanceClock(31 * 60_000);
    expect(parseBody(await cancelSession(id))).toMatchObject({
      message: 'Session status is EXPIRED, expecting ACTIVE',
    });
  });
});

describe('simulated Xendit: get', () => {
  it('get: the body has the documented members and the payer, whose data the app must discard', async () => {
    const body = parseBody(await readSession(addSession({ paymentRequestId: 'pr-1' }))) as Record<string, unknown>;
    expect(Object.keys(body).filter((key) => !Object.hasOwn(xenditSession.shape, key))).toEqual(['customer']);
    expect(xenditSession.parse(body)).toMatchObject({ status: 'ACTIVE', payment_request_id: 'pr-1' });
    expect(body).toHaveProperty('payment_link_url');
    expect(body).toHaveProperty('components_sdk_key');
  });

  it('get: the amount is a number, or a string if amountType is string', async () => {
    const id = addSession({ amount: '1250.50', currency: 'PHP' });
    expect(parseBody(await readSession(id))).toMatchObject({ amount: 1250.5, country: 'PH' });
    simulator.updateConfig({ xendit: { amountType: 'string' } });
    expect(parseBody(await readSession(id))).toMatchObject({ amount: '1250.50' });
  });

  it('get: every seeded session in a documented state matches the reference schema', async () => {
    const seededSimulator = await startSimulator({ sessionCount: 150 });
    const ownSessions = seededSimulator
      .listSessions()
      .filter((session) => session.connection === 'xendit' && session.account !== 'other');
    const documentedSessions = ownSessions.filter(({ state }) => state !== 'unknown' && state !== 'in_progress');
    expect(documentedSessions.length).toBeGreaterThan(40);
    for (const { id, subAccount: forUser } of nonEmpty(documentedSessions)) {
      const headers = forUser === null ? xenditHeaders : { ...xenditHeaders, 'for-user-id': forUser };
      const response = await sendRequest(`${seededSimulator.url}/sessions/${id}`, { headers });
      expect(xenditSession.parse(parseBody(response)).payment_session_id).toBe(id);
    }
    await seededSimulator.close();
  });
});

describe('simulated Xendit: account', () => {
  it('key: is accepted only with the colon', async () => {
    const id = addSession();
    for (const authorization of [
      '',
      basicAuth(secretKey),
      basicAuth('xnd_development_wrong:'),
      `Bearer ${secretKey}`,
    ]) {
      const response = await cancelSession(id, { authorization });
      expect([response.status, xenditError.parse(parseBody(response)).error_code]).toEqual([401, 'INVALID_API_KEY']);
    }
    expect(simulator.getSession(id)?.state).toBe('active');
  });

  it('cancel: an unknown ID, one of another account and one of the wrong length are not found', async () => {
    for (const id of [
      'ps-661f87c614802d6c402cd82d',
      addSession({ account: 'other' }),
      'ps-661f87c614802d6c402cd82d0',
      'x',
    ]) {
      const response = await cancelSession(id);
      expect([response.status, xenditError.parse(parseBody(response)).error_code]).toEqual([404, 'NOT_FOUND']);
    }
  });

  it('for-user-id: a session of a sub-account is found only with the header, others only without it', async () => {
    const [subAccountSession, ownSession] = [addSession({ subAccount }), addSession()];
    const subAccountHeaders = { ...xenditHeaders, 'for-user-id': subAccount };
    expect((await cancelSession(subAccountSession)).status).toBe(404);
    expect((await cancelSession(ownSession, subAccountHeaders)).status).toBe(404);
    const response = await cancelSession(subAccountSession, subAccountHeaders);
    expect([response.status, parseBody(response)]).toMatchObject([200, { business_id: subAccount }]);
    expect(simulator.listRequests().at(-1)).toMatchObject({ forUserId: subAccount, route: 'cancel', method: 'POST' });
  });

  it('rejection: a read-only key cannot cancel, and an address that is not allowed gets 403', async () => {
    const id = addSession();
    simulator.updateConfig({ xendit: { rejection: 'read_only_key' } });
    expect([(await cancelSession(id)).status, (await readSession(id)).status]).toEqual([403, 200]);
    expect(parseBody(await cancelSession(id))).toMatchObject({ error_code: 'REQUEST_FORBIDDEN_ERROR' });
    simulator.updateConfig({ xendit: { rejection: 'ip_not_allowed' } });
    const response = await readSession(id);
    expect([response.status, parseBody(response)]).toMatchObject([403, { error_code: 'UNAUTHORIZED_SENDER_IP' }]);
    expect(response.body).toContain('127.0.0.1');
    expect(simulator.getSession(id)?.state).toBe('active');
  });
});

describe('simulated Xendit: rate limit', () => {
  const limits = (headers: Record<string, unknown>) => [headers['rate-limit-limit'], headers['rate-limit-remaining']];

  it('rate limit: headers count down, then 429 has the time to wait, after which a request is accepted', async () => {
    simulator.updateConfig({ xendit: { maxRequestsPerMinute: 2 } });
    const [first, second, third] = [addSession(), addSession(), addSession()];
    expect(limits((await cancelSession(first)).headers)).toEqual(['2', '1']);
    expect(limits((await cancelSession(second)).headers)).toEqual(['2', '0']);
    const refused = await cancelSession(third);
    expect([refused.status, parseBody(refused)]).toMatchObject([429, { error_code: 'RATE_LIMIT_EXCEEDED' }]);
    expect(refused.headers['rate-limit-reset']).toMatch(/^\d+\.\d{2}$/);
    expect(simulator.getSession(third)?.state).toBe('active');
    simulator.advanceClock(Number(refused.headers['rate-limit-reset']) * 1_000);
    expect((await cancelSession(third)).status).toBe(200);
  });

  it('rate limit: is counted separately for each endpoint and each sub-account', async () => {
    simulator.updateConfig({ xendit: { maxRequestsPerMinute: 1 } });
    const id = addSession({ subAccount });
    expect((await cancelSession(addSession())).status).toBe(200);
    expect((await cancelSession(addSession())).status).toBe(429);
    expect((await readSession(addSession())).status).toBe(200);
    expect((await cancelSession(id, { ...xenditHeaders, 'for-user-id': subAccount })).status).toBe(200);
  });
});
