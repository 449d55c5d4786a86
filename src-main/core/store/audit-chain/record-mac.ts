/** The MAC of an audit record. `src-main/verify-audit.ts` implements the same format without shared code. */
import { createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { AuditRow } from '../schema.ts';

/**
 * The fields that a MAC covers. Their order never changes. A new field goes to the end and is covered only if it is not
 * null, so that the MACs of older records stay valid.
 */
export const macFields = [
  'sequence',
  'at',
  'operator',
  'host',
  'action',
  'connectionId',
  'connectionName',
  'environment',
  'sessionKey',
  'sessionId',
  'cancellationId',
  'reasonCategory',
  'reasonNote',
  'outcome',
  'detail',
  'providerCode',
  'requestId',
  'durationMs',
  'keyId',
  'previousMac',
  'batchId',
] as const satisfies readonly (keyof AuditRow)[];

/** The previous MAC of the first record. */
export const genesisMac = '0'.repeat(64);

/** The end of the log at one moment. It is stored outside the log, so that a truncated log is detected. */
export interface AuditHead {
  readonly sequence: number;
  readonly mac: string;
  /** Identifies the key without revealing it. */
  readonly keyId: string;
  /** The MAC of the first record; identifies the log. */
  readonly log: string;
}

/** Number of fields in the first format; these are always covered. */
const originalFieldCount = macFields.indexOf('previousMac') + 1;

/**
 * HMAC-SHA-256 of the domain prefix and a JSON array of the covered fields, without nulls of later fields at its end.
 * Lowercase hex.
 */
export function computeMac(record: Omit<AuditRow, 'mac'>, key: Uint8Array): string {
  const values = macFields.map((field) => record[field]);
  while (values.length > originalFieldCount && values.at(-1) === null) values.pop();
  return createHmac('sha256', getKeyObject(key))
    .update(`session-desk audit record v1\n${JSON.stringify(values)}`)
    .digest('hex');
}

const keyObjectCache = new WeakMap<Uint8Array, KeyObject>();

/** Cached: creating a KeyObject takes longer than the MAC of a record. */
function getKeyObject(key: Uint8Array): KeyObject {
  const keyObject = keyObjectCache.get(key) ?? createSecretKey(key);
  keyObjectCache.set(key, keyObject);
  return keyObject;
}

/** The number of records in an export, and whether it contains every record up to the head. */
export interface ExportExtent {
  readonly records: number;
  readonly complete: boolean;
}

/** The MAC at the end of an export; covers its first line, the log head and the extent. Lowercase hex. */
export function computeExportMac(
  headerLine: string,
  head: AuditHead,
  { records, complete }: ExportExtent,
  key: Uint8Array,
): string {
  const values = JSON.stringify([headerLine, head.sequence, head.mac, head.keyId, head.log, records, complete]);
  return createHmac('sha256', key).update(`session-desk audit export v2\n${values}`).digest('hex');
}

export function deriveKeyId(key: Uint8Array): string {
  return createHash('sha256').update('session-desk audit key id\n').update(key).digest('hex').slice(0, 16);
}
