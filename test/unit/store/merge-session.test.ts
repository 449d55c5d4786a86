import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { finalStatuses, sessionStatus } from '../../../src-main/contract/index.ts';
import { mergeReported, type KnownSession, type ReportedSession } from '../../../src-main/core/store/merge-session.ts';

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

describe('a line about a session that is known', () => {
  it('never puts an older state, or one of unknown age, over a known one', () => {
    fc.assert(
      fc.property(arbitraryKnownSession, arbitraryReportedSession, (before, line) => {
        fc.pre(latestTimestamp(before) !== '' && (line.updatedAt ?? '') <= latestTimestamp(before));
        const next = mergeReported(before, line)?.merged ?? before;
        expect([next.status, next.rawStatus, next.rawDetail]).toEqual([
          before.status,
          before.rawStatus,
          before.rawDetail,
        ]);
        for (const fact of ['reference', 'amount', 'currency'] as const)
          expect(next[fact]).toBe(before[fact] ?? line[fact]);
      }),
    );
  });

  it('never changes a final state that the provider told itself', () => {
    fc.assert(
      fc.property(arbitraryKnownSession, arbitraryReportedSession, (before, line) => {
        fc.pre(before.lastCheckedAt !== null && finalStatuses.some((final) => final === before.status));
        expect((mergeReported(before, line)?.merged ?? before).status).toBe(before.status);
      }),
    );
  });

  it('loses no fact, and taken twice changes nothing the second time', () => {
    fc.assert(
      fc.property(arbitraryKnownSession, arbitraryReportedSession, (before, line) => {
        const next = { ...before, ...mergeReported(before, line)?.merged };
        for (const fact of ['reference', 'amount', 'currency', 'createdAt', 'expiresAt'] as const)
          expect(next[fact] === null && before[fact] !== null).toBe(false);
        expect(mergeReported(next, line)).toBeNull();
      }),
    );
  });

  it('gives the newest state in whatever order the lines come', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(
          arbitraryReportedSession.filter((line) => line.updatedAt !== null && line.status !== null),
          { selector: ({ updatedAt }) => updatedAt, minLength: 2, maxLength: 3 },
        ),
        (lines) => {
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
            order.reduce((session, line) => ({ ...session, ...mergeReported(session, line)?.merged }), start).status;
          expect(after([...lines].reverse())).toBe(after(lines));
        },
      ),
    );
  });
});
