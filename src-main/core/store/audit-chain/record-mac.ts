/** What a record of the audit log is made of. `src-main/verify-audit.ts` shares the format with it, and no code. */
import { createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { AuditRow } from '../schema.ts';

/**
 * The fields a MAC covers, in this order for ever. A field added later goes to the end and is covered where it is not null,
 * so that the records from before it keep the MAC they have.
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

/** What the first record has in place of the MAC before it. */
export const genesisMac = '0'.repeat(64);

/** Where the log ended when this was written, kept apart from the log so that a log cut short is seen. */
export interface AuditHead {
  readonly sequence: number;
  readonly mac: string;
  /** Names the key without telling it. */
  readonly keyId: string;
  /** The MAC of the first record: which log this is the head of. */
  readonly log: string;
}

/** How many fields the first format had: of these none is ever left out. */
const originalFieldCount = macFields.indexOf('previousMac') + 1;

/** HMAC-SHA-256 over the domain prefix and a JSON array of the covered fields, later ones without the nulls at its end; hex, lower case. */
export function computeMac(record: Omit<AuditRow, 'mac'>, key: Uint8Array): string {
  const values = macFields.map((field) => record[field]);
  while (values.length > originalFieldCount && values.at(-1) === null) values.pop();
  return createHmac('sha256', getKeyObject(key))
    .update(`session-desk audit record v1\n${JSON.stringify(values)}`)
    .digest('hex');
}

const keyObjectCache = new WeakMap<Uint8Array, KeyObject>();

/** Made once: making it anew costs more than the MAC of a record. */
function getKeyObject(key: Uint8Array): KeyObject {
  const known = keyObjectCache.get(key) ?? createSecretKey(key);
  keyObjectCache.set(key, known);
  return known;
}

/** How many records an export holds, and whether they are all of them up to the head. */
export interface ExportExtent {
  readonly records: number;
  readonly complete: boolean;
}

/** The same for the end of an export: a head that has left the keychain, and how much there is before it. */
export function computeExportMac(head: AuditHead, { records, complete }: ExportExtent, key: Uint8Array): string {
  const values = JSON.stringify([head.sequence, head.mac, head.keyId, head.log, records, complete]);
  return createHmac('sha256', key).update(`session-desk audit export v1\n${values}`).digest('hex');
}

export function deriveKeyId(key: Uint8Array): string {
  return createHash('sha256').update('session-desk audit key id\n').update(key).digest('hex').slice(0, 16);
}
