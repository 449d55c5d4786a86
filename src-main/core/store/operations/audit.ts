import { createHmac } from 'node:crypto';
import type { AuditRecord } from '../../../contract/index.ts';
import type { Database } from '../kysely.ts';
import type { AuditRow } from '../schema.ts';

/** What a caller says of an event; who, where and when are stamped by the log itself. */
export type AuditEntry = Pick<AuditRecord, 'action'> & Partial<Omit<AuditRecord, 'sequence' | 'at' | 'operator' | 'host' | 'action'>>;

export interface AuditIdentity {
  readonly operator: string;
  readonly host: string;
  readonly keyId: string;
  readonly key: Uint8Array;
}

/** The fields a MAC covers, in this order for ever: a field added later goes to the end. */
const covered = [
  'sequence', 'at', 'operator', 'host', 'action', 'connectionId', 'connectionName', 'environment', 'sessionKey', 'sessionId',
  'cancellationId', 'reasonCategory', 'reasonNote', 'outcome', 'detail', 'providerCode', 'requestId', 'durationMs', 'keyId',
  'previousMac',
] as const satisfies readonly (keyof AuditRow)[];

const domain = 'session-desk audit record v1\n';
export const genesisMac = '0'.repeat(64);

/** HMAC-SHA-256 over the domain prefix and a JSON array of the covered fields; hex, lower case. */
export function macOf(record: Omit<AuditRow, 'mac'>, key: Uint8Array): string {
  return createHmac('sha256', key).update(domain).update(JSON.stringify(covered.map((field) => record[field]))).digest('hex');
}

/** Appends within the transaction of what it records, chained to the record before. */
export async function appendAudit(database: Database, identity: AuditIdentity, entry: AuditEntry, at: string): Promise<number> {
  const last = await database.selectFrom('audit').select(['sequence', 'mac']).orderBy('sequence', 'desc').limit(1).executeTakeFirst();
  const record = {
    sequence: (last?.sequence ?? 0) + 1,
    at,
    operator: identity.operator,
    host: identity.host,
    connectionId: null, connectionName: null, environment: null, sessionKey: null, sessionId: null, cancellationId: null,
    reasonCategory: null, reasonNote: null, outcome: null, detail: null, providerCode: null, requestId: null, durationMs: null,
    ...wellFormed(entry),
    keyId: identity.keyId,
    previousMac: last?.mac ?? genesisMac,
  };
  await database.insertInto('audit').values({ ...record, mac: macOf(record, identity.key) }).execute();
  return record.sequence;
}

/** A lone surrogate would be stored as another character than the one the MAC covered. */
function wellFormed(entry: AuditEntry): AuditEntry {
  return JSON.parse(JSON.stringify(entry, (_, value: unknown) => (typeof value === 'string' ? replaceLoneSurrogates(value) : value))) as AuditEntry;
}

function replaceLoneSurrogates(text: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(text));
}

export async function auditPage(database: Database, input: { before: number | null; limit: number }) {
  const rows = await database
    .selectFrom('audit')
    .selectAll()
    .$if(input.before !== null, (query) => query.where('sequence', '<', input.before))
    .orderBy('sequence', 'desc')
    .limit(input.limit)
    .execute();
  const last = await database.selectFrom('audit').select('sequence').orderBy('sequence', 'desc').limit(1).executeTakeFirst();
  return { rows: rows.map(({ keyId: _keyId, previousMac: _previousMac, mac: _mac, ...record }) => record), total: last?.sequence ?? 0 };
}
