/**
 * Property tests with 10,000 arbitrary bodies per provider: nothing throws, and a session counts as cancelled only if
 * the body reports that for the requested id.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HttpExchange } from '../../../src-main/core/providers/http-exchange.ts';
import { createFlinks } from '../../../src-main/core/providers/flinks.ts';
import { parseToken } from '../../../src-main/core/providers/flinks/calls.ts';
import type { HttpClient } from '../../../src-main/core/providers/http.ts';
import { parseWebhookEvent } from '../../../src-main/core/providers/index.ts';
import { createXendit } from '../../../src-main/core/providers/xendit.ts';
import {
  flinksAccount,
  flinksId,
  flinksTarget,
  neverAborted,
  otherFlinksId,
  otherXenditId,
  xenditAccount,
  xenditId,
  xenditTarget,
} from '../../integration/providers/provider-fixtures.ts';
import { roundsOf } from '../../support/suite.ts';

const propertyOptions = { numRuns: roundsOf({ quick: 2_000, full: 20_000 }) };
const testTimeoutMs = 60_000;

/** Returns the same response to every request. */
function stubHttp(httpStatus: number, body: string): HttpClient {
  const exchange: HttpExchange = { class: 'answered', httpStatus, reasonPhrase: '', headers: {}, body, durationMs: 1 };
  return { send: () => Promise.resolve(exchange), releaseConnection: () => undefined };
}

const arbitraryStatusTexts = fc.constantFrom(
  'Canceled',
  'Cancelled',
  'CANCELED',
  'CANCELLED',
  ' cancelled ',
  'canceled',
  'Uncanceled',
  'not cancelled',
  'Cancelling',
  'CANCELED;',
  'Canceled\u0000',
  'ACTIVE',
  'Initiated',
  'InProgress',
  'Completed',
  'COMPLETED',
  'Expired',
  'Failed',
  'PENDING',
  '',
  ' ',
  'null',
);
const arbitraryCodes = fc.constantFrom(
  'EFT0501',
  'eft0501',
  ' EFT0501',
  'EFT0101',
  'EFT0301',
  'EFT0302',
  'EFT0601',
  'EFT05010',
  'EFT0999',
  'ETR0501',
  '',
);
const arbitraryValue = fc.oneof(
  arbitraryStatusTexts,
  arbitraryCodes,
  fc.jsonValue({ maxDepth: 2 }),
  fc.constant(undefined),
);

/**
 * Bodies that resemble a session: right and wrong ids, statuses and codes, other types, nested, invalid or incomplete.
 */
function arbitraryBodies(idField: string, ids: readonly string[]): fc.Arbitrary<string> {
  const body = fc.record(
    {
      [idField]: fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...ids) }, { weight: 1, arbitrary: arbitraryValue }),
      status: fc.oneof({ weight: 6, arbitrary: arbitraryStatusTexts }, { weight: 1, arbitrary: arbitraryValue }),
      statusDetails: fc.oneof(arbitraryCodes, arbitraryValue),
      amount: fc.oneof(fc.double(), fc.string(), arbitraryValue),
      error: arbitraryValue,
      detail: arbitraryValue,
      title: arbitraryValue,
      error_code: arbitraryValue,
      message: arbitraryValue,
      access_token: arbitraryValue,
      expires_in: arbitraryValue,
      payment_id: arbitraryValue,
      reference_id: arbitraryValue,
      referenceId: arbitraryValue,
      created: arbitraryValue,
      createdAt: arbitraryValue,
      currency: arbitraryValue,
    },
    { requiredKeys: [] },
  );
  const text = body.map((value) => JSON.stringify(value));
  return fc.oneof(
    { weight: 8, arbitrary: text },
    { weight: 1, arbitrary: fc.tuple(text, fc.nat(400)).map(([json, length]) => json.slice(0, length)) },
    { weight: 1, arbitrary: text.map((json) => json.replace(/\}$/, ',}')) },
    {
      weight: 1,
      arbitrary: body.map((value) =>
        JSON.stringify({
          data: value,
          payload: value,
          ...(typeof value.status === 'string' && { outer: value.status }),
        }),
      ),
    },
    { weight: 1, arbitrary: body.map((value) => JSON.stringify([value])) },
    { weight: 1, arbitrary: fc.tuple(text, fc.string()).map(([json, suffix]) => json + suffix) },
    { weight: 1, arbitrary: fc.json() },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  );
}

const statuses = fc.oneof(
  { weight: 3, arbitrary: fc.constant(200) },
  { weight: 1, arbitrary: fc.constantFrom(201, 202, 204, 206, 302, 400, 401, 403, 404, 409, 422, 429, 500, 503) },
);

