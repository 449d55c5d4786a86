/** Creates large databases quickly by SQL, with all triggers and indexes of the schema. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { genesisMac, deriveKeyId, computeMac } from '../../src-main/core/store/audit-chain/record-mac.ts';
import { insertSql, insertValues } from '../../src-main/core/store/audit-chain/audit-rows.ts';
import { Store } from '../../src-main/core/store/index.ts';
import { storeWorkerUrl } from '../support/app.ts';

export const benchAuditKey = new Uint8Array(32).fill(3);
const seededAt = '2026-11-20T14:02:00.000Z';

export function openBenchStore(folder: string): Promise<Store> {
  return Store.open(storeWorkerUrl, { folder, operator: 'bench', host: 'bench', auditKey: benchAuditKey });
}

/** Inserts sessions with the references `Order-1` to `Order-<count>` and four different statuses. */
export async function seedSessions(folder: string, count: number): Promise<void> {
  const store = await openBenchStore(folder);
  await store.run('putConnection', {
    row: {
      id: 'c1',
      provider: 'flinks',
      name: 'bench',
      environment: 'sandbox',
      baseUrl: 'https://example.test',
      options: '{}',
      secretPlace: 'memory',
      secretLastFour: '',
      secretStoredAt: seededAt,
      eventSecretPlace: null,
      locked: 0,
      createdAt: seededAt,
    },
    audit: null,
  });
  await store.close();
  const database = new DatabaseSync(join(folder, 'desk.sqlite'));
  database.exec('BEGIN');
  database
    .prepare(
      `WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < ?)
      INSERT INTO sessions (connection_id, product, id, reference, amount, currency, status, source, first_seen_at)
      SELECT 'c1', 'geft', lower(hex(randomblob(16))), 'Order-' || number, '65.00', 'CAD',
        CASE number % 4 WHEN 0 THEN 'active' WHEN 1 THEN 'completed' WHEN 2 THEN 'expired' ELSE 'cancelled' END,
        'imported', ? FROM numbers`,
    )
    .run(count, seededAt);
  database.exec('COMMIT');
  database.close();
}

/** Appends `count` audit records with valid chain values. */
export async function seedAudit(folder: string, count: number): Promise<void> {
  const store = await openBenchStore(folder);
  const { mac: last } = store.auditHead;
  await store.close();
  const database = new DatabaseSync(join(folder, 'desk.sqlite'));
  const insert = database.prepare(insertSql);
  let previousMac = last || genesisMac;
  database.exec('BEGIN');
  for (let sequence = 2; sequence <= count; sequence += 1) {
    const record = {
      sequence,
      at: seededAt,
      operator: 'bench',
      host: 'bench',
      action: 'cancel_settled' as const,
      connectionId: 'c1',
      connectionName: 'Flinks CA',
      environment: 'sandbox' as const,
      sessionKey: sequence,
      sessionId: `session-${sequence}`,
      cancellationId: null,
      reasonCategory: 'Customer asked',
      reasonNote: 'ticket 8812',
      outcome: 'cancelled',
      detail: 'answer',
      providerCode: null,
      requestId: 'req_7f21',
      durationMs: 412.5,
      batchId: null,
      keyId: deriveKeyId(benchAuditKey),
      previousMac,
    };
    previousMac = computeMac(record, benchAuditKey);
    insert.run(...insertValues({ ...record, mac: previousMac }));
  }
  database.exec('UPDATE audit_tail SET sequence = (SELECT max(sequence) FROM audit); COMMIT');
  database.close();
}
