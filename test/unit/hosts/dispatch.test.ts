import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createMessage, emptySessionFilter, AppError } from '../../../src-main/contract/index.ts';
import type { CallOutput, CoreCallHandlers } from '../../../src-main/contract/index.ts';
import {
  dispatchCall,
  ignoredHostCalls,
  maxInputLength,
  validateInputLimits,
} from '../../../src-main/hosts/dispatch.ts';
import { createStubApp, createMemoryLog, stubAppState } from '../../support/stub-app.ts';
import { fakeCallError, fakeMessage } from '../../support/fake-messages.ts';

const plantedSecret = 'sk_live_0123456789';

function dispatchWithStub(name: unknown, input: unknown, handlers: Partial<CoreCallHandlers> = {}) {
  const log = createMemoryLog();
  return dispatchCall(createStubApp(handlers).handlers, ignoredHostCalls, name, input, log).then((envelope) => ({
    envelope,
    log: log.lines.join('\n'),
  }));
}

describe('dispatchCall: a valid call', () => {
  it('returns the value of its handler', async () => {
    expect((await dispatchWithStub('app.getState', {})).envelope).toEqual({ ok: true, value: stubAppState });
  });

  it('passes parsed input to the handler: trimmed, with defaults, without unknown fields', async () => {
    const inputs: unknown[] = [];
    const handlers: Partial<CoreCallHandlers> = {
      'sessions.count': (input) => {
        inputs.push(input);
        return Promise.resolve({} as CallOutput<'sessions.count'>);
      },
    };
    await dispatchWithStub('sessions.count', { filter: { search: '  Order-1 ', extra: 1 }, extra: 2 }, handlers);
    expect(inputs).toEqual([{ filter: { ...emptySessionFilter, search: 'Order-1' }, viewId: '' }]);
  });

  it.each([
    ['app.setLanguage', { language: 'id' }],
    ['app.expireClipboard', { text: 'ps-1' }],
  ])('of the host does not reach core: %s', async (name, input) => {
    expect((await dispatchWithStub(name, input)).envelope).toEqual({ ok: true, value: {} });
  });

  // Verifies I-03.
  it('removes unknown fields from the output', async () => {
    const handlers: Partial<CoreCallHandlers> = {
      'app.getState': () => Promise.resolve({ ...stubAppState, secret: plantedSecret } as typeof stubAppState),
    };
    expect((await dispatchWithStub('app.getState', {}, handlers)).envelope).toEqual({ ok: true, value: stubAppState });
  });
});

describe('dispatchCall: an expected error', () => {
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
    ['app.getState'],
    { toString: () => 'app.getState' },
  ])('fails with unknown_call for the name %j', async (name) => {
    expect((await dispatchWithStub(name, {})).envelope).toMatchObject({ ok: false, error: { code: 'unknown_call' } });
  });

  it('invalid input returns the field and the message of the schema', async () => {
    const reason = { category: ' ', note: '' };
    const { envelope } = await dispatchWithStub('cancellations.request', { sessionKey: 1, reason });
    expect(envelope).toEqual({
      ok: false,
      error: new AppError('invalid_input', createMessage('validation.reasonMissing'), {
        details: { field: 'reason.category' },
      }).toCallError(),
    });
  });

  it.each([undefined, null, 'text', 7, []])('fails with invalid_input for the input %j', async (input) => {
    expect((await dispatchWithStub('app.getState', input)).envelope).toMatchObject({
      ok: false,
      error: { code: 'invalid_input' },
    });
  });

  // Verifies I-02.
  it('fails with invalid_input for input that is too long, circular or not JSON', async () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    for (const input of [{ filler: 'x'.repeat(maxInputLength) }, circular, { big: 1n }]) {
      expect((await dispatchWithStub('app.getState', input)).envelope).toMatchObject({
        ok: false,
        error: { code: 'invalid_input' },
      });
    }
  });

  it('an AppError returns its code, message and details, but no other properties', async () => {
    const error = Object.assign(
      new AppError('session_final', fakeMessage('It is over.'), { details: { status: 'expired' } }),
      {
        secret: plantedSecret,
      },
    );
    const { envelope, log } = await dispatchWithStub(
      'app.getState',
      {},
      { 'app.getState': () => Promise.reject(error) },
    );
    expect(envelope).toEqual({
      ok: false,
      error: fakeCallError('session_final', 'It is over.', { details: { status: 'expired' } }),
    });
    expect(log).toBe('');
  });

  it('an AppError from another thread is recognized without its prototype', async () => {
    const error = Object.assign(new Error('Full.'), {
      ...fakeCallError('disk_full', 'Full.', { retryable: true }),
      name: 'AppError',
    });
    const { envelope } = await dispatchWithStub('app.getState', {}, { 'app.getState': () => Promise.reject(error) });
    expect(envelope).toMatchObject({ ok: false, error: { code: 'disk_full', message: 'Full.', retryable: true } });
  });
});

describe('dispatchCall: an unexpected error', () => {
  const failures: [string, () => Promise<never>][] = [
    ['an Error', () => Promise.reject(new TypeError(`cannot read ${plantedSecret}`))],
    ['a value that is not an Error', () => Promise.reject(plantedSecret as unknown as Error)],
    [
      'a ZodError of the handler',
      async () => {
        throw z.object({ [plantedSecret]: z.string() }).safeParse({}).error ?? new Error();
      },
    ],
    [
      'an error that claims an unknown code',
      () => Promise.reject(Object.assign(new Error(plantedSecret), { name: 'AppError', code: 'made_up' })),
    ],
    ['an invalid output', () => Promise.resolve({ version: plantedSecret } as never)],
  ];

  // Verifies I-01, S-01.
  it.each(failures)('returns and logs an incident id, but no error message: %s', async (_name, handler) => {
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

function nestedValue(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = { inner: value };
  return value;
}

// Verifies I-02.
it('validateInputLimits: allows plain data up to the limits', () => {
  for (const input of [
    {},
    { a: undefined, b: null },
    { keys: Array.from({ length: 100_000 }, (_, index) => index) },
    { text: 'x'.repeat(maxInputLength - 4) },
  ]) {
    expect(validateInputLimits(input)).toBeUndefined();
  }
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => validateInputLimits(value) === undefined));
});

// Verifies I-02.
it('validateInputLimits: rejects values that are not plain data', () => {
  const values: unknown[] = [
    1n,
    Symbol('x'),
    () => 1,
    new Map(),
    new Set(),
    new Date(),
    /x/,
    new Uint8Array(4),
    new ArrayBuffer(8),
    Promise.resolve(),
    Object.create({ inherited: true }) as object,
  ];
  for (const value of values) expect(validateInputLimits({ value })).toBe('not_plain_data');
});

// Verifies I-02.
it('validateInputLimits: rejects a large input without traversing it', () => {
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  const exponential = Array.from({ length: 30 }).reduce<unknown>((inner) => [inner, inner], 'x');
  const sparse: unknown[] = [];
  sparse.length = 2 ** 32 - 1;
  // A traversal of the exponential or the sparse input would exceed the time-out of the test.
  for (const input of [
    circular,
    exponential,
    sparse,
    nestedValue(200_000),
    { text: 'x'.repeat(50_000_000) },
    { [`${'x'.repeat(maxInputLength)}y`]: 1 },
  ]) {
    expect(validateInputLimits(input)).toBe('too_large');
  }
}, 60_000);
