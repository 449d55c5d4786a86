/**
 * 10,000 arbitrary bodies per provider: nothing throws, and nothing is claimed that the body does not say of this very
 * session.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../../src-main/core/providers/http-exchange.ts';
import { createFlinks } from '../../../src-main/core/providers/flinks.ts';
import { tokenFrom } from '../../../src-main/core/providers/flinks/token.ts';
import type { Http } from '../../../src-main/core/providers/http.ts';
import { readEvent } from '../../../src-main/core/providers/index.ts';
import { createXendit } from '../../../src-main/core/providers/xendit.ts';
import {
  flinksAccount,
  flinksId,
  flinksTarget,
  never,
  otherFlinksId,
  otherXenditId,
  xenditAccount,
  xenditId,
  xenditTarget,
} from '../../integration/providers/provider-fixtures.ts';

const runs = { numRuns: 10_000 };
const limitMs = 60_000;

/** Gives the same answer to everything. */
function httpThatAnswers(httpStatus: number, body: string): Http {
  const exchange: Exchange = { class: 'answered', httpStatus, reasonPhrase: '', headers: {}, body, durationMs: 1 };
  return { exchange: () => Promise.resolve(exchange), forget: () => undefined };
}

const words = fc.constantFrom(
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
const codes = fc.constantFrom(
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
const anything = fc.oneof(words, codes, fc.jsonValue({ maxDepth: 2 }), fc.constant(undefined));

/**
 * Bodies that nearly say it: right and wrong ids, statuses and codes, as texts and as other things, nested, doubled,
 * cut.
 */
function nearMisses(idField: string, ids: readonly string[]): fc.Arbitrary<string> {
  const body = fc.record(
    {
      [idField]: fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...ids) }, { weight: 1, arbitrary: anything }),
      status: fc.oneof({ weight: 6, arbitrary: words }, { weight: 1, arbitrary: anything }),
      statusDetails: fc.oneof(codes, anything),
      amount: fc.oneof(fc.double(), fc.string(), anything),
      error: anything,
      detail: anything,
      title: anything,
      error_code: anything,
      message: anything,
      access_token: anything,
      expires_in: anything,
      payment_id: anything,
      reference_id: anything,
      referenceId: anything,
      created: anything,
      createdAt: anything,
      currency: anything,
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
function saysCancelled(text: string, idField: string, ids: readonly string[], codeAlone: boolean): boolean {
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
  const bodies = nearMisses(idField, [...own, ...own, ...others]);

  it(
    'is told to have cancelled only by a 2xx that says so for this session',
    async () => {
      let claims = 0;
      await fc.assert(
        fc.asyncProperty(statuses, bodies, async (httpStatus, body) => {
          const http = httpThatAnswers(httpStatus, body);
          // The API key mode, so that the body is the cancel's and not the authorize's.
          const answer =
            name === 'flinks'
              ? await createFlinks(http).cancel(
                  flinksAccount('http://localhost', { authMode: 'api_key' }),
                  flinksTarget(),
                  never,
                )
              : await createXendit(http).cancel(xenditAccount('http://localhost'), xenditTarget(), never);
          if (answer.kind !== 'cancelled') return;
          claims += 1;
          expect(httpStatus).toBeLessThan(300);
          expect(saysCancelled(body, idField, own, codeAlone), body).toBe(true);
        }),
        runs,
      );
      // Else the generator never came near, and the property proved nothing.
      expect(claims).toBeGreaterThan(200);
    },
    limitMs,
  );

  it(
    'is read without a throw, and final only in a state from its table',
    async () => {
      await fc.assert(
        fc.asyncProperty(statuses, bodies, async (httpStatus, body) => {
          const http = httpThatAnswers(httpStatus, body);
          const answer =
            name === 'flinks'
              ? await createFlinks(http).read(flinksAccount('http://localhost'), flinksTarget('e_transfer'), never)
              : await createXendit(http).read(xenditAccount('http://localhost'), xenditTarget(), never);
          if (answer.kind !== 'found') return;
          const { session } = answer;
          expect(session.final).toBe(['completed', 'failed', 'cancelled', 'expired'].includes(session.status));
          expect(session.amount === null || /^-?\d+(\.\d+)?$/.test(session.amount)).toBe(true);
          if (session.status === 'cancelled') expect(saysCancelled(body, idField, own, codeAlone), body).toBe(true);
        }),
        runs,
      );
    },
    limitMs,
  );

  it('takes no body for an event that is not signed for', () => {
    fc.assert(
      fc.property(bodies, fc.string(), (body, signature) => {
        expect(
          readEvent(name as 'flinks' | 'xendit', { bytes: Buffer.from(body), signature, secret: 'the-webhook-secret' }),
        ).toMatchObject({ kind: 'refused', why: 'signature_wrong' });
      }),
      { numRuns: 2_000 },
    );
  });
});

it(
  'takes a token from no body that has none a header could carry',
  () => {
    fc.assert(
      fc.property(nearMisses('sessionId', [flinksId]), (body) => {
        const token = tokenFrom(body, 0);
        if (token === null) return;
        expect(token.value).toMatch(/^[\x20-\x7e]+$/);
        expect(token.goodUntil).toBeGreaterThanOrEqual(0);
      }),
      runs,
    );
  },
  limitMs,
);

describe('a token', () => {
  it.each(['{"toString":1}', '{"valueOf":{},"toString":null}', '[299]', 'true', '"soon"', '-1', '1e400', 'null'])(
    'whose expires_in is %s lives as long as the pages promise at least',
    (life) => {
      expect(tokenFrom(`{"access_token":"t","expires_in":${life}}`, 0)).toEqual({
        value: 't',
        goodUntil: (299 - 30) * 1_000,
      });
    },
  );
});
