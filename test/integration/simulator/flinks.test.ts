import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { practiceAccounts, startSimulator } from '../../../src-main/core/simulator/index.ts';
import type { Simulator } from '../../../src-main/core/simulator/index.ts';
import { sendRequest, authorizeRequest, basicAuth, apiKeyHeaders, tokenHeaders } from './raw-client.ts';
import type { RawRequestOptions } from './raw-client.ts';
import {
  flinksCancelled,
  flinksDetails,
  flinksProblem,
  flinksOAuthError,
  flinksStatus,
  flinksToken,
} from './provider-schemas.ts';

let simulator: Simulator;
beforeEach(async () => {
  simulator = await startSimulator({ sessionCount: 0 });
});
afterEach(() => simulator.close());

const authorize = (changes: RawRequestOptions = {}) =>
  sendRequest(`${simulator.url}/api/v1/authorize`, { ...authorizeRequest, ...changes });
const sessionUrl = (id: string, call: 'cancel' | 'status' | 'details') =>
  `${simulator.url}/api/v2/sessions/${id}/${call}`;
const cancel = async (id: string, headers?: Record<string, string>) =>
  sendRequest(sessionUrl(id, 'cancel'), { method: 'POST', headers: headers ?? (await tokenHeaders(simulator.url)) });
const parseBody = (response: { body: string }): unknown => JSON.parse(response.body);

describe('the simulated Flinks authorize', () => {
  it('trades the credentials of a Basic header for a token, with its life', async () => {
    const seen = await authorize();
    expect(seen.status).toBe(200);
    expect(flinksToken.parse(parseBody(seen)).expires_in).toBe(299);
  });

  it('takes Username and Password in the form, unless it is told to take the header alone', async () => {
    const { clientId, clientSecret } = practiceAccounts.flinks;
    const form = new URLSearchParams({ grant_type: 'client_credentials', Username: clientId, Password: clientSecret });
    const inForm = { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: form.toString() };
    expect((await authorize(inForm)).status).toBe(200);
    simulator.updateConfig({ flinks: { credentialsLocation: 'header' } });
    expect((await authorize(inForm)).status).toBe(401);
    simulator.updateConfig({ flinks: { credentialsLocation: 'form' } });
    expect((await authorize()).status).toBe(401);
  });

  it('refuses a wrong secret and another grant', async () => {
    expect((await authorize({ headers: { authorization: basicAuth('practice-client:wrong') } })).status).toBe(401);
    expect((await authorize({ body: 'grant_type=password' })).status).toBe(400);
  });

  it('leaves the life of the token out where it is told to', async () => {
    simulator.updateConfig({ flinks: { includesExpiresIn: false } });
    const seen = await authorize();
    expect(Object.keys(parseBody(seen) as object)).toEqual(['access_token', 'token_type']);
  });
});

describe('a simulated Flinks token', () => {
  it('ends when its life is over', async () => {
    simulator.updateConfig({ flinks: { tokenLifetimeSeconds: 60 } });
    const { id } = simulator.addSession({ connection: 'flinks' });
    const headers = await tokenHeaders(simulator.url);
    simulator.advanceClock(60_000);
    expect((await cancel(id, headers)).status).toBe(401);
    expect(simulator.getSession(id)?.state).toBe('active');
  });

  it('serves many calls, or one where tokens are single-use', async () => {
    const { id } = simulator.addSession({ connection: 'flinks' });
    const reusable = await tokenHeaders(simulator.url);
    expect((await sendRequest(sessionUrl(id, 'details'), { headers: reusable })).status).toBe(200);
    expect((await sendRequest(sessionUrl(id, 'details'), { headers: reusable })).status).toBe(200);
    simulator.updateConfig({ flinks: { tokenUse: 'single_use' } });
    const single = await tokenHeaders(simulator.url);
    expect((await sendRequest(sessionUrl(id, 'details'), { headers: single })).status).toBe(200);
    expect((await sendRequest(sessionUrl(id, 'details'), { headers: single })).status).toBe(401);
  });

  it('gives way to an API key with its client id, each mode refusable', async () => {
    const { id } = simulator.addSession({ connection: 'flinks' });
    expect(
      (await sendRequest(sessionUrl(id, 'details'), { headers: { 'x-api-key': apiKeyHeaders['x-api-key'] } })).status,
    ).toBe(401);
    expect((await sendRequest(sessionUrl(id, 'details'), { headers: apiKeyHeaders })).status).toBe(200);
    simulator.updateConfig({ flinks: { authMode: 'oauth' } });
    expect((await sendRequest(sessionUrl(id, 'details'), { headers: apiKeyHeaders })).status).toBe(401);
    simulator.updateConfig({ flinks: { authMode: 'api_key' } });
    expect((await sendRequest(sessionUrl(id, 'details'), { headers: await tokenHeaders(simulator.url) })).status).toBe(
      401,
    );
    expect((await cancel(id, apiKeyHeaders)).status).toBe(200);
  });
});

