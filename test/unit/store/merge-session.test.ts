import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { finalStatuses, sessionStatus, sessionField } from '../../../src-main/contract/index.ts';
import {
  mergeReported,
  type KnownSession,
  type ReportedSession,
  diffSessionFields,
  type SessionFields,
} from '../../../src-main/core/store/merge-session.ts';
import { nonEmpty } from '../../support/non-empty.ts';

const time = fc.constantFrom('2026-11-01T00:00:00.000Z', '2026-11-02T00:00:00.000Z', '2026-11-03T00:00:00.000Z');
const text = fc.option(fc.constantFrom('a', 'b'), { nil: null });
const arbitraryFields = {
  reference: text,
  amount: text,
  currency: text,
  subAccount: text,
  createdAt: text,
  expiresAt: text,
  rawStatus: text,
  rawDetail: text,
};
const status = fc.constantFrom(...sessionStatus.options);
const arbitraryKnownSession: fc.Arbitrary<KnownSession> = fc.record({
  ...arbitraryFields,
  status,
  lastCheckedAt: fc.option(time, { nil: null }),
  reportedAt: fc.option(time, { nil: null }),
});
const arbitraryReportedSession: fc.Arbitrary<ReportedSession> = fc.record({
  ...arbitraryFields,
  id: fc.constant('1'),
  product: fc.constant('geft'),
  status: fc.option(status, { nil: null }),
  updatedAt: fc.option(time, { nil: null }),
});
const latestTimestamp = ({ lastCheckedAt, reportedAt }: KnownSession) =>
  [lastCheckedAt ?? '', reportedAt ?? ''].sort().at(-1) ?? '';

describe('mergeReported', () => {
  it('merge: an older record, or one of unknown age, never overwrites known data', () => {
    fc.assert(
      fc.property(arbitraryKnownSession, arbitraryReportedSession, (before, reported) => {
        fc.pre(latestTimestamp(before) !== '' && (reported.updatedAt ?? '') <= latestTimestamp(before));
        const next = mergeReported(before, reported)?.merged ?? before;
        expect([next.status, next.rawStatus, next.rawDetail]).toEqual([
          before.status,
          before.rawStatus,
          before.rawDetail,
        ]);
        for (const field of ['reference', 'amount', 'currency'] as const)
          expect(next[field]).toBe(before[field] ?? reported[field]);
      }),
    );
  });

  it('merge: a final status that was read from the provider never changes', () => {
    fc.assert(
      fc.property(arbitraryKnownSession, arbitraryReportedSession, (before, reported) => {
        fc.pre(before.lastCheckedAt !== null && finalStatuses.some((final) => final === before.status));
        expect((mergeReported(before, reported)?.merged ?? before).status).toBe(before.status);
      }),
    );
  });

  it('merge: no field is lost, and merging the same record again changes nothing', () => {
    fc.assert(
      fc.property(arbitraryKnownSession, arbitraryReportedSession, (before, reported) => {
        const next = { ...before, ...mergeReported(before, reported)?.merged };
        for (const field of ['reference', 'amount', 'currency', 'createdAt', 'expiresAt'] as const)
          expect(next[field] === null && before[field] !== null).toBe(false);
        expect(mergeReported(next, reported)).toBeNull();
      }),
    );
  });

  it('merge: the newest status wins in any order of the records', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(
          arbitraryReportedSession.filter(({ updatedAt, status }) => updatedAt !== null && status !== null),
          { selector: ({ updatedAt }) => updatedAt, minLength: 2, maxLength: 3 },
        ),
        (records) => {
          const start: KnownSession = {
            reference: null,
            amount: null,
            currency: null,
            subAccount: null,
            createdAt: null,
            expiresAt: null,
            status: 'unknown',
            rawStatus: null,
            rawDetail: null,
            lastCheckedAt: null,
            reportedAt: null,
          };
          const after = (order: readonly ReportedSession[]) =>
            order.reduce((session, record) => ({ ...session, ...mergeReported(session, record)?.merged }), start)
              .status;
          expect(after([...records].reverse())).toBe(after(records));
        },
      ),
    );
  });
});

const value = fc.option(fc.constantFrom('', 'a', '65.10', '65.1', '100', '100.00', '2026-11-01T00:00:00.000Z'), {
  nil: null,
});
const values = Object.fromEntries(sessionField.options.map((field) => [field, value])) as Record<
  keyof SessionFields,
  typeof value
>;
const arbitraryDiffFields: fc.Arbitrary<SessionFields> = fc.record(values);
const emptyFields: SessionFields = {
  reference: null,
  amount: null,
  currency: null,
  subAccount: null,
  createdAt: null,
  expiresAt: null,
};

describe('diffSessionFields', () => {
  it('session diff: is empty for equal sessions and symmetric', () => {
    fc.assert(
      fc.property(arbitraryDiffFields, arbitraryDiffFields, (before, after) => {
        expect(diffSessionFields(before, before)).toEqual([]);
        const reversed = diffSessionFields(after, before).map(({ fact, from, to }) => ({ fact, from: to, to: from }));
        expect(diffSessionFields(before, after)).toEqual(reversed);
      }),
    );
  });

  it('session diff: applied to the session before, gives the session after', () => {
    fc.assert(
      fc.property(arbitraryDiffFields, arbitraryDiffFields, (before, after) => {
        const changes = Object.fromEntries(diffSessionFields(before, after).map(({ fact, to }) => [fact, to]));
        expect(diffSessionFields({ ...before, ...changes }, after)).toEqual([]);
        for (const field of nonEmpty(sessionField.options))
          if (field !== 'amount') expect(field in changes).toBe(before[field] !== after[field]);
      }),
    );
  });

  it.each([
    ['65.10', '65.1', false],
    ['65.00', '65', false],
    ['0.0', '0', false],
    ['100', '10', true],
    ['100', '1', true],
    ['65.1', '65.01', true],
    [null, '65', true],
    ['65', null, true],
  ])('session diff: amount %s to %s is a change: %s', (from, to, isChanged) => {
    expect(diffSessionFields({ ...emptyFields, amount: from }, { ...emptyFields, amount: to })).toEqual(
      isChanged ? [{ fact: 'amount', from, to }] : [],
    );
  });
});
