import { describe, expect, it, onTestFinished } from 'vitest';
import type { AuditFilter } from '../../../src-main/contract/index.ts';
import { auditFilter } from '../../../src-main/contract/index.ts';
import {
  lastSequence,
  openFixture,
  tamperWithFile,
  createFilledAuditFixture,
  type AuditFixture,
} from './audit-fixtures.ts';

async function reopenFixture(bench: AuditFixture) {
  const app = await openFixture(bench);
  onTestFinished(() => app.close());
  return (sequence: number) => app.handlers['audit.record']({ sequence });
}

describe('a record of the audit log with the chain around it', () => {
  it('is sealed under the key, and agrees with both neighbours', async () => {
    const at = await reopenFixture(await createFilledAuditFixture());
    const [before, one, after] = await Promise.all([at(4), at(5), at(6)]);
    expect(one).toMatchObject({
      macStatus: 'valid',
      previous: { link: 'intact', mac: before?.mac },
      next: { link: 'intact', previousMac: after?.previousMac },
    });
    expect(one?.record).toMatchObject({ sequence: 5, action: 'connection_added' });
    expect(one?.mac).toMatch(/^[0-9a-f]{64}$/);
  });

  it('has nothing before the first and nothing after the last, and none where there is no such record', async () => {
    const bench = await createFilledAuditFixture();
    const at = await reopenFixture(bench);
    // Opening it again left one more.
    const last = lastSequence + 1;
    expect(await at(1)).toMatchObject({ previousMac: '0'.repeat(64), previous: { link: 'none', mac: null } });
    expect(await at(last)).toMatchObject({ next: { link: 'none', previousMac: null } });
    expect(await at(last + 1)).toBeNull();
  });

  it('tells where it was altered, and whose neighbour is gone', async () => {
    const bench = await createFilledAuditFixture();
    tamperWithFile(
      bench,
      "UPDATE audit SET operator = 'nobody' WHERE sequence = 5",
      'DELETE FROM audit WHERE sequence = 9',
    );
    const at = await reopenFixture(bench);
    expect(await at(5)).toMatchObject({ macStatus: 'invalid', previous: { link: 'intact' }, next: { link: 'intact' } });
    expect(await at(8)).toMatchObject({ macStatus: 'valid', next: { link: 'missing' } });
    expect(await at(10)).toMatchObject({ macStatus: 'valid', previous: { link: 'missing', mac: null } });
  });

  it('is not called broken where the key is another by now', async () => {
    const bench = await createFilledAuditFixture();
    bench.keychain.entries.clear();
    expect(await (await reopenFixture(bench))(5)).toMatchObject({
      macStatus: 'key_not_available',
      previous: { link: 'intact' },
    });
  });

  it('tells no key', async () => {
    const bench = await createFilledAuditFixture();
    const told = JSON.stringify(await (await reopenFixture(bench))(5));
    for (const kept of bench.keychain.entries.values()) expect(told).not.toContain(kept);
  });
});

describe('a page of the audit log', () => {
  const added: AuditFilter = auditFilter.parse({ action: 'connection_added' });

  it('passes over as many matching records as asked for, with a filter and without, also beyond its end', async () => {
    const bench = await createFilledAuditFixture();
    const app = await openFixture(bench);
    onTestFinished(() => app.close());
    for (const filter of [added, undefined]) {
      const whole = (await app.handlers['audit.page']({ filter, before: null, skip: 0, limit: 100 })).rows.map(
        ({ sequence }) => sequence,
      );
      for (const skip of [0, 1, 5, whole.length - 1, whole.length, whole.length + 7]) {
        const { rows, total } = await app.handlers['audit.page']({ filter, before: null, skip, limit: 4 });
        expect(
          rows.map(({ sequence }) => sequence),
          `after ${skip}`,
        ).toEqual(whole.slice(skip, skip + 4));
        expect(total).toBe(whole.length);
      }
    }
  });
});
