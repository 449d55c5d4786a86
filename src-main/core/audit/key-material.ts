import { createHash, randomBytes } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import type { SecretStore } from '../connections/index.ts';
import { genesisMac, deriveKeyId, type AuditHead, type AuditKeySource } from '../store/index.ts';

const keyAccount = 'audit-key';
const keyBytes = 32;

/** The head of an empty log. */
const emptyHead = { sequence: 0, mac: genesisMac, log: '' };

const storedHeadSchema = z.object({
  sequence: z.int().nonnegative(),
  mac: z.string(),
  keyId: z.string(),
  log: z.string(),
});

/** The key and the log head for the audit log of a folder. */
export interface AuditKeyMaterial {
  readonly key: Uint8Array;
  readonly keySource: AuditKeySource;
  readonly head: AuditHead | null;
  /** Replaces the stored head; rejects with the error of the keychain. */
  saveHead(head: AuditHead): Promise<void>;
  /** Reads the stored head. */
  loadHead(): Promise<AuditHead | null>;
}

/**
 * Reads the key and the head from the keychain, or creates a key. Never throws: without a keychain the key is in memory
 * only, because audit records must be written in any case. The key serves all folders of this user; the head belongs to
 * this folder.
 */
export async function loadAuditKeyMaterial(secretStore: SecretStore, folder: string): Promise<AuditKeyMaterial> {
  const headAccount = auditHeadAccount(folder);
  const loadHead = async () => parseHead(await secretStore.get(headAccount));
  const saveHead = async (head: AuditHead) => void (await secretStore.set(headAccount, JSON.stringify(head), false));
  const newKey = randomBytes(keyBytes);
  try {
    const storedKey = parseKey(await secretStore.get(keyAccount));
    const key = storedKey ?? newKey;
    let head = await loadHead();
    // Stored before the first record: without a head, the log of a killed process would be reported as damaged.
    if (!head && (!storedKey || !existsSync(join(folder, 'desk.sqlite')))) {
      head = { ...emptyHead, keyId: deriveKeyId(key) };
      await saveHead(head);
    }
    if (storedKey)
      return { key, keySource: secretStore.isInMemory(keyAccount) ? 'temporary' : 'stored', head, saveHead, loadHead };
    const location = await secretStore.set(keyAccount, newKey.toString('base64'), false);
    return { key, keySource: location === 'keychain' ? 'created' : 'temporary', head, saveHead, loadHead };
  } catch {
    return {
      key: newKey,
      keySource: 'temporary',
      head: null,
      saveHead: () => Promise.resolve(),
      loadHead: () => Promise.resolve(null),
    };
  }
}

/** The keychain account of the log head of a folder. */
export function auditHeadAccount(folder: string): string {
  return `audit-head-${createHash('sha256').update(canonicalPath(folder)).digest('hex').slice(0, 16)}`;
}

function parseKey(text: string | null): Uint8Array | null {
  const key = Buffer.from(text ?? '', 'base64');
  return key.length === keyBytes ? key : null;
}

/** Returns null for a head that cannot be parsed; the log then records that the head is missing. */
function parseHead(text: string | null): AuditHead | null {
  try {
    return storedHeadSchema.parse(JSON.parse(text ?? 'null'));
  } catch {
    return null;
  }
}

/** Resolves links, so that every path to the folder uses the same head. The folder may not exist yet. */
function canonicalPath(folder: string): string {
  if (existsSync(folder)) return realpathSync(folder);
  const parent = dirname(folder);
  return parent === folder ? folder : join(canonicalPath(parent), basename(folder));
}
