/** Checks the types of the contract with the compiler, and the schemas at run time. */
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
import { fakeMessage } from '../../support/fake-messages.ts';
import { nonEmpty } from '../../support/non-empty.ts';

// The compiler checks these types (`npm run typecheck`). At run time, expectTypeOf does nothing, so that a test of it
// would always pass.

// Each call has its own input and output types for caller and handler.
expectTypeOf<CallOutput<'sessions.refresh'>>().toEqualTypeOf<Session>();
expectTypeOf<CallOutput<'cancellations.request'>>().toEqualTypeOf<Cancellation>();
expectTypeOf<Parameters<CallHandlers['sessions.refresh']>>().toEqualTypeOf<[{ sessionKey: number }]>();
expectTypeOf<ReturnType<CallHandlers['sessions.refresh']>>().toEqualTypeOf<Promise<Session>>();
expectTypeOf<keyof CallHandlers>().toEqualTypeOf<CallName>();

// A field with a default is optional for the caller and present for the handler.
expectTypeOf<{ filter: object }>().toExtend<CallInput<'sessions.list'>>();
expectTypeOf<ParsedInput<'sessions.list'>['limit']>().toEqualTypeOf<number>();
expectTypeOf<ParsedInput<'sessions.list'>['after']>().toEqualTypeOf<string | null>();

// A call resolves with an envelope that holds a value or an error.
expectTypeOf((client: ApiClient) => client.call('sessions.refresh', { sessionKey: 1 })).returns.resolves.toEqualTypeOf<
  Envelope<Session>
>();
expectTypeOf<Extract<Envelope<Session>, { ok: false }>['error']['code']>().toEqualTypeOf<ErrorCode>();

// Each event has its own payload type.
expectTypeOf<EventPayload<'sessions.changed'>['rows']>().toEqualTypeOf<Session[]>();
expectTypeOf<keyof typeof events>().toEqualTypeOf<EventName>();

describe('contract types', () => {
  it('assertNever: a missing case of a union is a compile error', () => {
    expectTypeOf(assertNever).parameter(0).toBeNever();
    expect(() => assertNever('missing' as never)).toThrow('Unhandled case: "missing"');
  });
});

describe('contract schemas', () => {
  // Verifies S-03.
  it('outputs and events have no field for a secret', () => {
    const toJson = (schema: z.ZodType) => JSON.stringify(z.toJSONSchema(schema, { unrepresentable: 'any' }));
    const secret = /"(secret|password|token|clientSecret|apiKey)":/;
    // The pattern matches an input that has a secret.
    expect(toJson(calls['connections.add'].input)).toMatch(secret);
    for (const [name, { output }] of nonEmpty(Object.entries(calls))) expect(toJson(output), name).not.toMatch(secret);
    for (const [name, payload] of nonEmpty(Object.entries(events))) expect(toJson(payload), name).not.toMatch(secret);
  });

  // Verifies I-03.
  it('parsing removes unknown fields', () => {
    const validSession: Session = {
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
    expect(session.parse({ ...validSession, payer: 'Alice' })).toEqual(validSession);
  });

  it('isAppError: recognizes an error by its name, also without its prototype', () => {
    const error = new AppError('disk_full', fakeMessage('It is full.'));
    expect(isAppError(error)).toBe(true);
    expect(isAppError(Object.assign(new Error('x'), { name: 'AppError', code: 'disk_full' }))).toBe(true);
    expect(isAppError(new Error('x'))).toBe(false);
  });
});
