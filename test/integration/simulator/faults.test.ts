import { createConnection } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { faultKinds, faultDefinitions, startSimulator } from '../../../src-main/core/simulator/index.ts';
import type { FaultKind, FaultRule, Simulator } from '../../../src-main/core/simulator/index.ts';
import { sendRequest, authorizeRequest, tokenHeaders, xenditHeaders } from './raw-client.ts';
import type { RawRequestOptions, RawResponse } from './raw-client.ts';
import { nonEmpty } from '../../support/non-empty.ts';

let simulator: Simulator;
beforeEach(async () => {
  simulator = await startSimulator({ sessionCount: 0 });
});
afterEach(() => simulator.close());

type Provider = 'flinks' | 'xendit';
const providers = ['flinks', 'xendit'] as const;

async function cancel(provider: Provider, id: string, more: RawRequestOptions = {}): Promise<RawResponse> {
  const path = provider === 'flinks' ? `/api/v2/sessions/${id}/cancel` : `/sessions/${id}/cancel`;
  const headers = provider === 'flinks' ? await tokenHeaders(simulator.url) : xenditHeaders;
  return sendRequest(`${simulator.url}${path}`, { method: 'POST', headers, ...more });
}

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

function expectUnreadable(response: RawResponse, type: string): void {
  expect([response.status, response.errorCode, response.headers['content-type']]).toEqual([200, null, type]);
  expect([response.body === '', isJson(response.body)]).toEqual([false, false]);
}

