import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  check,
  epochDetail,
  startOfCheck,
  type AuditKey,
  type CheckState,
  type Fault,
} from '../../../src-main/core/store/audit-chain/verifier.ts';
import { kindOf } from '../../../src-main/core/store/audit-chain/classify-damage.ts';
import {
  coveredFields,
  genesisMac,
  keyIdOf,
  macOf,
  type AuditHead,
} from '../../../src-main/core/store/audit-chain/record-mac.ts';
import type { AuditRow } from '../../../src-main/core/store/schema.ts';

const keyOf = (fill: number): AuditKey => {
  const key = new Uint8Array(32).fill(fill);
  return { key, keyId: keyIdOf(key) };
};
const ours = keyOf(1);
const other = keyOf(2);

type Content = Pick<AuditRow, 'at' | 'detail' | 'operator' | 'outcome' | 'durationMs' | 'batchId'>;
const content: fc.Arbitrary<Content> = fc.record({
  at: fc
    .date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString()),
  detail: fc.option(fc.string({ unit: 'grapheme' })),
  operator: fc.string(),
  outcome: fc.option(fc.string()),
  durationMs: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
  batchId: fc.option(fc.string()),
});

function chain(contents: readonly Content[], { key, keyId } = ours, before: readonly AuditRow[] = []): AuditRow[] {
  const rows = [...before];
  for (const part of contents) {
    const record: Omit<AuditRow, 'mac'> = {
      sequence: rows.length + 1,
      host: 'desk-7',
      action: 'session_checked',
      connectionId: null,
      connectionName: null,
      environment: null,
      sessionKey: null,
      sessionId: null,
      cancellationId: null,
      reasonCategory: null,
      reasonNote: null,
      providerCode: null,
      requestId: null,
      ...part,
      keyId,
      previousMac: rows.at(-1)?.mac ?? genesisMac,
    };
    rows.push({ ...record, mac: macOf(record, key) });
  }
  return rows;
}

function headOf(rows: readonly AuditRow[]): AuditHead {
  const last = rows.at(-1);
  return { sequence: last?.sequence ?? 0, mac: last?.mac ?? genesisMac, keyId: ours.keyId, log: rows[0]?.mac ?? '' };
}

/** As the store does it, over rows in memory. */
function checked(
  rows: readonly AuditRow[],
  head: AuditHead | null = null,
): { state: CheckState; fault: Fault | null; kind: string | null } {
  const state = startOfCheck();
  const sorted = [...rows].sort((one, another) => one.sequence - another.sequence);
  for (const [index, row] of sorted.entries()) {
    const fault = check(state, row, ours, head);
    if (!fault) continue;
    const before = { sequence: state.next - 1, mac: state.previousMac };
    return {
      state,
      fault,
      kind: kindOf(
        fault,
        { before, row, after: sorted[index + 1], head, elsewhere: sorted, recorded: undefined },
        ours,
      ),
    };
  }
  return { state, fault: null, kind: null };
}

const logs = fc.array(content, { minLength: 3, maxLength: 20 });
const logAndPlace = logs.chain((contents) =>
  fc.record({ rows: fc.constant(chain(contents)), index: fc.nat(contents.length - 1) }),
);