describe('a simulated Flinks cancel', () => {
  it('cancels once: the second is a 400, and the log says so', async () => {
    const { id } = simulator.addSession({ connection: 'flinks', reference: 'Happy2' });
    const first = await cancel(id);
    expect(first.status).toBe(200);
    expect(flinksCancelled.parse(parseBody(first))).toEqual({
      sessionId: id,
      referenceId: 'Happy2',
      status: 'Canceled',
      statusDetails: 'EFT0501',
    });
    const second = await cancel(id);
    expect(second.status).toBe(400);
    expect(flinksOAuthError.parse(parseBody(second)).error_description).toBe(`Session ${id} cannot be Cancelled`);
    expect([simulator.countCancelRequests(id), simulator.countCancelEffects(id)]).toEqual([2, 1]);
  });

  it('spells as told, and says EFT0501 for e-Transfer only in a null', async () => {
    simulator.updateConfig({ flinks: { cancelledSpelling: 'Cancelled' } });
    const [geft, bare, full] = ['geft', 'e_transfer', 'e_transfer'].map(
      (product) => simulator.addSession({ connection: 'flinks', product: product as 'geft' | 'e_transfer' }).id,
    );
    expect(parseBody(await cancel(geft ?? ''))).toMatchObject({ status: 'Cancelled', statusDetails: 'EFT0501' });
    expect(parseBody(await cancel(bare ?? ''))).toEqual({ sessionId: bare, referenceId: null, status: 'Cancelled' });
    simulator.updateConfig({ flinks: { includesETransferDetails: true } });
    expect(parseBody(await cancel(full ?? ''))).toEqual({
      sessionId: full,
      referenceId: null,
      status: 'Cancelled',
      statusDetails: null,
    });
  });

  const ends = ['completed', 'completed_unfinished', 'failed', 'cancelled', 'expired'] as const;
  it.each(ends)('refuses a session that is %s', async (state) => {
    const { id } = simulator.addSession({ connection: 'flinks', state });
    expect((await cancel(id)).status).toBe(400);
    expect([simulator.getSession(id)?.state, simulator.countCancelEffects(id)]).toEqual([state, 0]);
  });

  it.each(['active', 'in_progress'] as const)('cancels a session that is %s', async (state) => {
    const { id } = simulator.addSession({ connection: 'flinks', state });
    expect((await cancel(id)).status).toBe(200);
  });

  it('knows no unknown id, no id of another account and no id of the other provider', async () => {
    const other = simulator.addSession({ connection: 'flinks', account: 'other' }).id;
    const xendit = simulator.addSession({ connection: 'xendit' }).id;
    for (const id of ['850750a4-3021-4061-ac03-a8d873aa4179', other, xendit, 'no-uuid']) {
      const seen = await cancel(id);
      expect(seen.status).toBe(404);
      expect(flinksOAuthError.parse(parseBody(seen)).error_description).toBe(
        'Session not found for client practice-client',
      );
    }
    simulator.updateConfig({ flinks: { malformedIdResponse: 'bad_request' } });
    expect((await cancel('no-uuid')).status).toBe(400);
  });

  it('is off for e-Transfer where it is told to be: a bare 404', async () => {
    simulator.updateConfig({ flinks: { supportsETransferCancel: false } });
    const { id } = simulator.addSession({ connection: 'flinks', product: 'e_transfer' });
    const seen = await cancel(id);
    expect([seen.status, seen.body]).toEqual([404, '']);
    expect((await sendRequest(sessionUrl(id, 'status'))).status).toBe(200);
    expect(simulator.getSession(id)?.state).toBe('active');
  });

  it('refuses without a token, in the error shape that is switched on', async () => {
    const { id } = simulator.addSession({ connection: 'flinks' });
    const prose = await cancel(id, {});
    expect([prose.status, flinksOAuthError.parse(parseBody(prose)).error]).toEqual([401, 'unauthorized']);
    simulator.updateConfig({ flinks: { errorFormat: 'problem_details' } });
    const problem = await cancel(id, {});
    expect([problem.status, flinksProblem.parse(parseBody(problem)).status]).toEqual([401, 401]);
    const others = [
      ['empty', undefined, /^$/],
      ['html', 'text/html', /^<html>/],
      ['text', 'text/plain', /^Valid/],
    ] as const;
    for (const [errorFormat, type, text] of others) {
      simulator.updateConfig({ flinks: { errorFormat } });
      const seen = await cancel(id, {});
      expect([seen.status, seen.headers['content-type']?.split(';')[0]]).toEqual([401, type]);
      expect(seen.body).toMatch(text);
    }
    expect(simulator.getSession(id)?.state).toBe('active');
  });
});

