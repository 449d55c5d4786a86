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

describe('simulated Flinks: authorize', () => {
  it('authorize: returns a token with its lifetime for the credentials of a Basic header', async () => {
    const response = await authorize();
    expect(response.status).toBe(200);
    expect(flinksToken.parse(parseBody(response)).expires_in).toBe(299);
  });

  it('authorize: accepts Username and Password in the form, depending on credentialsLocation', async () => {
    const { clientId, clientSecret } = practiceAccounts.flinks;
    const form = new URLSearchParams({ grant_type: 'client_credentials', Username: clientId, Password: clientSecret });
    const formRequest = { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: form.toString() };
    expect((await authorize(formRequest)).status).toBe(200);
    simulator.updateConfig({ flinks: { credentialsLocation: 'header' } });
    expect((await authorize(formRequest)).status).toBe(401);
    simulator.updateConfig({ flinks: { credentialsLocation: 'form' } });
    expect((await authorize()).status).toBe(401);
  });

  it('authorize: refuses a wrong secret and another grant type', async () => {
    expect((await authorize({ headers: { authorization: basicAuth('practice-client:wrong') } })).status).toBe(401);
    expect((await authorize({ body: 'grant_type=password' })).status).toBe(400);
  });

  it('authorize: omits expires_in if includesExpiresIn is false', async () => {
    simulator.updateConfig({ flinks: { includesExpiresIn: false } });
    const response = await authorize();
    expect(Object.keys(parseBody(response) as object)).toEqual(['access_token', 'token_type']);
  });
});