describe('the chain', () => {
  it('of any records is whole, and every MAC fits', () => {
    fc.assert(
      fc.property(logs, (contents) => {
        const rows = chain(contents);
        const { state, fault } = checked(rows, headOf(rows));
        expect([fault, state.verified, state.parted, state.unavailable]).toEqual([null, rows.length, null, []]);
      }),
    );
  });

  it('leaves a field that came later out where it is null, so that older records keep their MAC', () => {
    const [row] = chain([
      { at: 'now', detail: null, operator: 'olivia', outcome: null, durationMs: null, batchId: null },
    ]) as [AuditRow];
    const { mac, batchId: _batchId, ...first } = row;
    const values = coveredFields.filter((field) => field !== 'batchId').map((field) => first[field]);
    expect(
      createHmac('sha256', ours.key)
        .update(`session-desk audit record v1\n${JSON.stringify(values)}`)
        .digest('hex'),
    ).toBe(mac);
    expect(macOf({ ...row, batchId: '' }, ours.key)).not.toBe(mac);
  });

  it('is broken by any change of any field, at that record', () => {
    fc.assert(
      fc.property(
        logAndPlace,
        fc.constantFrom(...coveredFields.filter((field) => field !== 'sequence')),
        fc.string(),
        ({ rows, index }, field, text) => {
          const row = rows[index] as AuditRow;
          fc.pre(row[field] !== text);
          const changed = rows.with(index, { ...row, [field]: text });
          const { fault, kind, state } = checked(changed, headOf(rows));
          // A key id of somebody else's is found once a record of ours follows, and else by where the log ends.
          if (field === 'keyId' && index === rows.length - 1) expect(state.foreignSince).toBe(row.sequence);
          else expect([fault === 'foreign' ? state.foreignSince : state.next, kind]).toEqual([row.sequence, 'altered']);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is broken by whatever is removed, moved or doubled, and the kind is told', () => {
    fc.assert(
      fc.property(logAndPlace, fc.nat(), ({ rows, index }, pick) => {
        const renumbered = (some: readonly AuditRow[]) => some.map((row, at) => ({ ...row, sequence: at + 1 }));
        if (index < rows.length - 1) expect(checked(rows.toSpliced(index, 1)).kind).toBe('missing');
        if (index < rows.length - 1) expect(checked(renumbered(rows.toSpliced(index, 1))).kind).toBe('missing');
        expect(checked(renumbered(rows.toSpliced(index + 1, 0, rows[index] as AuditRow))).kind).toBe('duplicated');
        const place = pick % rows.length;
        fc.pre(place !== index);
        const swapped = rows.with(index, rows[place] as AuditRow).with(place, rows[index] as AuditRow);
        const { kind, state } = checked(renumbered(swapped));
        expect([kind, state.next]).toEqual(['reordered', Math.min(index, place) + 1]);
      }),
      { numRuns: 300 },
    );
  });

  it('that is cut short is whole in itself: the head alone shows it', () => {
    fc.assert(
      fc.property(logAndPlace, ({ rows, index }) => {
        const head = headOf(rows);
        const { fault, state } = checked(rows.slice(0, index), head);
        expect(fault).toBeNull();
        expect(state.next).toBeLessThanOrEqual(head.sequence);
      }),
    );
  });

  it('takes no record made without the key, wherever it is put', () => {
    fc.assert(
      fc.property(logAndPlace, content, ({ rows, index }, forged) => {
        const before = rows.slice(0, index);
        const [last] = chain([forged], { key: other.key, keyId: ours.keyId }, before).slice(-1);
        const with_ = [
          ...before,
          last as AuditRow,
          ...rows.slice(index).map((row) => ({ ...row, sequence: row.sequence + 1 })),
        ];
        const { kind, state } = checked(with_, headOf(rows));
        expect([kind, state.next]).toEqual(['forged', index + 1]);
      }),
      { numRuns: 300 },
    );
  });

  it('goes through another key’s records without vouching for them, if an epoch of ours says that they may be there', () => {
    fc.assert(
      fc.property(logs, logs, logs, content, (first, foreign, second, epoch) => {
        const own = chain(first);
        const between = chain(foreign, other, own);
        const [begun] = chain([epoch], ours, between).slice(-1) as [AuditRow];
        const seal = (detail: string) => {
          const record = { ...begun, action: 'audit_epoch_began' as const, detail };
          return { ...record, mac: macOf(record, ours.key) };
        };
        const whole = chain(second, ours, [...between, seal(epochDetail(own.length))]);
        const { fault, state } = checked(whole, headOf(whole));
        expect([fault, state.verified, state.unavailable]).toEqual([
          null,
          own.length + 1 + second.length,
          [{ from: own.length + 1, to: between.length }],
        ]);
        expect(checked(chain(second, ours, [...between, seal(epochDetail(own.length + 1))])).fault).toBe('foreign');
        expect(checked(chain(second, ours, between)).fault).toBe('foreign');
      }),
    );
  });

  it('says how often the clock went back, which is no damage', () => {
    const at = (...times: string[]) =>
      chain(
        times.map((time) => ({
          at: time,
          detail: null,
          operator: 'o',
          outcome: null,
          durationMs: null,
          batchId: null,
        })),
      );
    const { fault, state } = checked(at('2026-01-02', '2026-01-03', '2026-01-01', '2026-01-04', '2026-01-03'));
    expect([fault, state.clockBack]).toEqual([null, { count: 2, first: 3 }]);
  });

  it('sees at the first record that it is another log than the head’s, and at the head’s that it took another course', () => {
    const text = (detail: string): Content => ({
      at: 'now',
      detail,
      operator: 'o',
      outcome: null,
      durationMs: null,
      batchId: null,
    });
    const [log, another, course] = [
      chain([text('a'), text('b'), text('c')]),
      chain([text('x'), text('b'), text('c')]),
      chain([text('a'), text('b'), text('d')]),
    ];
    expect(checked(another, headOf(log)).state.parted).toEqual({ kind: 'replaced', sequence: 1 });
    expect(checked(course, headOf(log)).state.parted).toEqual({ kind: 'rolled_back', sequence: 3 });
  });
});
