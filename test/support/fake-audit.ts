/** Audit calls of the fake API client: generated records, every filter of the contract, and an intact chain. */
import { auditFilter } from '../../src-main/contract/index.ts';
import type { AuditFilter, AuditRecord, CallInput, CallName, CallOutput } from '../../src-main/contract/index.ts';

interface FakeAuditOptions {
  readonly recordCount: number;
  recordAt(sequence: number): AuditRecord;
}

function matchesFilter(filter: AuditFilter, row: AuditRecord): boolean {
  const { from, to, ...exact } = filter;
  return (
    (from === null || row.at >= from) &&
    (to === null || row.at < to) &&
    (Object.keys(exact) as (keyof typeof exact)[]).every(
      (field) => exact[field] === null || row[field] === exact[field],
    )
  );
}

const macOf = (sequence: number): string => sequence.toString(16).padStart(64, sequence === 0 ? '0' : 'a');

export function fakeAudit({ recordCount, recordAt }: FakeAuditOptions): {
  [Name in CallName]?: (input: CallInput<Name>) => CallOutput<Name>;
} {
  const all = (): AuditRecord[] => Array.from({ length: recordCount }, (_, index) => recordAt(recordCount - index));
  return {
    'audit.list': ({ filter, before, skip = 0, limit = 200 }) => {
      const parsedFilter = filter && auditFilter.parse(filter);
      const matching = parsedFilter ? all().filter((row) => matchesFilter(parsedFilter, row)) : null;
      const top = Math.min(recordCount, (before ?? recordCount + 1) - 1);
      if (!matching)
        return {
          rows: Array.from({ length: Math.max(0, Math.min(limit, top - skip)) }, (_, index) =>
            recordAt(top - skip - index),
          ),
          total: recordCount,
        };
      return {
        rows: matching.filter(({ sequence }) => sequence <= top).slice(skip, skip + limit),
        total: matching.length,
      };
    },
    'audit.get': ({ sequence }) =>
      sequence > recordCount
        ? null
        : {
            record: recordAt(sequence),
            mac: macOf(sequence),
            previousMac: macOf(sequence - 1),
            keyId: 'a1b2c3d4e5f60718',
            macStatus: 'valid',
            previous: sequence === 1 ? { link: 'none', mac: null } : { link: 'intact', mac: macOf(sequence - 1) },
            next:
              sequence === recordCount
                ? { link: 'none', previousMac: null }
                : { link: 'intact', previousMac: macOf(sequence) },
          },
    'audit.countOutcomes': ({ from, to }) => {
      const days = new Map<string, Record<string, number>>();
      for (const { at, action, outcome } of all()) {
        const day = at.slice(0, 10);
        if (action !== 'cancel_settled' || outcome === null || day < from || day > to) continue;
        const outcomes = days.get(day) ?? {};
        days.set(day, { ...outcomes, [outcome]: (outcomes[outcome] ?? 0) + 1 });
      }
      return [...days].sort().map(([day, outcomes]) => ({ day, outcomes }));
    },
  };
}
