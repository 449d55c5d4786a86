/**
 * 10,000 arbitrary bodies per provider: nothing throws, and nothing is claimed that the body does not say of this very
 * session.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HttpExchange } from '../../../src-main/core/providers/http-exchange.ts';
import { createFlinks } from '../../../src-main/core/providers/flinks.ts';
import { parseToken } from '../../../src-main/core/providers/flinks/token.ts';
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

const propertyOptions = { numRuns: 10_000 };
const testTimeoutMs = 60_000;

/** Gives the same answer to everything. */
function stubHttp(httpStatus: number, body: string): HttpClient {
  const exchange: HttpExchange = { class: 'answered', httpStatus, reasonPhrase: '', headers: {}, body, durationMs: 1 };
  return { send: () => Promise.resolve(exchange), releaseConnection: () => undefined };
}

const arbitraryWords = fc.constantFrom(
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
const arbitraryValue = fc.oneof(arbitraryWords, arbitraryCodes, fc.jsonValue({ maxDepth: 2 }), fc.constant(undefined));

/**
 * Bodies that nearly say it: right and wrong ids, statuses and codes, as texts and as other things, nested, doubled,
 * cut.
 */
function arbitraryBodies(idField: string, ids: readonly string[]): fc.Arbitrary<string> {
  const body = fc.record(
    {
      [idField]: fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...ids) }, { weight: 1, arbitrary: arbitraryValue }),
      status: fc.oneof({ weight: 6, arbitrary: arbitraryWords }, { weight: 1, arbitrary: arbitraryValue }),
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
    { weight: 1, arbitrary: fc.tuple(text, fc.nat(400)).map(([whole, at]) => whole.slice(0, at)) },
    { weight: 1, arbitrary: text.map((whole) => whole.replace(/\}$/, ',}')) },
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
    { weight: 1, arbitrary: fc.tuple(text, fc.string()).map(([whole, more]) => whole + more) },
    { weight: 1, arbitrary: fc.json() },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  );
}

const statuses = fc.oneof(
  { weight: 3, arbitrary: fc.constant(200) },
  { weight: 1, arbitrary: fc.constantFrom(201, 202, 204, 206, 302, 400, 401, 403, 404, 409, 422, 429, 500, 503) },
);

/** Read with no help from the adapters: does this text say that session `id` is cancelled? */
function isCancelledBody(text: string, idField: string, ids: readonly string[], codeAlone: boolean): boolean {
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
  return codeAlone && isBlank && typeof statusDetails === 'string' && /^\s*eft0501\s*$/i.test(statusDetails);
}

describe.each([
  {
    name: 'flinks',
    idField: 'sessionId',
    own: [flinksId, flinksId.toUpperCase()],
    others: [otherFlinksId, `${flinksId}0`, flinksId.slice(1)],
    codeAlone: true,
  },
  {
    name: 'xendit',
    idField: 'payment_session_id',
    own: [xenditId],
    others: [otherXenditId, `${xenditId}0`, xenditId.toUpperCase()],
    codeAlone: false,
  },
])('$name', ({ name, idField, own, others, codeAlone }) => {
  const bodies = arbitraryBodies(idField, [...own, ...own, ...others]);

  it(
    'is told to have cancelled only by a 2xx that says so for this session',
    async () => {
      let claims = 0;
      await fc.assert(
        fc.asyncProperty(statuses, bodies, async (httpStatus, body) => {
          const http = stubHttp(httpStatus, body);
          // The API key mode, so that the body is the cancel's and not the authorize's.
          const answer =
            name === 'flinks'
              ? await createFlinks(http).cancel(
                  flinksAccount('http://localhost', { authMode: 'api_key' }),
                  flinksTarget(),
                  neverAborted,
                )
              : await createXendit(http).cancel(xenditAccount('http://localhost'), xenditTarget(), neverAborted);
          if (answer.kind !== 'cancelled') return;
          claims += 1;
          expect(httpStatus).toBeLessThan(300);
          expect(isCancelledBody(body, idField, own, codeAlone), body).toBe(true);
        }),
        propertyOptions,
      );
      // Else the generator never came near, and the property proved nothing.
      expect(claims).toBeGreaterThan(200);
    },
    testTimeoutMs,
  );

  it(
    'is read without a throw, and final only in a state from its table',
    async () => {
      await fc.assert(
        fc.asyncProperty(statuses, bodies, async (httpStatus, body) => {
          const http = stubHttp(httpStatus, body);
          const answer =
            name === 'flinks'
              ? await createFlinks(http).read(
                  flinksAccount('http://localhost'),
                  flinksTarget('e_transfer'),
                  neverAborted,
                )
              : await createXendit(http).read(xenditAccount('http://localhost'), xenditTarget(), neverAborted);
          if (answer.kind !== 'found') return;
          const { session } = answer;
          expect(session.isFinal).toBe(['completed', 'failed', 'cancelled', 'expired'].includes(session.status));
          expect(session.amount === null || /^-?\d+(\.\d+)?$/.test(session.amount)).toBe(true);
          if (session.status === 'cancelled') expect(isCancelledBody(body, idField, own, codeAlone), body).toBe(true);
        }),
        propertyOptions,
      );
    },
    testTimeoutMs,
  );

  it('takes no body for an event that is not signed for', () => {
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

it(
  'takes a token from no body that has none a header could carry',
  () => {
    fc.assert(
      fc.property(arbitraryBodies('sessionId', [flinksId]), (body) => {
        const token = parseToken(body, 0);
        if (token === null) return;
        expect(token.value).toMatch(/^[\x20-\x7e]+$/);
        expect(token.expiresAtMs).toBeGreaterThanOrEqual(0);
      }),
      propertyOptions,
    );
  },
  testTimeoutMs,
);

describe('a token', () => {
  it.each(['{"toString":1}', '{"valueOf":{},"toString":null}', '[299]', 'true', '"soon"', '-1', '1e400', 'null'])(
    'whose expires_in is %s lives as long as the pages promise at least',
    (life) => {
      expect(parseToken(`{"access_token":"t","expires_in":${life}}`, 0)).toEqual({
        value: 't',
        expiresAtMs: (299 - 30) * 1_000,
      });
    },
  );
});