describe('simulated Flinks: tokens', () => {
  it('token: is refused after its lifetime', async () => {
    simulator.updateConfig({ flinks: { tokenLifetimeSeconds: 60 } });
    const { id } = simulator.addSession({ connection: 'flinks' });
    const headers = await tokenHeaders(simulator.url);
    simulator.advanceClock(60_000);
    expect((await cancel(id, headers)).status).toBe(401);
    expect(simulator.getSession(id)?.state).toBe('active');
  });

  it('token: is valid for many calls, or for one call if tokenUse is single_use', async () => {
    const { id } = simulator.addSession({ connection: 'flinks' });
    const reusable = await tokenHeaders(simulator.url);
    expect((await sendRequest(sessionUrl(id, 'details'), { headers: reusable })).status).toBe(200);
    expect((await sendRequest(sessionUrl(id, 'details'), { headers: reusable })).status).toBe(200);
    simulator.updateConfig({ flinks: { tokenUse: 'single_use' } });
    const single = await tokenHeaders(simulator.url);
    expect((await sendRequest(sessionUrl(id, 'details'), { headers: single })).status).toBe(200);
    expect((await sendRequest(sessionUrl(id, 'details'), { headers: single })).status).toBe(401);
  });

  it('API key: is accepted with its client ID, and authMode can disable each mode', async () => {
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

describe('simulated Flinks: cancel', () => {
  it('cancel: a second request gets 400, and the log has one effect', async () => {
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

  it('cancel: uses the configured spelling, and statusDetails for e-Transfer is absent or null', async () => {
    simulator.updateConfig({ flinks: { cancelledSpelling: 'Cancelled' } });
    const [geft, withoutDetails, withDetails] = ['geft', 'e_transfer', 'e_transfer'].map(
      (product) => simulator.addSession({ connection: 'flinks', product: product as 'geft' | 'e_transfer' }).id,
    );
    expect(parseBody(await cancel(geft ?? ''))).toMatchObject({ status: 'Cancelled', statusDetails: 'EFT0501' });
    expect(parseBody(await cancel(withoutDetails ?? ''))).toEqual({
      sessionId: withoutDetails,
      referenceId: null,
      status: 'Cancelled',
    });
    simulator.updateConfig({ flinks: { includesETransferDetails: true } });
    expect(parseBody(await cancel(withDetails ?? ''))).toEqual({
      sessionId: withDetails,
      referenceId: null,
      status: 'Cancelled',
      statusDetails: null,
    });
  });

  const finalStates = ['completed', 'completed_unfinished', 'failed', 'cancelled', 'expired'] as const;
  it.each(finalStates)('cancel: a session in the state %s is refused', async (state) => {
    const { id } = simulator.addSession({ connection: 'flinks', state });
    expect((await cancel(id)).status).toBe(400);
    expect([simulator.getSession(id)?.state, simulator.countCancelEffects(id)]).toEqual([state, 0]);
  });

  it.each(['active', 'in_progress'] as const)('cancel: a session in the state %s is cancelled', async (state) => {
    const { id } = simulator.addSession({ connection: 'flinks', state });
    expect((await cancel(id)).status).toBe(200);
  });

  it('cancel: an unknown ID, one of another account and one of the other provider are not found', async () => {
    const other = simulator.addSession({ connection: 'flinks', account: 'other' }).id;
    const xendit = simulator.addSession({ connection: 'xendit' }).id;
    for (const id of ['850750a4-3021-4061-ac03-a8d873aa4179', other, xendit, 'no-uuid']) {
      const response = await cancel(id);
      expect(response.status).toBe(404);
      expect(flinksOAuthError.parse(parseBody(response)).error_description).toBe(
        'Session not found for client practice-client',
      );
    }
    simulator.updateConfig({ flinks: { malformedIdResponse: 'bad_request' } });
    expect((await cancel('no-uuid')).status).toBe(400);
  });

  it('cancel: an e-Transfer session gets 404 without a body if supportsETransferCancel is false', async () => {
    simulator.updateConfig({ flinks: { supportsETransferCancel: false } });
    const { id } = simulator.addSession({ connection: 'flinks', product: 'e_transfer' });
    const response = await cancel(id);
    expect([response.status, response.body]).toEqual([404, '']);
    expect((await sendRequest(sessionUrl(id, 'status'))).status).toBe(200);
    expect(simulator.getSession(id)?.state).toBe('active');
  });

  it('cancel: a request without a token is refused in the configured error format', async () => {
    const { id } = simulator.addSession({ connection: 'flinks' });
    const oauthError = await cancel(id, {});
    expect([oauthError.status, flinksOAuthError.parse(parseBody(oauthError)).error]).toEqual([401, 'unauthorized']);
    simulator.updateConfig({ flinks: { errorFormat: 'problem_details' } });
    const problem = await cancel(id, {});
    expect([problem.status, flinksProblem.parse(parseBody(problem)).status]).toEqual([401, 401]);
    const otherFormats = [
      ['empty', undefined, /^$/],
      ['html', 'text/html', /^<html>/],
      ['text', 'text/plain', /^Valid/],
    ] as const;
    for (const [errorFormat, type, text] of otherFormats) {
      simulator.updateConfig({ flinks: { errorFormat } });
      const response = await cancel(id, {});
      expect([response.status, response.headers['content-type']?.split(';')[0]]).toEqual([401, type]);
      expect(response.body).toMatch(text);
    }
    expect(simulator.getSession(id)?.state).toBe('active');
  });
});

describe('simulated Flinks: status', () => {
  it.each([
    ['active', 'Initiated', 'EFT0101'],
    ['in_progress', 'InProgress', null],
    ['completed', 'Completed', 'EFT0301'],
    ['completed_unfinished', 'Completed', 'EFT0302'],
    ['cancelled', 'Canceled', 'EFT0501'],
    ['expired', 'Expired', 'EFT0601'],
  ] as const)('status: reports %s as %s with %s, without a token', async (state, status, statusDetails) => {
    const { id } = simulator.addSession({ connection: 'flinks', state, amount: '86.40' });
    const response = await sendRequest(sessionUrl(id, 'status'));
    expect(response.status).toBe(200);
    expect(flinksStatus.parse(parseBody(response))).toEqual({
      sessionId: id,
      referenceId: null,
      amount: 86.4,
      status,
      statusDetails,
    });
  });

  it('status: reports a failed session with one of the four failure codes', async () => {
    const { id } = simulator.addSession({ connection: 'flinks', state: 'failed' });
    expect(flinksStatus.parse(parseBody(await sendRequest(sessionUrl(id, 'status')))).statusDetails).toMatch(
      /^EFT040[1-4]$/,
    );
  });

  it('status: requires a token if statusWithoutToken is unauthorized or forbidden', async () => {
    const { id } = simulator.addSession({ connection: 'flinks' });
    simulator.updateConfig({ flinks: { statusWithoutToken: 'unauthorized' } });
    expect((await sendRequest(sessionUrl(id, 'status'))).status).toBe(401);
    simulator.updateConfig({ flinks: { statusWithoutToken: 'forbidden' } });
    expect((await sendRequest(sessionUrl(id, 'status'))).status).toBe(403);
    expect((await sendRequest(sessionUrl(id, 'status'), { headers: await tokenHeaders(simulator.url) })).status).toBe(
      200,
    );
  });

  it('status: a session expires at the end of its window', async () => {
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

describe('simulated Flinks: details', () => {
  it('details: require a token and contain payor data', async () => {
    const { id } = simulator.addSession({ connection: 'flinks' });
    expect((await sendRequest(sessionUrl(id, 'details'))).status).toBe(401);
    const response = await sendRequest(sessionUrl(id, 'details'), { headers: await tokenHeaders(simulator.url) });
    expect(flinksDetails.parse(parseBody(response)).payor.email).toBe('payor@example.com');
  });
});
