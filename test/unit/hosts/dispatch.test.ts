import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { allSessions, DeskError } from '../../../src-main/contract/index.ts';
import type { CallOutput, Handlers } from '../../../src-main/contract/index.ts';
import { answer } from '../../../src-main/hosts/dispatch.ts';
import { longestInput } from '../../../src-main/hosts/input-limits.ts';
import { handMadeDesk, keptLog, state } from '../../support/stub-app.ts';

const planted = 'sk_live_0123456789';

function ask(name: unknown, input: unknown, handlers: Partial<Handlers> = {}) {
  const log = keptLog();
  return answer(handMadeDesk(handlers).handlers, name, input, log).then((envelope) => ({
    envelope,
    log: log.lines.join('\n'),
  }));
}

describe('a call that is known and well formed', () => {
  it('is answered with the value of its handler', async () => {
    expect((await ask('desk.state', {})).envelope).toEqual({ ok: true, value: state });
  });

  it('reaches its handler checked: trimmed, with defaults, without what the contract does not name', async () => {
    const given: unknown[] = [];
    const handlers: Partial<Handlers> = {
      'sessions.counts': (input) => {
        given.push(input);
        return Promise.resolve({} as CallOutput<'sessions.counts'>);
      },
    };
    await ask('sessions.counts', { filter: { search: '  Order-1 ', extra: 1 }, extra: 2 }, handlers);
    expect(given).toEqual([{ filter: { ...allSessions, search: 'Order-1' }, viewer: '' }]);
  });

  // Keeps I-03.
  it('carries no property out that the contract does not name', async () => {
    const handlers: Partial<Handlers> = {
      'desk.state': () => Promise.resolve({ ...state, secret: planted } as typeof state),
    };
    expect((await ask('desk.state', {}, handlers)).envelope).toEqual({ ok: true, value: state });
  });
});

describe('a call that is refused', () => {
  // Keeps I-01.
  it.each([
    'nope',
    '',
    '__proto__',
    'constructor',
    'toString',
    7,
    null,
    undefined,
    ['desk.state'],
    { toString: () => 'desk.state' },
  ])('knows no call %j', async (name) => {
    expect((await ask(name, {})).envelope).toMatchObject({ ok: false, error: { code: 'unknown_call' } });
  });

  it('names the field at fault with the words of its schema', async () => {
    const reason = { category: ' ', note: '' };
    const { envelope } = await ask('cancellations.request', { sessionKey: 1, reason });
    expect(envelope).toEqual({
      ok: false,
      error: {
        code: 'invalid_input',
        message: 'Choose a reason.',
        retryable: false,
        details: { field: 'reason.category' },
      },
    });
  });

  it.each([undefined, null, 'text', 7, []])('takes %j for no input', async (input) => {
    expect((await ask('desk.state', input)).envelope).toMatchObject({ ok: false, error: { code: 'invalid_input' } });
  });

  // Keeps I-02.
  it('takes nothing too long, circular or beyond JSON', async () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    for (const input of [{ filler: 'x'.repeat(longestInput) }, circular, { big: 1n }]) {
      expect((await ask('desk.state', input)).envelope).toMatchObject({ ok: false, error: { code: 'invalid_input' } });
    }
  });

  it('passes on what the desk says, with nothing else of the error', async () => {
    const error = Object.assign(new DeskError('session_final', 'It is over.', { details: { status: 'expired' } }), {
      secret: planted,
    });
    const { envelope, log } = await ask('desk.state', {}, { 'desk.state': () => Promise.reject(error) });
    expect(envelope).toEqual({
      ok: false,
      error: { code: 'session_final', message: 'It is over.', retryable: false, details: { status: 'expired' } },
    });
    expect(log).toBe('');
  });

  it('knows an error of the desk that lost its class between threads', async () => {
    const error = Object.assign(new Error('Full.'), {
      name: 'DeskError',
      code: 'disk_full',
      retryable: true,
      details: {},
    });
    const { envelope } = await ask('desk.state', {}, { 'desk.state': () => Promise.reject(error) });
    expect(envelope).toMatchObject({ ok: false, error: { code: 'disk_full', message: 'Full.', retryable: true } });
  });
});

describe('a call that fails in a way nobody foresaw', () => {
  const failures: [string, () => Promise<never>][] = [
    ['an error', () => Promise.reject(new TypeError(`cannot read ${planted}`))],
    ['something that is no error', () => Promise.reject(planted as unknown as Error)],
    [
      "a schema of the handler's own",
      async () => {
        throw z.object({ [planted]: z.string() }).safeParse({}).error ?? new Error();
      },
    ],
    [
      'an error that claims an unknown code',
      () => Promise.reject(Object.assign(new Error(planted), { name: 'DeskError', code: 'made_up' })),
    ],
    ['an answer of the wrong shape', () => Promise.resolve({ version: planted } as never)],
  ];

  // Keeps I-01, S-01.
  it.each(failures)('is an incident with an id, in the answer and in the log: %s', async (_what, handler) => {
    const { envelope, log } = await ask(
      'connections.replaceSecret',
      {
        connectionId: '6f1a3c1e-7a5b-4a53-9d0e-0d8f5b6f2c11',
        secret: planted,
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
    expect(JSON.stringify(envelope) + log).not.toContain(planted);
  });
});
