import { describe, expect, it, onTestFinished } from 'vitest';
import type { AuditFilter } from '../../../src-main/contract/index.ts';
import { auditFilter } from '../../../src-main/contract/index.ts';
import { lastRecord, open, tamper, usedBench, type Bench } from './audit-fixtures.ts';

async function reopened(bench: Bench) {
  const desk = await open(bench);
  onTestFinished(() => desk.close());
  return (sequence: number) => desk.handlers['audit.record']({ sequence });
}

describe('a record of the audit log with the chain around it', () => {
  it('is sealed under the key, and agrees with both neighbours', async () => {
    const at = await reopened(await usedBench());
    const [before, one, after] = await Promise.all([at(4), at(5), at(6)]);
    expect(one).toMatchObject({
      seal: 'fits',
      before: { link: 'holds', mac: before?.mac },
      after: { link: 'holds', previousMac: after?.previousMac },
    });
    expect(one?.record).toMatchObject({ sequence: 5, action: 'connection_added' });
    expect(one?.mac).toMatch(/^[0-9a-f]{64}$/);
  });

  it('has nothing before the first and nothing after the last, and none where there is no such record', async () => {
    const bench = await usedBench();
    const at = await reopened(bench);
    // Opening it again left one more.
    const last = lastRecord + 1;
    expect(await at(1)).toMatchObject({ previousMac: '0'.repeat(64), before: { link: 'none', mac: null } });
    expect(await at(last)).toMatchObject({ after: { link: 'none', previousMac: null } });
    expect(await at(last + 1)).toBeNull();
  });

  it('tells where it was altered, and whose neighbour is gone', async () => {
    const bench = await usedBench();
    tamper(bench, "UPDATE audit SET operator = 'nobody' WHERE sequence = 5", 'DELETE FROM audit WHERE sequence = 9');
    const at = await reopened(bench);
    expect(await at(5)).toMatchObject({ seal: 'broken', before: { link: 'holds' }, after: { link: 'holds' } });
    expect(await at(8)).toMatchObject({ seal: 'fits', after: { link: 'missing' } });
    expect(await at(10)).toMatchObject({ seal: 'fits', before: { link: 'missing', mac: null } });
  });

  it('is not called broken where the key is another by now', async () => {
    const bench = await usedBench();
    bench.keychain.entries.clear();
    expect(await (await reopened(bench))(5)).toMatchObject({ seal: 'key_not_available', before: { link: 'holds' } });
  });

  it('tells no key', async () => {
    const bench = await usedBench();
    const told = JSON.stringify(await (await reopened(bench))(5));
    for (const kept of bench.keychain.entries.values()) expect(told).not.toContain(kept);
  });
});

describe('a page of the audit log', () => {
  const added: AuditFilter = auditFilter.parse({ action: 'connection_added' });

  it('passes over as many matching records as asked for, with a filter and without, also beyond its end', async () => {
    const bench = await usedBench();
    const desk = await open(bench);
    onTestFinished(() => desk.close());
    for (const filter of [added, undefined]) {
      const whole = (await desk.handlers['audit.page']({ filter, before: null, skip: 0, limit: 100 })).rows.map(
        ({ sequence }) => sequence,
      );
      for (const skip of [0, 1, 5, whole.length - 1, whole.length, whole.length + 7]) {
        const { rows, total } = await desk.handlers['audit.page']({ filter, before: null, skip, limit: 4 });
        expect(
          rows.map(({ sequence }) => sequence),
          `after ${skip}`,
        ).toEqual(whole.slice(skip, skip + 4));
        expect(total).toBe(whole.length);
      }
    }
  });
});