/** The expected response to a cancel request for each fault. */
const expectations: Record<FaultKind, (response: RawResponse, provider: Provider, id: string) => void> = {
  latency: (response) => {
    expect([response.status, response.errorCode]).toEqual([200, null]);
  },
  throttled: (response, provider) => {
    expect(response.status).toBe(429);
    expect(response.headers['rate-limit-reset']).toBe(provider === 'xendit' ? '1.37' : undefined);
  },
  server_error: (response) => expect([response.status, isJson(response.body)]).toEqual([500, true]),
  unavailable: (response) => expect([response.status, isJson(response.body)]).toEqual([503, false]),
  reset: (response) => expect([response.status, response.errorCode]).toEqual([null, 'ECONNRESET']),
  hang: (response) => expect([response.status, response.errorCode]).toEqual([null, 'TIMED_OUT']),
  cut_body: (response) => {
    expect([response.status, response.errorCode]).toEqual([200, 'ECONNRESET']);
    expect(Number(response.headers['content-length'])).toBeGreaterThan(response.body.length);
    expect(response.body.length).toBeGreaterThan(0);
  },
  html_body: (response) => expectUnreadable(response, 'text/html; charset=utf-8'),
  broken_json: (response) => expectUnreadable(response, 'application/json; charset=utf-8'),
  empty_body: (response) => expect([response.status, response.errorCode, response.body]).toEqual([200, null, '']),
  wrong_id: (response, _provider, id) => {
    expect([response.status, isJson(response.body)]).toEqual([200, true]);
    expect(response.body).not.toContain(id);
    expect(response.body).toMatch(/"status":"CANCEL+ED"/i);
  },
  unexpected_status: (response, _provider, id) => {
    expect(response.status).toBe(200);
    expect(response.body).toContain(id);
    expect(response.body).not.toMatch(/CANCEL+ED"/i);
  },
  expired_token: (response) => expect(response.status).toBe(401),
  redirect: (response) => {
    expect(response.status).toBe(307);
    expect(response.headers.location).toMatch(/^\/_simulator\/redirected\//);
  },
};

const cases = providers.flatMap((provider) =>
  faultKinds.flatMap((fault) => {
    const processedValues = faultDefinitions[fault].processed === null ? [undefined] : [false, true];
    return processedValues.map((processed) => {
      const phase = processed === undefined ? '' : processed ? ' after the effect' : ' before any effect';
      return { provider, fault, processed, title: `${provider} ${fault}${phase}` };
    });
  }),
);

describe('a cancel request with a fault', () => {
  it.each(nonEmpty(cases))(
    'fault $title: shapes the response and is logged',
    async ({ provider, fault, processed }) => {
      const { id } = simulator.addSession({ connection: provider });
      const rule: FaultRule = { route: 'cancel', fault, times: 1, ...(processed === undefined ? {} : { processed }) };
      simulator.setFaults([rule]);
      expectations[fault](await cancel(provider, id, fault === 'hang' ? { timeoutMs: 200 } : {}), provider, id);

      const hasEffect = processed ?? fault === 'latency';
      expect(simulator.getSession(id)?.state).toBe(hasEffect ? 'cancelled' : 'active');
      expect([simulator.countCancelRequests(id), simulator.countCancelEffects(id)]).toEqual([1, hasEffect ? 1 : 0]);
      const how = { reset: 'reset', hang: 'hung', cut_body: 'cut' }[fault as string] ?? 'sent';
      expect(
        simulator
          .listLogRecords()
          .slice(2)
          .map((record) => record.kind),
      ).toEqual(['cancel_received', ...(hasEffect ? ['effect'] : []), 'cancel_answered']);
      expect(simulator.listLogRecords().at(-1)).toMatchObject({ id, how, fault });

      // The fault occurs once: the next request has a correct response.
      expect((await cancel(provider, id)).status).toBe(hasEffect ? (provider === 'flinks' ? 400 : 422) : 200);
    },
  );
});

describe('faults on other routes', () => {
  it('read: wrong_id and unexpected_status change the ID and the status in the response', async () => {
    const { id } = simulator.addSession({ connection: 'xendit' });
    simulator.setFaults([
      { route: 'read', fault: 'wrong_id', times: 1 },
      { route: 'read', fault: 'unexpected_status', times: 1 },
    ]);
    const read = () => sendRequest(`${simulator.url}/sessions/${id}`, { headers: xenditHeaders });
    expect((await read()).body).not.toContain(id);
    expect((await read()).body).toContain('"status":"UNDER_REVIEW"');
    expect((await read()).body).toContain('"status":"ACTIVE"');
  });

  it('authorize: a token of a response that was not processed is not valid', async () => {
    simulator.setFaults([{ route: 'authorize', fault: 'broken_json', processed: false, times: 1 }]);
    const { id } = simulator.addSession({ connection: 'flinks' });
    const { body } = await sendRequest(`${simulator.url}/api/v1/authorize`, authorizeRequest);
    const token = (JSON.parse(body.slice(0, -2)) as { access_token: string }).access_token;
    const headers = { authorization: `Bearer ${token}` };
    expect((await sendRequest(`${simulator.url}/api/v2/sessions/${id}/details`, { headers })).status).toBe(401);
  });

  it('throttled: Flinks sends Retry-After only if the rule has a time', async () => {
    simulator.setFaults([{ route: 'authorize', fault: 'throttled', waitSeconds: 2.2, times: 1 }]);
    expect((await sendRequest(`${simulator.url}/api/v1/authorize`, authorizeRequest)).headers['retry-after']).toBe('3');
  });

  it('reset: the connection is reset and not closed', async () => {
    const { id } = simulator.addSession({ connection: 'xendit' });
    simulator.setFaults([{ route: 'read', fault: 'reset' }]);
    const socket = createConnection(Number(new URL(simulator.url).port), '127.0.0.1');
    const endReason = new Promise<string>((resolve) => {
      socket.once('end', () => resolve('ended'));
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    });
    socket.write(`GET /sessions/${id} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
    expect(await endReason).toBe('ECONNRESET');
  });

  it('redirect: a request to the new location is logged', async () => {
    simulator.setFaults([{ route: 'cancel', fault: 'redirect' }]);
    const { id } = simulator.addSession({ connection: 'xendit' });
    const { headers } = await cancel('xendit', id);
    await sendRequest(`${simulator.url}${headers.location ?? ''}`, { method: 'POST' });
    expect(simulator.listLogRecords().at(-1)).toMatchObject({ kind: 'redirect_followed' });
    expect(simulator.getSession(id)?.state).toBe('active');
  });

  it('latency: the request is processed when the delay ends or the faults are replaced', async () => {
    const { id } = simulator.addSession({ connection: 'xendit' });
    simulator.setFaults([{ route: 'cancel', fault: 'latency', delayMs: 600_000 }]);
    const received = new Promise<void>((resolve) => simulator.onRecord(() => resolve()));
    const response = cancel('xendit', id);
    await received;
    expect(simulator.getSession(id)?.state).toBe('active');
    simulator.setFaults([]);
    expect((await response).status).toBe(200);
    expect(simulator.getSession(id)?.state).toBe('cancelled');
  });

  it('close: ends immediately while a request hangs and another one is delayed', async () => {
    const { id } = simulator.addSession({ connection: 'xendit' });
    simulator.setFaults([
      { route: 'cancel', fault: 'hang', times: 1 },
      { route: 'cancel', fault: 'latency', delayMs: 60_000 },
    ]);
    const received = new Promise<void>((resolve) => {
      simulator.onRecord(() => {
        if (simulator.countCancelRequests(id) === 2) resolve();
      });
    });
    const responses = [cancel('xendit', id), cancel('xendit', id)];
    await received;
    await simulator.close();
    expect((await Promise.all(responses)).map((response) => response.errorCode)).not.toContain('TIMED_OUT');
    expect(simulator.getSession(id)?.state).toBe('active');
  });
});
