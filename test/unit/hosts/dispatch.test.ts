import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { emptySessionFilter, AppError } from '../../../src-main/contract/index.ts';
import type { CallOutput, CallHandlers } from '../../../src-main/contract/index.ts';
import { dispatchCall } from '../../../src-main/hosts/dispatch.ts';
import { maxInputLength } from '../../../src-main/hosts/input-limits.ts';
import { createStubApp, createMemoryLog, stubAppState } from '../../support/stub-app.ts';
import { fakeCallError } from '../../support/fake-messages.ts';

const plantedSecret = 'sk_live_0123456789';

function dispatchWithStub(name: unknown, input: unknown, handlers: Partial<CallHandlers> = {}) {
  const log = createMemoryLog();
  return dispatchCall(createStubApp(handlers).handlers, name, input, log).then((envelope) => ({
    envelope,
    log: log.lines.join('\n'),
  }));
}

describe('a call that is known and well formed', () => {
  it('is answered with the value of its handler', async () => {
    expect((await dispatchWithStub('app.state', {})).envelope).toEqual({ ok: true, value: stubAppState });
  });

  it('reaches its handler checked: trimmed, with defaults, without what the contract does not name', async () => {
    const given: unknown[] = [];
    const handlers: Partial<CallHandlers> = {
      'sessions.counts': (input) => {
        given.push(input);
        return Promise.resolve({} as CallOutput<'sessions.counts'>);
      },
    };
    await dispatchWithStub('sessions.counts', { filter: { search: '  Order-1 ', extra: 1 }, extra: 2 }, handlers);
    expect(given).toEqual([{ filter: { ...emptySessionFilter, search: 'Order-1' }, viewId: '' }]);
  });

  // Verifies I-03.
  it('carries no property out that the contract does not name', async () => {
    const handlers: Partial<CallHandlers> = {
      'app.state': () => Promise.resolve({ ...stubAppState, secret: plantedSecret } as typeof stubAppState),
    };
    expect((await dispatchWithStub('app.state', {}, handlers)).envelope).toEqual({ ok: true, value: stubAppState });
  });
});

describe('a call that is refused', () => {
  // Verifies I-01.
  it.each([
    'nope',
    '',
    '__proto__',
    'constructor',
    'toString',
    7,
    null,
    undefined,
    ['app.state'],
    { toString: () => 'app.state' },
  ])('knows no call %j', async (name) => {
    expect((await dispatchWithStub(name, {})).envelope).toMatchObject({ ok: false, error: { code: 'unknown_call' } });
  });

  it('names the field at fault with the words of its schema', async () => {
    const reason = { category: ' ', note: '' };
    const { envelope } = await dispatchWithStub('cancellations.request', { sessionKey: 1, reason });
    expect(envelope).toEqual({
      ok: false,
      error: fakeCallError('invalid_input', 'Choose a reason.', { details: { field: 'reason.category' } }),
    });
  });

  it.each([undefined, null, 'text', 7, []])('takes %j for no input', async (input) => {
    expect((await dispatchWithStub('app.state', input)).envelope).toMatchObject({
      ok: false,
      error: { code: 'invalid_input' },
    });
  });

  // Verifies I-02.
  it('takes nothing too long, circular or beyond JSON', async () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    for (const input of [{ filler: 'x'.repeat(maxInputLength) }, circular, { big: 1n }]) {
      expect((await dispatchWithStub('app.state', input)).envelope).toMatchObject({
        ok: false,
        error: { code: 'invalid_input' },
      });
    }
  });

  it('passes on what the desk says, with nothing else of the error', async () => {
    const error = Object.assign(new AppError('session_final', 'It is over.', { details: { status: 'expired' } }), {
      secret: plantedSecret,
    });
    const { envelope, log } = await dispatchWithStub('app.state', {}, { 'app.state': () => Promise.reject(error) });
    expect(envelope).toEqual({
      ok: false,
      error: fakeCallError('session_final', 'It is over.', { details: { status: 'expired' } }),
    });
    expect(log).toBe('');
  });

  it('knows an error of the desk that lost its class between threads', async () => {
    const error = Object.assign(new Error('Full.'), {
      name: 'AppError',
      code: 'disk_full',
      retryable: true,
      details: {},
    });
    const { envelope } = await dispatchWithStub('app.state', {}, { 'app.state': () => Promise.reject(error) });
    expect(envelope).toMatchObject({ ok: false, error: { code: 'disk_full', message: 'Full.', retryable: true } });
  });
});

describe('a call that fails in a way nobody foresaw', () => {
  const failures: [string, () => Promise<never>][] = [
    ['an error', () => Promise.reject(new TypeError(`cannot read ${plantedSecret}`))],
    ['something that is no error', () => Promise.reject(plantedSecret as unknown as Error)],
    [
      "a schema of the handler's own",
      async () => {
        throw z.object({ [plantedSecret]: z.string() }).safeParse({}).error ?? new Error();
      },
    ],
    [
      'an error that claims an unknown code',
      () => Promise.reject(Object.assign(new Error(plantedSecret), { name: 'AppError', code: 'made_up' })),
    ],
    ['an answer of the wrong shape', () => Promise.resolve({ version: plantedSecret } as never)],
  ];

  // Verifies I-01, S-01.
  it.each(failures)('is an incident with an id, in the answer and in the log: %s', async (_what, handler) => {
    const { envelope, log } = await dispatchWithStub(
      'connections.replaceSecret',
      {
        connectionId: '6f1a3c1e-7a5b-4a53-9d0e-0d8f5b6f2c11',
        secret: plantedSecret,
      },
      { 'connections.replaceSecret': handler },
    );
    expect(envelope).toMatchObject({
      ok: false,
      error: { code: 'internal', details: { incident: expect.stringMatching(/^[0-9a-f]{8}$/) as string } },
    });
    const incident = envelope.ok ? '' : String(envelope.error.details['incident']);
    expect(log).toContain(incident);
    expect(log).toContain('connections.replaceSecret');
    expect(JSON.stringify(envelope) + log).not.toContain(plantedSecret);
  });
});
