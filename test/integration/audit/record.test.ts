import { describe, expect, it, onTestFinished } from 'vitest';
import type { AuditFilter } from '../../../src-main/contract/index.ts';
import { auditFilter } from '../../../src-main/contract/index.ts';
import {
  lastSequence,
  openFixture,
  tamperWithFixture,
  createFilledAuditFixture,
  type AuditFixture,
} from './audit-fixtures.ts';
import { nonEmpty } from '../../support/non-empty.ts';

async function reopenFixture(fixture: AuditFixture) {
  const app = await openFixture(fixture);
  onTestFinished(() => app.close());
  return (sequence: number) => app.handlers['audit.get']({ sequence });
}

describe('audit.get', () => {
  it('audit record: has a valid MAC and intact links to both neighbours', async () => {
    const readRecord = await reopenFixture(await createFilledAuditFixture());
    const [before, chain, after] = await Promise.all([readRecord(4), readRecord(5), readRecord(6)]);
    expect(chain).toMatchObject({
      macStatus: 'valid',
      previous: { link: 'intact', mac: before?.mac },
      next: { link: 'intact', previousMac: after?.previousMac },
    });
    expect(chain?.record).toMatchObject({ sequence: 5, action: 'connection_added' });
    expect(chain?.mac).toMatch(/^[0-9a-f]{64}$/);
  });

  it('audit record: the first and the last have no outer link, and an unknown sequence returns null', async () => {
    const fixture = await createFilledAuditFixture();
    const readRecord = await reopenFixture(fixture);
    // Opening the workspace again appended one record.
    const last = lastSequence + 1;
    expect(await readRecord(1)).toMatchObject({ previousMac: '0'.repeat(64), previous: { link: 'none', mac: null } });
    expect(await readRecord(last)).toMatchObject({ next: { link: 'none', previousMac: null } });
    expect(await readRecord(last + 1)).toBeNull();
  });

  it('audit record: an altered record has an invalid MAC, and a removed neighbour is a missing link', async () => {
    const fixture = await createFilledAuditFixture();
    tamperWithFixture(
      fixture,
      "UPDATE audit SET operator = 'nobody' WHERE sequence = 5",
      'DELETE FROM audit WHERE sequence = 9',
    );
    const readRecord = await reopenFixture(fixture);
    expect(await readRecord(5)).toMatchObject({
      macStatus: 'invalid',
      previous: { link: 'intact' },
      next: { link: 'intact' },
    });
    expect(await readRecord(8)).toMatchObject({ macStatus: 'valid', next: { link: 'missing' } });
    expect(await readRecord(10)).toMatchObject({ macStatus: 'valid', previous: { link: 'missing', mac: null } });
  });

  it('audit record: a record of another key has the MAC status key_not_available', async () => {
    const fixture = await createFilledAuditFixture();
    fixture.keychain.entries.clear();
    expect(await (await reopenFixture(fixture))(5)).toMatchObject({
      macStatus: 'key_not_available',
      previous: { link: 'intact' },
    });
  });

  it('audit record: contains no secret from the keychain', async () => {
    const fixture = await createFilledAuditFixture();
    const output = JSON.stringify(await (await reopenFixture(fixture))(5));
    for (const secret of nonEmpty(fixture.keychain.entries.values())) expect(output).not.toContain(secret);
  });
});

describe('audit.list', () => {
  const connectionAdded: AuditFilter = auditFilter.parse({ action: 'connection_added' });

  it('audit page: skips matching records, with and without a filter, also past the end', async () => {
    const fixture = await createFilledAuditFixture();
    const app = await openFixture(fixture);
    onTestFinished(() => app.close());
    for (const filter of [connectionAdded, undefined]) {
      const all = (await app.handlers['audit.list']({ filter, before: null, skip: 0, limit: 100 })).rows.map(
        ({ sequence }) => sequence,
      );
      for (const skip of [0, 1, 5, all.length - 1, all.length, all.length + 7]) {
        const { rows, total } = await app.handlers['audit.list']({ filter, before: null, skip, limit: 4 });
        expect(
          rows.map(({ sequence }) => sequence),
          `after ${skip}`,
        ).toEqual(all.slice(skip, skip + 4));
        expect(total).toBe(all.length);
      }
    }
  });
});
