import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  verifyRecord,
  createVerificationState,
  type AuditKey,
  type VerificationState,
  type ChainFault,
} from '../../../src-main/core/store/audit-chain/verifier.ts';
import { classifyDamage } from '../../../src-main/core/store/audit-chain/classify-damage.ts';
import {
  macFields,
  genesisMac,
  deriveKeyId,
  computeMac,
  type AuditHead,
} from '../../../src-main/core/store/audit-chain/record-mac.ts';
import type { AuditRow } from '../../../src-main/core/store/schema.ts';

const keyOf = (fill: number): AuditKey => {
  const key = new Uint8Array(32).fill(fill);
  return { key, keyId: deriveKeyId(key) };
};
const ownKey = keyOf(1);
const otherKey = keyOf(2);

type RecordContent = Pick<AuditRow, 'at' | 'detail' | 'operator' | 'outcome' | 'durationMs' | 'batchId'>;
const arbitraryContent: fc.Arbitrary<RecordContent> = fc.record({
  at: fc
    .date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString()),
  detail: fc.option(fc.string({ unit: 'grapheme' })),
  operator: fc.string(),
  outcome: fc.option(fc.string()),
  durationMs: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
  batchId: fc.option(fc.string()),
});

function buildChain(
  contents: readonly RecordContent[],
  { key, keyId } = ownKey,
  before: readonly AuditRow[] = [],
): AuditRow[] {
  const rows = [...before];
  for (const content of contents) {
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
      ...content,
      keyId,
      previousMac: rows.at(-1)?.mac ?? genesisMac,
    };
    rows.push({ ...record, mac: computeMac(record, key) });
  }
  return rows;
}

function headOf(rows: readonly AuditRow[]): AuditHead {
  const last = rows.at(-1);
  return { sequence: last?.sequence ?? 0, mac: last?.mac ?? genesisMac, keyId: ownKey.keyId, log: rows[0]?.mac ?? '' };
}

/** Verifies rows in memory in the same way as the store. */
function checkChain(
  rows: readonly AuditRow[],
  head: AuditHead | null = null,
): { state: VerificationState; fault: ChainFault | null; kind: string | null } {
  const state = createVerificationState();
  const sorted = [...rows].sort((a, b) => a.sequence - b.sequence);
  for (const [index, row] of sorted.entries()) {
    const fault = verifyRecord(state, row, ownKey, head);
    if (!fault) continue;
    const before = { sequence: state.nextSequence - 1, mac: state.previousMac };
    return {
      state,
      fault,
      kind: classifyDamage(
        fault,
        { before, row, after: sorted[index + 1], head, traces: sorted, recordedKind: undefined },
        ownKey,
      ),
    };
  }
  return { state, fault: null, kind: null };
}

const arbitraryLogs = fc.array(arbitraryContent, { minLength: 3, maxLength: 20 });
const arbitraryLogAndIndex = arbitraryLogs.chain((contents) =>
  fc.record({ rows: fc.constant(buildChain(contents)), index: fc.nat(contents.length - 1) }),
);