/** Whether the text reports one of `ids` as cancelled; does not use the parsers of the adapters. */
function isCancelledBody(
  text: string,
  idField: string,
  ids: readonly string[],
  acceptsCodeWithoutStatus: boolean,
): boolean {
  let body: Record<string, unknown>;
  try {
    body = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return false;
  }
  const id = body[idField];
  if (typeof id !== 'string' || !ids.includes(id.trim())) return false;
  const { status, statusDetails } = body;
  if (typeof status === 'string' && /^\s*cancell?ed\s*$/i.test(status)) return true;
  const isBlank = typeof status !== 'string' || status.trim() === '';
  return (
    acceptsCodeWithoutStatus && isBlank && typeof statusDetails === 'string' && /^\s*eft0501\s*$/i.test(statusDetails)
  );
}

describe.each([
  {
    name: 'flinks',
    idField: 'sessionId',
    ownIds: [flinksId, flinksId.toUpperCase()],
    otherIds: [otherFlinksId, `${flinksId}0`, flinksId.slice(1)],
    acceptsCodeWithoutStatus: true,
  },
  {
    name: 'xendit',
    idField: 'payment_session_id',
    ownIds: [xenditId],
    otherIds: [otherXenditId, `${xenditId}0`, xenditId.toUpperCase()],
    acceptsCodeWithoutStatus: false,
  },
])('$name', ({ name, idField, ownIds, otherIds, acceptsCodeWithoutStatus }) => {
  const bodies = arbitraryBodies(idField, [...ownIds, ...ownIds, ...otherIds]);

  it(
    'cancel: only a 2xx that reports the requested session as cancelled counts',
    async () => {
      let cancelledCount = 0;
      await fc.assert(
        fc.asyncProperty(statuses, bodies, async (httpStatus, body) => {
          const http = stubHttp(httpStatus, body);
          // API key mode, so that the body is the response to the cancel and not to authorize.
          const result =
            name === 'flinks'
              ? await createFlinks(http).cancel(
                  flinksAccount('http://localhost', { authMode: 'api_key' }),
                  flinksTarget(),
                  neverAborted,
                )
              : await createXendit(http).cancel(xenditAccount('http://localhost'), xenditTarget(), neverAborted);
          if (result.kind !== 'cancelled') return;
          cancelledCount += 1;
          expect(httpStatus).toBeLessThan(300);
          expect(isCancelledBody(body, idField, ownIds, acceptsCodeWithoutStatus), body).toBe(true);
        }),
        propertyOptions,
      );
      // Otherwise the generator creates no relevant bodies and the property proves nothing.
      expect(cancelledCount).toBeGreaterThan(propertyOptions.numRuns / 50);
    },
    testTimeoutMs,
  );

  it(
    'read: does not throw, and a session is final only with a final status of the table',
    async () => {
      let foundCount = 0;
      await fc.assert(
        fc.asyncProperty(statuses, bodies, async (httpStatus, body) => {
          const http = stubHttp(httpStatus, body);
          const result =
            name === 'flinks'
              ? await createFlinks(http).read(
                  flinksAccount('http://localhost'),
                  flinksTarget('e_transfer'),
                  neverAborted,
                )
              : await createXendit(http).read(xenditAccount('http://localhost'), xenditTarget(), neverAborted);
          if (result.kind !== 'found') return;
          foundCount += 1;
          const { session } = result;
          expect(session.isFinal).toBe(['completed', 'failed', 'cancelled', 'expired'].includes(session.status));
          expect(session.amount === null || /^-?\d+(\.\d+)?$/.test(session.amount)).toBe(true);
          if (session.status === 'cancelled')
            expect(isCancelledBody(body, idField, ownIds, acceptsCodeWithoutStatus), body).toBe(true);
        }),
        propertyOptions,
      );
      expect(foundCount).toBeGreaterThan(propertyOptions.numRuns / 50);
    },
    testTimeoutMs,
  );

  it('parseWebhookEvent: refuses a body without a valid signature', () => {
    fc.assert(
      fc.property(bodies, fc.string(), (body, signature) => {
        expect(
          parseWebhookEvent(name as 'flinks' | 'xendit', {
            bytes: Buffer.from(body),
            signature,
            secret: 'the-webhook-secret',
          }),
        ).toMatchObject({ kind: 'refused', rejectionCode: 'signature_wrong' });
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('parseToken', () => {
  it(
    'token: every token is a valid header value with an expiry time',
    () => {
      let tokenCount = 0;
      fc.assert(
        fc.property(arbitraryBodies('sessionId', [flinksId]), (body) => {
          const token = parseToken(body, 0);
          if (token === null) return;
          tokenCount += 1;
          expect(token.value).toMatch(/^[\x20-\x7e]+$/);
          expect(token.expiresAtMs).toBeGreaterThanOrEqual(0);
        }),
        propertyOptions,
      );
      expect(tokenCount).toBeGreaterThan(propertyOptions.numRuns / 50);
    },
    testTimeoutMs,
  );

  it.each(['{"toString":1}', '{"valueOf":{},"toString":null}', '[299]', 'true', '"soon"', '-1', '1e400', 'null'])(
    'token: with expires_in %s, the lifetime is the shortest documented one',
    (expiresIn) => {
      expect(parseToken(`{"access_token":"t","expires_in":${expiresIn}}`, 0)).toEqual({
        value: 't',
        expiresAtMs: (299 - 30) * 1_000,
      });
    },
  );
});