describe('a simulated Flinks status', () => {
  it.each([
    ['active', 'Initiated', 'EFT0101'],
    ['in_progress', 'InProgress', null],
    ['completed', 'Completed', 'EFT0301'],
    ['completed_unfinished', 'Completed', 'EFT0302'],
    ['cancelled', 'Canceled', 'EFT0501'],
    ['expired', 'Expired', 'EFT0601'],
  ] as const)('tells %s as %s with %s, and asks for no token', async (state, status, statusDetails) => {
    const { id } = simulator.addSession({ connection: 'flinks', state, amount: '86.40' });
    const seen = await sendRequest(sessionUrl(id, 'status'));
    expect(seen.status).toBe(200);
    expect(flinksStatus.parse(parseBody(seen))).toEqual({
      sessionId: id,
      referenceId: null,
      amount: 86.4,
      status,
      statusDetails,
    });
  });

  it('tells a failed session with one of the four codes', async () => {
    const { id } = simulator.addSession({ connection: 'flinks', state: 'failed' });
    expect(flinksStatus.parse(parseBody(await sendRequest(sessionUrl(id, 'status')))).statusDetails).toMatch(
      /^EFT040[1-4]$/,
    );
  });

  it('asks for a token where it is told to', async () => {
    const { id } = simulator.addSession({ connection: 'flinks' });
    simulator.updateConfig({ flinks: { statusWithoutToken: 'unauthorized' } });
    expect((await sendRequest(sessionUrl(id, 'status'))).status).toBe(401);
    simulator.updateConfig({ flinks: { statusWithoutToken: 'forbidden' } });
    expect((await sendRequest(sessionUrl(id, 'status'))).status).toBe(403);
    expect((await sendRequest(sessionUrl(id, 'status'), { headers: await tokenHeaders(simulator.url) })).status).toBe(
      200,
    );
  });

  it('sees a session expire when its window is over', async () => {
    const endsAt = new Date(Date.now() + 60_000).toISOString();
    const { id } = simulator.addSession({ connection: 'flinks', endsAt });
    simulator.advanceClock(61_000);
    expect(parseBody(await sendRequest(sessionUrl(id, 'status')))).toMatchObject({
      status: 'Expired',
      statusDetails: 'EFT0601',
    });
    expect(simulator.listLogRecords().at(-1)).toMatchObject({ kind: 'effect', id, state: 'expired', by: 'time' });
  });
});

describe('simulated Flinks details', () => {
  it('need a token and hold payor data', async () => {
    const { id } = simulator.addSession({ connection: 'flinks' });
    expect((await sendRequest(sessionUrl(id, 'details'))).status).toBe(401);
    const seen = await sendRequest(sessionUrl(id, 'details'), { headers: await tokenHeaders(simulator.url) });
    expect(flinksDetails.parse(parseBody(seen)).payor.email).toBe('payor@example.com');
  });
});
