import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { practiceAccounts, startSimulator } from '../../../src-main/core/simulator/index.ts';
import type { Simulator } from '../../../src-main/core/simulator/index.ts';
import { ask, basic, xenditHeaders } from './raw-client.ts';
import { xenditRefusal, xenditSession } from './provider-schemas.ts';

let simulator: Simulator;
beforeEach(async () => {
  simulator = await startSimulator({ sessions: 0 });
});
afterEach(() => simulator.close());

const { subAccount, secretKey } = practiceAccounts.xendit;
const read = (id: string, headers: Record<string, string> = xenditHeaders) =>
  ask(`${simulator.url}/sessions/${id}`, { headers });
const cancel = (id: string, headers: Record<string, string> = xenditHeaders) =>
  ask(`${simulator.url}/sessions/${id}/cancel`, { method: 'POST', headers });
const json = (seen: { text: string }): unknown => JSON.parse(seen.text);
const add = (more: Partial<Parameters<Simulator['addSession']>[0]> = {}) =>
  simulator.addSession({ reference: 'INV-2026-1', ...more, connection: 'xendit' }).id;

describe('a simulated Xendit cancel', () => {
  it('cancels once: the second is a 422 that names the status', async () => {
    const id = add();
    const first = await cancel(id);
    expect(first.status).toBe(200);
    expect(xenditSession.parse(json(first))).toMatchObject({ payment_session_id: id, status: 'CANCELED' });
    const second = await cancel(id);
    expect(second.status).toBe(422);
    expect(xenditRefusal.parse(json(second))).toEqual({
      error_code: 'INVALID_SESSION_STATUS',
      message: 'Session status is CANCELED, expecting ACTIVE',
    });
    expect([simulator.cancelRequests(id), simulator.cancelEffects(id)]).toEqual([2, 1]);
  });

  it.each([
    ['in_progress', 'PENDING'],
    ['completed', 'COMPLETED'],
    ['expired', 'EXPIRED'],
    ['unknown', 'UNDER_REVIEW'],
  ] as const)('refuses a session that is %s, told as %s', async (state, word) => {
    const id = add({ state });
    const seen = await cancel(id);
    expect([seen.status, json(seen)]).toEqual([
      422,
      { error_code: 'INVALID_SESSION_STATUS', message: `Session status is ${word}, expecting ACTIVE` },
    ]);
    expect(simulator.session(id)?.state).toBe(state);
  });

  it('answers a session that expired meanwhile with EXPIRED', async () => {
    const id = add();
    simulator.advance(31 * 60_000);
    expect(json(await cancel(id))).toMatchObject({ message: 'Session status is EXPIRED, expecting ACTIVE' });
  });
});

describe('a simulated Xendit session', () => {
  it('holds nothing but what the reference lists and the payer, so that a console has something to drop', async () => {
    const body = json(await read(add({ paymentRequestId: 'pr-1' }))) as Record<string, unknown>;
    expect(Object.keys(body).filter((key) => !Object.hasOwn(xenditSession.shape, key))).toEqual(['customer']);
    expect(xenditSession.parse(body)).toMatchObject({ status: 'ACTIVE', payment_request_id: 'pr-1' });
    expect(body).toHaveProperty('payment_link_url');
    expect(body).toHaveProperty('components_sdk_key');
  });

  it('tells the amount as a number, or as a string where it is told to', async () => {
    const id = add({ amount: '1250.50', currency: 'PHP' });
    expect(json(await read(id))).toMatchObject({ amount: 1250.5, country: 'PH' });
    simulator.setSwitches({ xendit: { amountAs: 'string' } });
    expect(json(await read(id))).toMatchObject({ amount: '1250.50' });
  });

  it('that the seed made fits the reference, every one that is in a documented state', async () => {
    const seeded = await startSimulator({ sessions: 150 });
    const own = seeded.sessions().filter((session) => session.connection === 'xendit' && session.account !== 'other');
    const documented = own.filter(({ state }) => state !== 'unknown' && state !== 'in_progress');
    expect(documented.length).toBeGreaterThan(40);
    for (const { id, subAccount: forUser } of documented) {
      const headers = forUser === null ? xenditHeaders : { ...xenditHeaders, 'for-user-id': forUser };
      const seen = await ask(`${seeded.url}/sessions/${id}`, { headers });
      expect(xenditSession.parse(json(seen)).payment_session_id).toBe(id);
    }
    await seeded.close();
  });
});