describe('audit chain', () => {
  it('audit chain: any sequence of records verifies', () => {
    fc.assert(
      fc.property(arbitraryLogs, (contents) => {
        const rows = buildChain(contents);
        const { state, fault } = checkChain(rows, headOf(rows));
        expect([fault, state.verified, state.headMismatch, state.otherKeyRanges]).toEqual([
          null,
          rows.length,
          null,
          [],
        ]);
      }),
    );
  });

  it('audit chain: a later field is not covered if it is null, so that older records keep their MAC', () => {
    const [row] = buildChain([
      { at: 'now', detail: null, operator: 'olivia', outcome: null, durationMs: null, batchId: null },
    ]) as [AuditRow];
    const { mac, batchId: _batchId, ...first } = row;
    const values = macFields.filter((field) => field !== 'batchId').map((field) => first[field]);
    expect(
      createHmac('sha256', ownKey.key)
        .update(`session-desk audit record v1\n${JSON.stringify(values)}`)
        .digest('hex'),
    ).toBe(mac);
    expect(computeMac({ ...row, batchId: '' }, ownKey.key)).not.toBe(mac);
  });

  it('audit chain: a change of any field is found at that record', () => {
    fc.assert(
      fc.property(
        arbitraryLogAndIndex,
        fc.constantFrom(...macFields.filter((field) => field !== 'sequence')),
        fc.string(),
        ({ rows, index }, field, text) => {
          const row = rows[index] as AuditRow;
          fc.pre(row[field] !== text);
          const changed = rows.with(index, { ...row, [field]: text });
          const { fault, kind, state } = checkChain(changed, headOf(rows));
          // A changed key id is found when a record under the current key follows, or else at the end of the log.
          if (field === 'keyId' && index === rows.length - 1) expect(state.otherKeySince).toBe(row.sequence);
          else
            expect([fault === 'other_key' ? state.otherKeySince : state.nextSequence, kind]).toEqual([
              row.sequence,
              'altered',
            ]);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('audit chain: a removed, moved or duplicated record is found and classified', () => {
    fc.assert(
      fc.property(arbitraryLogAndIndex, fc.nat(), ({ rows, index }, pick) => {
        const renumbered = (records: readonly AuditRow[]) =>
          records.map((row, position) => ({ ...row, sequence: position + 1 }));
        if (index < rows.length - 1) expect(checkChain(rows.toSpliced(index, 1)).kind).toBe('missing');
        if (index < rows.length - 1) expect(checkChain(renumbered(rows.toSpliced(index, 1))).kind).toBe('missing');
        expect(checkChain(renumbered(rows.toSpliced(index + 1, 0, rows[index] as AuditRow))).kind).toBe('duplicated');
        const otherIndex = pick % rows.length;
        fc.pre(otherIndex !== index);
        const swapped = rows.with(index, rows[otherIndex] as AuditRow).with(otherIndex, rows[index] as AuditRow);
        const { kind, state } = checkChain(renumbered(swapped));
        expect([kind, state.nextSequence]).toEqual(['reordered', Math.min(index, otherIndex) + 1]);
      }),
      { numRuns: 300 },
    );
  });

  it('audit chain: a truncated log verifies without a fault, and only the head shows that records are missing', () => {
    fc.assert(
      fc.property(arbitraryLogAndIndex, ({ rows, index }) => {
        const head = headOf(rows);
        const { fault, state } = checkChain(rows.slice(0, index), head);
        expect(fault).toBeNull();
        expect(state.nextSequence).toBeLessThanOrEqual(head.sequence);
      }),
    );
  });

  it('audit chain: a record that was forged without the key is found at any position', () => {
    fc.assert(
      fc.property(arbitraryLogAndIndex, arbitraryContent, ({ rows, index }, forged) => {
        const before = rows.slice(0, index);
        const [last] = buildChain([forged], { key: otherKey.key, keyId: ownKey.keyId }, before).slice(-1);
        const forgedRows = [
          ...before,
          last as AuditRow,
          ...rows.slice(index).map((row) => ({ ...row, sequence: row.sequence + 1 })),
        ];
        const { kind, state } = checkChain(forgedRows, headOf(rows));
        expect([kind, state.nextSequence]).toEqual(['forged', index + 1]);
      }),
      { numRuns: 300 },
    );
  });

  it('audit chain: records of another key are skipped if an epoch record allows them, and are not verified', () => {
    fc.assert(
      fc.property(arbitraryLogs, arbitraryLogs, arbitraryLogs, arbitraryContent, (first, foreign, second, epoch) => {
        const own = buildChain(first);
        const between = buildChain(foreign, otherKey, own);
        const [epochRow] = buildChain([epoch], ownKey, between).slice(-1) as [AuditRow];
        const createEpochRecord = (detail: string) => {
          const record = { ...epochRow, action: 'audit_epoch_began' as const, detail };
          return { ...record, mac: computeMac(record, ownKey.key) };
        };
        const createDetail = (lastOwnSequence: number) => JSON.stringify({ kind: 'epoch', lastOwnSequence });
        const rows = buildChain(second, ownKey, [...between, createEpochRecord(createDetail(own.length))]);
        const { fault, state } = checkChain(rows, headOf(rows));
        expect([fault, state.verified, state.otherKeyRanges]).toEqual([
          null,
          own.length + 1 + second.length,
          [{ from: own.length + 1, to: between.length }],
        ]);
        expect(
          checkChain(buildChain(second, ownKey, [...between, createEpochRecord(createDetail(own.length + 1))])).fault,
        ).toBe('other_key');
        expect(checkChain(buildChain(second, ownKey, between)).fault).toBe('other_key');
        // As an earlier version wrote it.
        const prose = createEpochRecord(`records of this key reach to ${own.length}`);
        expect(checkChain(buildChain(second, ownKey, [...between, prose])).fault).toBeNull();
      }),
    );
  });

  it('audit chain: clock regressions are counted and are not damage', () => {
    const buildChainAt = (...times: string[]) =>
      buildChain(
        times.map((time) => ({
          at: time,
          detail: null,
          operator: 'o',
          outcome: null,
          durationMs: null,
          batchId: null,
        })),
      );
    const rows = buildChainAt('2026-01-02', '2026-01-03', '2026-01-01', '2026-01-04', '2026-01-03');
    const { fault, state } = checkChain(rows);
    expect([fault, state.clockRegressions]).toEqual([null, { count: 2, firstSequence: 3 }]);
  });

  it('audit chain: another log is found at its first record, another branch at the record of the head', () => {
    const content = (detail: string): RecordContent => ({
      at: 'now',
      detail,
      operator: 'o',
      outcome: null,
      durationMs: null,
      batchId: null,
    });
    const log = buildChain([content('a'), content('b'), content('c')]);
    const otherLog = buildChain([content('x'), content('b'), content('c')]);
    const branch = buildChain([content('a'), content('b'), content('d')]);
    expect(checkChain(otherLog, headOf(log)).state.headMismatch).toEqual({ kind: 'replaced', sequence: 1 });
    expect(checkChain(branch, headOf(log)).state.headMismatch).toEqual({ kind: 'rolled_back', sequence: 3 });
  });
});
