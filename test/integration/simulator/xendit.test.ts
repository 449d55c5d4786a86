import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { practiceAccounts, startSimulator } from '../../../src-main/core/simulator/index.ts';
import type { Simulator } from '../../../src-main/core/simulator/index.ts';
import { sendRequest, basicAuth, xenditHeaders } from './raw-client.ts';
import { xenditError, xenditSession } from './provider-schemas.ts';

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

describe('a simulated Xendit cancel', () => {
  it('cancels once: the second is a 422 that names the status', async () => {
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
  ] as const)('refuses a session that is %s, told as %s', async (state, word) => {
    const id = addSession({ state });
    const seen = await cancelSession(id);
    expect([seen.status, parseBody(seen)]).toEqual([
      422,
      { error_code: 'INVALID_SESSION_STATUS', message: `Session status is ${word}, expecting ACTIVE` },
    ]);
    expect(simulator.getSession(id)?.state).toBe(state);
  });

  it('answers a session that expired meanwhile with EXPIRED', async () => {
    const id = addSession();
    simulator.advanceClock(31 * 60_000);
    expect(parseBody(await cancelSession(id))).toMatchObject({
      message: 'Session status is EXPIRED, expecting ACTIVE',
    });
  });
});

describe('a simulated Xendit session', () => {
  it('holds nothing but what the reference lists and the payer, so that a console has something to drop', async () => {
    const body = parseBody(await readSession(addSession({ paymentRequestId: 'pr-1' }))) as Record<string, unknown>;
    expect(Object.keys(body).filter((key) => !Object.hasOwn(xenditSession.shape, key))).toEqual(['customer']);
    expect(xenditSession.parse(body)).toMatchObject({ status: 'ACTIVE', payment_request_id: 'pr-1' });
    expect(body).toHaveProperty('payment_link_url');
    expect(body).toHaveProperty('components_sdk_key');
  });

  it('tells the amount as a number, or as a string where it is told to', async () => {
    const id = addSession({ amount: '1250.50', currency: 'PHP' });
    expect(parseBody(await readSession(id))).toMatchObject({ amount: 1250.5, country: 'PH' });
    simulator.updateConfig({ xendit: { amountType: 'string' } });
    expect(parseBody(await readSession(id))).toMatchObject({ amount: '1250.50' });
  });

  it('that the seed made fits the reference, every one that is in a documented state', async () => {
    const seeded = await startSimulator({ sessionCount: 150 });
    const own = seeded
      .listSessions()
      .filter((session) => session.connection === 'xendit' && session.account !== 'other');
    const documented = own.filter(({ state }) => state !== 'unknown' && state !== 'in_progress');
    expect(documented.length).toBeGreaterThan(40);
    for (const { id, subAccount: forUser } of documented) {
      const headers = forUser === null ? xenditHeaders : { ...xenditHeaders, 'for-user-id': forUser };
      const seen = await sendRequest(`${seeded.url}/sessions/${id}`, { headers });
      expect(xenditSession.parse(parseBody(seen)).payment_session_id).toBe(id);
    }
    await seeded.close();
  });
});

describe('the simulated Xendit account', () => {
  it('wants the key with its colon', async () => {
    const id = addSession();
    for (const authorization of [
      '',
      basicAuth(secretKey),
      basicAuth('xnd_development_wrong:'),
      `Bearer ${secretKey}`,
    ]) {
      const seen = await cancelSession(id, { authorization });
      expect([seen.status, xenditError.parse(parseBody(seen)).error_code]).toEqual([401, 'INVALID_API_KEY']);
    }
    expect(simulator.getSession(id)?.state).toBe('active');
  });

  it('knows no unknown id, no other account and no id of the wrong length', async () => {
    for (const id of [
      'ps-661f87c614802d6c402cd82d',
      addSession({ account: 'other' }),
      'ps-661f87c614802d6c402cd82d0',
      'x',
    ]) {
      const seen = await cancelSession(id);
      expect([seen.status, xenditError.parse(parseBody(seen)).error_code]).toEqual([404, 'NOT_FOUND']);
    }
  });

  it('finds a session of a sub-account with for-user-id alone, and the others without it alone', async () => {
    const [of, own] = [addSession({ subAccount }), addSession()];
    const acting = { ...xenditHeaders, 'for-user-id': subAccount };
    expect((await cancelSession(of)).status).toBe(404);
    expect((await cancelSession(own, acting)).status).toBe(404);
    const seen = await cancelSession(of, acting);
    expect([seen.status, parseBody(seen)]).toMatchObject([200, { business_id: subAccount }]);
    expect(simulator.listRequests().at(-1)).toMatchObject({ forUserId: subAccount, route: 'cancel', method: 'POST' });
  });

  it('refuses what the key may not do, or the address it comes from', async () => {
    const id = addSession();
    simulator.updateConfig({ xendit: { rejection: 'read_only_key' } });
    expect([(await cancelSession(id)).status, (await readSession(id)).status]).toEqual([403, 200]);
    expect(parseBody(await cancelSession(id))).toMatchObject({ error_code: 'REQUEST_FORBIDDEN_ERROR' });
    simulator.updateConfig({ xendit: { rejection: 'ip_not_allowed' } });
    const seen = await readSession(id);
    expect([seen.status, parseBody(seen)]).toMatchObject([403, { error_code: 'UNAUTHORIZED_SENDER_IP' }]);
    expect(seen.body).toContain('127.0.0.1');
    expect(simulator.getSession(id)?.state).toBe('active');
  });
});

describe('the simulated Xendit rate limit', () => {
  const limits = (headers: Record<string, unknown>) => [headers['rate-limit-limit'], headers['rate-limit-remaining']];

  it('counts down in headers, then answers 429 with the seconds to wait, and lets in again after them', async () => {
    simulator.updateConfig({ xendit: { maxRequestsPerMinute: 2 } });
    const [one, two, three] = [addSession(), addSession(), addSession()];
    expect(limits((await cancelSession(one)).headers)).toEqual(['2', '1']);
    expect(limits((await cancelSession(two)).headers)).toEqual(['2', '0']);
    const refused = await cancelSession(three);
    expect([refused.status, parseBody(refused)]).toMatchObject([429, { error_code: 'RATE_LIMIT_EXCEEDED' }]);
    expect(refused.headers['rate-limit-reset']).toMatch(/^\d+\.\d{2}$/);
    expect(simulator.getSession(three)?.state).toBe('active');
    simulator.advanceClock(Number(refused.headers['rate-limit-reset']) * 1_000);
    expect((await cancelSession(three)).status).toBe(200);
  });

  it('is counted for each endpoint and each sub-account on its own', async () => {
    simulator.updateConfig({ xendit: { maxRequestsPerMinute: 1 } });
    const id = addSession({ subAccount });
    expect((await cancelSession(addSession())).status).toBe(200);
    expect((await cancelSession(addSession())).status).toBe(429);
    expect((await readSession(addSession())).status).toBe(200);
    expect((await cancelSession(id, { ...xenditHeaders, 'for-user-id': subAccount })).status).toBe(200);
  });
});