describe('the simulated Xendit account', () => {
  it('wants the key with its colon', async () => {
    const id = add();
    for (const authorization of ['', basic(secretKey), basic('xnd_development_wrong:'), `Bearer ${secretKey}`]) {
      const seen = await cancel(id, { authorization });
      expect([seen.status, xenditRefusal.parse(json(seen)).error_code]).toEqual([401, 'INVALID_API_KEY']);
    }
    expect(simulator.session(id)?.state).toBe('active');
  });

  it('knows no unknown id, no other account and no id of the wrong length', async () => {
    for (const id of ['ps-661f87c614802d6c402cd82d', add({ account: 'other' }), 'ps-661f87c614802d6c402cd82d0', 'x']) {
      const seen = await cancel(id);
      expect([seen.status, xenditRefusal.parse(json(seen)).error_code]).toEqual([404, 'NOT_FOUND']);
    }
  });

  it('finds a session of a sub-account with for-user-id alone, and the others without it alone', async () => {
    const [of, own] = [add({ subAccount }), add()];
    const acting = { ...xenditHeaders, 'for-user-id': subAccount };
    expect((await cancel(of)).status).toBe(404);
    expect((await cancel(own, acting)).status).toBe(404);
    const seen = await cancel(of, acting);
    expect([seen.status, json(seen)]).toMatchObject([200, { business_id: subAccount }]);
    expect(simulator.requests().at(-1)).toMatchObject({ forUserId: subAccount, route: 'cancel', method: 'POST' });
  });

  it('refuses what the key may not do, or the address it comes from', async () => {
    const id = add();
    simulator.setSwitches({ xendit: { refuses: 'key_cannot_write' } });
    expect([(await cancel(id)).status, (await read(id)).status]).toEqual([403, 200]);
    expect(json(await cancel(id))).toMatchObject({ error_code: 'REQUEST_FORBIDDEN_ERROR' });
    simulator.setSwitches({ xendit: { refuses: 'address' } });
    const seen = await read(id);
    expect([seen.status, json(seen)]).toMatchObject([403, { error_code: 'UNAUTHORIZED_SENDER_IP' }]);
    expect(seen.text).toContain('127.0.0.1');
    expect(simulator.session(id)?.state).toBe('active');
  });
});

describe('the simulated Xendit rate limit', () => {
  const limits = (headers: Record<string, unknown>) => [headers['rate-limit-limit'], headers['rate-limit-remaining']];

  it('counts down in headers, then answers 429 with the seconds to wait, and lets in again after them', async () => {
    simulator.setSwitches({ xendit: { limitPerMinute: 2 } });
    const [one, two, three] = [add(), add(), add()];
    expect(limits((await cancel(one)).headers)).toEqual(['2', '1']);
    expect(limits((await cancel(two)).headers)).toEqual(['2', '0']);
    const refused = await cancel(three);
    expect([refused.status, json(refused)]).toMatchObject([429, { error_code: 'RATE_LIMIT_EXCEEDED' }]);
    expect(refused.headers['rate-limit-reset']).toMatch(/^\d+\.\d{2}$/);
    expect(simulator.session(three)?.state).toBe('active');
    simulator.advance(Number(refused.headers['rate-limit-reset']) * 1_000);
    expect((await cancel(three)).status).toBe(200);
  });

  it('is counted for each endpoint and each sub-account on its own', async () => {
    simulator.setSwitches({ xendit: { limitPerMinute: 1 } });
    const id = add({ subAccount });
    expect((await cancel(add())).status).toBe(200);
    expect((await cancel(add())).status).toBe(429);
    expect((await read(add())).status).toBe(200);
    expect((await cancel(id, { ...xenditHeaders, 'for-user-id': subAccount })).status).toBe(200);
  });
});
