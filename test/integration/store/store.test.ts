import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { genesisMac, computeMac } from '../../../src-main/core/store/audit-chain/record-mac.ts';
import type { AuditRow } from '../../../src-main/core/store/schema.ts';
import { Store, type ListPosition, type NewSession, type OperationOutput } from '../../../src-main/core/store/index.ts';
import { createTempFolder, sessionPageInput, storeWorkerUrl, textDetail } from '../../support/app.ts';
import { nonEmpty } from '../../support/non-empty.ts';

const auditKey = new Uint8Array(32).fill(7);
const now = '2026-11-20T14:02:00.000Z';
let folder: string;
let store: Store;

beforeEach(async () => {
  folder = createTempFolder();
  store = await Store.open(storeWorkerUrl, { folder, operator: 'olivia', host: 'desk-7', auditKey });
  await store.run('putConnection', {
    row: {
      id: 'c1',
      provider: 'flinks',
      name: 'Flinks CA',
      environment: 'sandbox',
      baseUrl: 'https://example.test',
      options: '{}',
      secretPlace: 'keychain',
      secretLastFour: '',
      secretStoredAt: now,
      eventSecretPlace: null,
      locked: 0,
      createdAt: now,
    },
    audit: null,
  });
});
afterEach(() => store.close());

function newSession(number: number, changes: Partial<NewSession> = {}): NewSession {
  return {
    connectionId: 'c1',
    product: 'geft',
    id: `id-${number}`,
    reference: `Order-${number}`,
    amount: '65.00',
    currency: 'CAD',
    status: 'active',
    rawStatus: 'Initiated',
    rawDetail: null,
    source: 'added',
    subAccount: null,
    createdAt: now,
    expiresAt: null,
    firstSeenAt: now,
    lastCheckedAt: null,
    ...changes,
  };
}

const trackSessions = (sessions: NewSession[]) => store.run('trackSessions', { sessions, audit: null });
const searchReferences = async (search: string, status: NewSession['status'] | null = null) =>
  (await store.run('sessionPage', sessionPageInput({ search, statuses: status === null ? [] : [status] }))).rows.map(
    ({ reference }) => reference,
  );

/** The records after the first one, which every run appends when it opens the store. */
const appendedAuditRows = () => auditRows().slice(1);

function auditRows(): AuditRow[] {
  const database = new DatabaseSync(join(folder, 'desk.sqlite'), { readOnly: true });
  try {
    return database
      .prepare('SELECT * FROM audit ORDER BY sequence')
      .all()
      .map(
        (row) =>
          Object.fromEntries(
            Object.entries(row).map(([name, value]) => [
              name.replace(/_./g, (pair) => pair.slice(1).toUpperCase()),
              value,
            ]),
          ) as unknown as AuditRow,
      );
  } finally {
    database.close();
  }
}

describe('Store.run with writes', () => {
  it('writes: 200 concurrent writes are all recorded, in order', async () => {
    await Promise.all(
      Array.from({ length: 200 }, (_, number) =>
        store.run('appendAudit', { action: 'session_checked', detail: textDetail(String(number)) }),
      ),
    );
    const rows = appendedAuditRows();
    expect(rows.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 200 }, (_, index) => index + 2));
    expect(rows.map(({ detail }) => detail)).toEqual(Array.from({ length: 200 }, (_, index) => String(index)));
  });

  it('writes: a failed write is rolled back alone, with its audit record', async () => {
    const row = {
      id: crypto.randomUUID(),
      sessionKey: 1,
      state: 'intended',
      cause: null,
      foundStatus: null,
      confirmedBy: null,
      paymentInFlight: 0,
      operator: 'olivia',
      reasonCategory: 'x',
      reasonNote: '',
      calls: 0,
      unclearCalls: 0,
      httpStatus: null,
      providerCode: null,
      providerMessage: null,
      requestId: null,
      requestedAt: now,
      settledAt: null,
    } as const;
    await trackSessions([newSession(1)]);
    const results = await Promise.allSettled([
      store.run('insertIntent', { row, audit: { action: 'cancel_intended', detail: textDetail('first') } }),
      store.run('insertIntent', {
        row: { ...row, id: crypto.randomUUID() },
        audit: { action: 'cancel_intended', detail: textDetail('second, unresolved as well') },
      }),
      store.run('appendAudit', { action: 'session_checked', detail: textDetail('third') }),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(appendedAuditRows().map(({ detail }) => detail)).toEqual(['first', 'third']);
  });

  it('writes: a read that was requested after a write sees it', async () => {
    void trackSessions([newSession(1)]);
    expect(await searchReferences('Order-1')).toEqual(['Order-1']);
  });
});

