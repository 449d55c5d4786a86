/** The types of the contract, checked by the compiler; what runs here are the schemas they come from. */
import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import {
  assertNever,
  calls,
  AppError,
  events,
  isAppError,
  session,
  type CallInput,
  type CallName,
  type CallOutput,
  type Cancellation,
  type ParsedInput,
  type ApiClient,
  type Envelope,
  type ErrorCode,
  type EventName,
  type EventPayload,
  type CallHandlers,
  type Session,
} from '../../../src-main/contract/index.ts';

describe('the types of the contract', () => {
  it('give each call its own input and output, on both sides', () => {
    expectTypeOf<CallOutput<'sessions.refresh'>>().toEqualTypeOf<Session>();
    expectTypeOf<CallOutput<'cancellations.request'>>().toEqualTypeOf<Cancellation>();
    expectTypeOf<Parameters<CallHandlers['sessions.refresh']>>().toEqualTypeOf<[{ sessionKey: number }]>();
    expectTypeOf<ReturnType<CallHandlers['sessions.refresh']>>().toEqualTypeOf<Promise<Session>>();
    expectTypeOf<keyof CallHandlers>().toEqualTypeOf<CallName>();
  });

  it('let a caller leave out what has a default, and a handler count on it', () => {
    expectTypeOf<{ filter: object }>().toExtend<CallInput<'sessions.page'>>();
    expectTypeOf<ParsedInput<'sessions.page'>['limit']>().toEqualTypeOf<number>();
    expectTypeOf<ParsedInput<'sessions.page'>['after']>().toEqualTypeOf<string | null>();
  });

  it('answer a call with a value or an error, never with neither', () => {
    expectTypeOf((client: ApiClient) =>
      client.call('sessions.refresh', { sessionKey: 1 }),
    ).returns.resolves.toEqualTypeOf<Envelope<Session>>();
    expectTypeOf<Extract<Envelope<Session>, { ok: false }>['error']['code']>().toEqualTypeOf<ErrorCode>();
  });

  it('give each event its own payload', () => {
    expectTypeOf<EventPayload<'sessions.changed'>['rows']>().toEqualTypeOf<Session[]>();
    expectTypeOf<keyof typeof events>().toEqualTypeOf<EventName>();
  });

  it('make a forgotten member of a union a compile error', () => {
    expectTypeOf(assertNever).parameter(0).toBeNever();
    expect(() => assertNever('forgotten' as never)).toThrow('Unhandled case: "forgotten"');
  });
});

describe('the schemas of the contract', () => {
  // Verifies S-03.
  it('name no output that holds a secret', () => {
    const named = (schema: z.ZodType) => JSON.stringify(z.toJSONSchema(schema, { unrepresentable: 'any' }));
    const secret = /"(secret|password|token|clientSecret|apiKey)":/;
    // The search finds one where there is one.
    expect(named(calls['connections.add'].input)).toMatch(secret);
    for (const [name, { output }] of Object.entries(calls)) expect(named(output), name).not.toMatch(secret);
    for (const [name, payload] of Object.entries(events)) expect(named(payload), name).not.toMatch(secret);
  });

  // Verifies I-03.
  it('strip what they do not name', () => {
    const known: Session = {
      key: 1,
      connectionId: crypto.randomUUID(),
      product: 'geft',
      id: 'x',
      reference: null,
      amount: null,
      currency: null,
      status: 'active',
      rawStatus: null,
      rawDetail: null,
      source: 'added',
      subAccount: null,
      createdAt: null,
      expiresAt: null,
      firstSeenAt: '2026-11-20T14:02:00.000Z',
      lastCheckedAt: null,
      note: null,
    };
    expect(session.parse({ ...known, payer: 'Alice' })).toEqual(known);
  });

  it('tell an error of the console by its name, its prototype lost or not', () => {
    const error = new AppError('disk_full', 'It is full.');
    expect(isAppError(error)).toBe(true);
    expect(isAppError(Object.assign(new Error('x'), { name: 'AppError', code: 'disk_full' }))).toBe(true);
    expect(isAppError(new Error('x'))).toBe(false);
  });
});
