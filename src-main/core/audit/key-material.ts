import { createHash, randomBytes } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import type { SecretStore } from '../connections/index.ts';
import { genesisMac, deriveKeyId, type AuditHead, type AuditKeySource } from '../store/index.ts';

const keyAccount = 'audit-key';
const keyBytes = 32;

/** The head of a log that has yet to begin. */
const emptyHead = { sequence: 0, mac: genesisMac, log: '' };

const storedHeadSchema = z.object({
  sequence: z.int().nonnegative(),
  mac: z.string(),
  keyId: z.string(),
  log: z.string(),
});

/** What the keychain holds for the audit log of a folder. */
export interface AuditKeyMaterial {
  readonly key: Uint8Array;
  readonly keySource: AuditKeySource;
  readonly head: AuditHead | null;
  /** Puts a new head in the old one's place; rejects with what the keychain throws. */
  saveHead(head: AuditHead): Promise<void>;
  /** The head as it is kept now. */
  loadHead(): Promise<AuditHead | null>;
}

/**
 * Fetches the key and the head, or makes a key. Never throws: without a keychain the key lives for this run alone, and the
 * record must go on all the same. One key serves every folder of this user; the head is that of this very folder.
 */
export async function loadAuditKeyMaterial(secretStore: SecretStore, folder: string): Promise<AuditKeyMaterial> {
  const headAccount = `audit-head-${createHash('sha256').update(canonicalPath(folder)).digest('hex').slice(0, 16)}`;
  const loadHead = async () => parseHead(await secretStore.get(headAccount));
  const saveHead = async (head: AuditHead) => void (await secretStore.set(headAccount, JSON.stringify(head), false));
  const fresh = randomBytes(keyBytes);
  try {
    const found = parseKey(await secretStore.get(keyAccount));
    const key = found ?? fresh;
    let head = await loadHead();
    // Before the first record, so that a run killed at once is not taken for one whose head somebody removed.
    if (!head && (!found || !existsSync(join(folder, 'desk.sqlite')))) {
      head = { ...emptyHead, keyId: deriveKeyId(key) };
      await saveHead(head);
    }
    if (found)
      return { key, keySource: secretStore.isInMemory(keyAccount) ? 'temporary' : 'stored', head, saveHead, loadHead };
    const place = await secretStore.set(keyAccount, fresh.toString('base64'), false);
    return { key, keySource: place === 'keychain' ? 'created' : 'temporary', head, saveHead, loadHead };
  } catch {
    return {
      key: fresh,
      keySource: 'temporary',
      head: null,
      saveHead: () => Promise.resolve(),
      loadHead: () => Promise.resolve(null),
    };
  }
}

function parseKey(text: string | null): Uint8Array | null {
  const key = Buffer.from(text ?? '', 'base64');
  return key.length === keyBytes ? key : null;
}

/** A head that cannot be read is as good as none, which the log then says. */
function parseHead(text: string | null): AuditHead | null {
  try {
    return storedHeadSchema.parse(JSON.parse(text ?? 'null'));
  } catch {
    return null;
  }
}

/** The folder's one true name, so that a link to it leads to the same head; it need not exist yet. */
function canonicalPath(folder: string): string {
  if (existsSync(folder)) return realpathSync(folder);
  const parent = dirname(folder);
  return parent === folder ? folder : join(canonicalPath(parent), basename(folder));
}