describe('audit log', () => {
  it('audit log: every record contains the MAC of the previous record and a valid MAC', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (detail) => {
        await store.run('appendAudit', {
          action: 'cancel_declined',
          detail: textDetail(detail),
          durationMs: 1.5,
        });
        await store.run('appendAudit', { action: 'cancel_declined', detail: { kind: 'code', code: detail } });
      }),
      { numRuns: 25 },
    );
    let previous = genesisMac;
    for (const { mac, ...record } of nonEmpty(auditRows())) {
      expect(record.previousMac).toBe(previous);
      expect(computeMac(record, auditKey)).toBe(mac);
      expect(computeMac(record, new Uint8Array(32))).not.toBe(mac);
      previous = mac;
    }
  });

  it.each(['UPDATE audit SET detail = NULL', 'DELETE FROM audit'])('audit log: "%s" fails', async (statement) => {
    await store.run('appendAudit', { action: 'session_checked' });
    const database = new DatabaseSync(join(folder, 'desk.sqlite'));
    expect(() => database.exec(statement)).toThrow('append-only');
    database.close();
  });

  it('audit log: the MAC covers every field of a record', async () => {
    await store.run('appendAudit', { action: 'session_checked', detail: textDetail('original') });
    const [row] = appendedAuditRows();
    if (!row) throw new Error('There is no record.');
    const { mac, ...record } = row;
    for (const field of nonEmpty(Object.keys(record) as (keyof typeof record)[])) {
      const changed = { ...record, [field]: typeof record[field] === 'number' ? 99 : 'changed' };
      expect(computeMac(changed as typeof record, auditKey), field).not.toBe(mac);
    }
  });
});

describe('sessions', () => {
  it('session search: finds any part of reference or id, in any case, with special characters', async () => {
    await trackSessions([
      newSession(1, { reference: 'Zoë "100%_off"' }),
      newSession(20491),
      newSession(3, { reference: null, id: 'ps-661f5e' }),
    ]);
    expect(await searchReferences('order-204')).toEqual(['Order-20491']);
    expect(await searchReferences('PS-661')).toEqual([null]);
    expect(await searchReferences('"100%_')).toEqual(['Zoë "100%_off"']);
    expect(await searchReferences('%')).toEqual(['Zoë "100%_off"']);
    expect(await searchReferences('91')).toEqual(['Order-20491']);
    expect(await searchReferences('nobody')).toEqual([]);
  });

  it('session search: a text that looks like a query is searched literally', async () => {
    await trackSessions([newSession(1)]);
    for (const search of ['"', 'NEAR(', 'a AND b', "'; DROP TABLE sessions; --", 'reference:', '*', '\\']) {
      expect(await searchReferences(search), search).toEqual([]);
    }
    expect(await searchReferences('')).toEqual(['Order-1']);
  });

  it('session pages: return every session once, newest first', async () => {
    await trackSessions(Array.from({ length: 1_050 }, (_, number) => newSession(number)));
    const seen: number[] = [];
    let after: ListPosition | null = null;
    do {
      const page: OperationOutput<'sessionPage'> = await store.run('sessionPage', {
        ...sessionPageInput({}, 200),
        after,
      });
      seen.push(...page.rows.map(({ key }) => key));
      after = page.next;
    } while (after !== null);
    expect(seen).toEqual(Array.from({ length: 1_050 }, (_, index) => 1_050 - index));
    const skipped = await store.run('sessionPage', {
      ...sessionPageInput({}, 1),
      after: { value: null, key: 1_001 },
      skip: 500,
    });
    expect(skipped.rows[0]?.key).toBe(500);
  });

  it('trackSessions: a session that is added again is tracked once', async () => {
    expect(await trackSessions([newSession(1), newSession(1)])).toHaveLength(1);
    expect(await trackSessions([newSession(1)])).toEqual([]);
    expect(await store.run('sessionCountGroups', null)).toMatchObject([{ sessions: 1 }]);
  });

  it('recordReading: fields that were not reported stay, and a change adds a timeline event', async () => {
    const [tracked] = await trackSessions([newSession(1)]);
    const reading = {
      status: 'cancelled',
      rawStatus: 'Canceled',
      rawDetail: 'EFT0501',
      reference: null,
      amount: null,
      currency: null,
      createdAt: null,
      expiresAt: null,
    } as const;
    const sessionKey = tracked?.key ?? 0;
    const record = () =>
      store.run('recordReading', { sessionKey, reading, readAt: now, audit: { action: 'session_checked' } });
    expect(await record()).toMatchObject({
      status: 'cancelled',
      reference: 'Order-1',
      amount: '65.00',
      lastCheckedAt: now,
    });
    await record();
    const events = await store.run('sessionEvents', sessionKey);
    expect(events.map(({ kind, fromStatus, toStatus }) => [kind, fromStatus, toStatus])).toEqual([
      ['status', 'active', 'cancelled'],
      ['tracked', null, 'active'],
    ]);
    expect(await store.run('sessionCountGroups', null)).toMatchObject([{ status: 'cancelled', sessions: 1 }]);
    expect(await searchReferences('', 'cancelled')).toEqual(['Order-1']);
  });
});
