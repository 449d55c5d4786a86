import { createConnection } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { faultKinds, faultDefinitions, startSimulator } from '../../../src-main/core/simulator/index.ts';
import type { FaultKind, FaultRule, Simulator } from '../../../src-main/core/simulator/index.ts';
import { sendRequest, authorizeRequest, tokenHeaders, xenditHeaders } from './raw-client.ts';
import type { RawRequestOptions, RawResponse } from './raw-client.ts';

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

function expectUnreadable(seen: RawResponse, type: string): void {
  expect([seen.status, seen.errorCode, seen.headers['content-type']]).toEqual([200, null, type]);
  expect([seen.body === '', isJson(seen.body)]).toEqual([false, false]);
}

/** What the caller of a cancel sees of each fault. */
const expectations: Record<FaultKind, (seen: RawResponse, provider: Provider, id: string) => void> = {
  latency: (seen) => {
    expect([seen.status, seen.errorCode]).toEqual([200, null]);
    expect(seen.durationMs).toBeGreaterThanOrEqual(290);
  },
  throttled: (seen, provider) => {
    expect(seen.status).toBe(429);
    expect(seen.headers['rate-limit-reset']).toBe(provider === 'xendit' ? '1.37' : undefined);
  },
  server_error: (seen) => expect([seen.status, isJson(seen.body)]).toEqual([500, true]),
  unavailable: (seen) => expect([seen.status, isJson(seen.body)]).toEqual([503, false]),
  reset: (seen) => expect([seen.status, seen.errorCode]).toEqual([null, 'ECONNRESET']),
  hang: (seen) => expect([seen.status, seen.errorCode]).toEqual([null, 'GAVE_UP']),
  cut_body: (seen) => {
    expect([seen.status, seen.errorCode]).toEqual([200, 'ECONNRESET']);
    expect(Number(seen.headers['content-length'])).toBeGreaterThan(seen.body.length);
    expect(seen.body.length).toBeGreaterThan(0);
  },
  html_body: (seen) => expectUnreadable(seen, 'text/html; charset=utf-8'),
  broken_json: (seen) => expectUnreadable(seen, 'application/json; charset=utf-8'),
  empty_body: (seen) => expect([seen.status, seen.errorCode, seen.body]).toEqual([200, null, '']),
  wrong_id: (seen, _provider, id) => {
    expect([seen.status, isJson(seen.body)]).toEqual([200, true]);
    expect(seen.body).not.toContain(id);
    expect(seen.body).toMatch(/"status":"CANCEL+ED"/i);
  },
  unexpected_status: (seen, _provider, id) => {
    expect(seen.status).toBe(200);
    expect(seen.body).toContain(id);
    expect(seen.body).not.toMatch(/CANCEL+ED"/i);
  },
  expired_token: (seen) => expect(seen.status).toBe(401),
  redirect: (seen) => {
    expect(seen.status).toBe(307);
    expect(seen.headers.location).toMatch(/^\/_simulator\/redirected\//);
  },
};

const cases = providers.flatMap((provider) =>
  faultKinds.flatMap((fault) => {
    const ways = faultDefinitions[fault].processed === null ? [undefined] : [false, true];
    return ways.map((processed) => {
      const when = processed === undefined ? '' : processed ? ' after the effect' : ' before any effect';
      return { provider, fault, processed, title: `${provider} ${fault}${when}` };
    });
  }),
);

describe('a cancel that meets a fault', () => {
  it.each(cases)('$title is seen by the caller and told by the log', async ({ provider, fault, processed }) => {
    const { id } = simulator.addSession({ connection: provider });
    const rule: FaultRule = { route: 'cancel', fault, times: 1, ...(processed === undefined ? {} : { processed }) };
    simulator.setFaults([rule]);
    expectations[fault](await cancel(provider, id, fault === 'hang' ? { timeoutMs: 200 } : {}), provider, id);

    const effect = processed ?? fault === 'latency';
    expect(simulator.getSession(id)?.state).toBe(effect ? 'cancelled' : 'active');
    expect([simulator.countCancelRequests(id), simulator.countCancelEffects(id)]).toEqual([1, effect ? 1 : 0]);
    const how = { reset: 'reset', hang: 'hung', cut_body: 'cut' }[fault as string] ?? 'sent';
    expect(
      simulator
        .listLogRecords()
        .slice(2)
        .map((record) => record.kind),
    ).toEqual(['cancel_received', ...(effect ? ['effect'] : []), 'cancel_answered']);
    expect(simulator.listLogRecords().at(-1)).toMatchObject({ id, how, fault });

    // Once only: the next request is answered well.
    expect((await cancel(provider, id)).status).toBe(effect ? (provider === 'flinks' ? 400 : 422) : 200);
  });
});

describe('other routes that meet a fault', () => {
  it('read: a session is spoken of by another name, or in a word nobody knows', async () => {
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

  it('authorize: a token from an answer that was not processed opens nothing', async () => {
    simulator.setFaults([{ route: 'authorize', fault: 'broken_json', processed: false, times: 1 }]);
    const { id } = simulator.addSession({ connection: 'flinks' });
    const { body } = await sendRequest(`${simulator.url}/api/v1/authorize`, authorizeRequest);
    const token = (JSON.parse(body.slice(0, -2)) as { access_token: string }).access_token;
    const headers = { authorization: `Bearer ${token}` };
    expect((await sendRequest(`${simulator.url}/api/v2/sessions/${id}/details`, { headers })).status).toBe(401);
  });

  it('Flinks throttles with Retry-After only where it is told how long', async () => {
    simulator.setFaults([{ route: 'authorize', fault: 'throttled', waitSeconds: 2.2, times: 1 }]);
    expect((await sendRequest(`${simulator.url}/api/v1/authorize`, authorizeRequest)).headers['retry-after']).toBe('3');
  });

  it('a reset is a reset on the wire, and not a polite end', async () => {
    const { id } = simulator.addSession({ connection: 'xendit' });
    simulator.setFaults([{ route: 'read', fault: 'reset' }]);
    const socket = createConnection(Number(new URL(simulator.url).port), '127.0.0.1');
    const ended = new Promise<string>((resolve) => {
      socket.once('end', () => resolve('ended'));
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    });
    socket.write(`GET /sessions/${id} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
    expect(await ended).toBe('ECONNRESET');
  });

  it('logs who follows a redirect', async () => {
    simulator.setFaults([{ route: 'cancel', fault: 'redirect' }]);
    const { id } = simulator.addSession({ connection: 'xendit' });
    const { headers } = await cancel('xendit', id);
    await sendRequest(`${simulator.url}${headers.location ?? ''}`, { method: 'POST' });
    expect(simulator.listLogRecords().at(-1)).toMatchObject({ kind: 'redirect_followed' });
    expect(simulator.getSession(id)?.state).toBe('active');
  });

  it('closes at once although a request hangs and another waits', async () => {
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
    const asked = [cancel('xendit', id), cancel('xendit', id)];
    await received;
    await simulator.close();
    expect((await Promise.all(asked)).map((seen) => seen.errorCode)).not.toContain('GAVE_UP');
    expect(simulator.getSession(id)?.state).toBe('active');
  });
});
