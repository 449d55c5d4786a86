import { createHash, randomBytes } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import type { Vault } from '../connections/index.ts';
import { genesisMac, keyIdOf, type AuditHead, type KeyPlace } from '../store/index.ts';

const keyAccount = 'audit-key';
const keyBytes = 32;

/** The head of a log that has yet to begin. */
const noRecords = { sequence: 0, mac: genesisMac, log: '' };

const storedHead = z.object({ sequence: z.int().nonnegative(), mac: z.string(), keyId: z.string(), log: z.string() });

/** What the keychain holds for the audit log of a folder. */
export interface AuditKeeping {
  readonly key: Uint8Array;
  readonly place: KeyPlace;
  readonly head: AuditHead | null;
  /** Puts a new head in the old one's place; rejects with what the keychain throws. */
  keep(head: AuditHead): Promise<void>;
  /** The head as it is kept now. */
  kept(): Promise<AuditHead | null>;
}

/**
 * Fetches the key and the head, or makes a key. Never throws: without a keychain the key lives for this run alone, and the
 * record must go on all the same. One key serves every folder of this user; the head is that of this very folder.
 */
export async function auditKeeping(vault: Vault, folder: string): Promise<AuditKeeping> {
  const headAccount = `audit-head-${createHash('sha256').update(pathOf(folder)).digest('hex').slice(0, 16)}`;
  const kept = async () => headIn(await vault.fetch(headAccount));
  const keep = async (head: AuditHead) => void (await vault.put(headAccount, JSON.stringify(head), false));
  const fresh = randomBytes(keyBytes);
  try {
    const found = keyIn(await vault.fetch(keyAccount));
    const key = found ?? fresh;
    let head = await kept();
    // Before the first record, so that a run killed at once is not taken for one whose head somebody removed.
    if (!head && (!found || !existsSync(join(folder, 'desk.sqlite')))) {
      head = { ...noRecords, keyId: keyIdOf(key) };
      await keep(head);
    }
    if (found) return { key, place: vault.holdsInMemory(keyAccount) ? 'this_run' : 'kept', head, keep, kept };
    const place = await vault.put(keyAccount, fresh.toString('base64'), false);
    return { key, place: place === 'keychain' ? 'made' : 'this_run', head, keep, kept };
  } catch {
    return {
      key: fresh,
      place: 'this_run',
      head: null,
      keep: () => Promise.resolve(),
      kept: () => Promise.resolve(null),
    };
  }
}

function keyIn(text: string | null): Uint8Array | null {
  const key = Buffer.from(text ?? '', 'base64');
  return key.length === keyBytes ? key : null;
}

/** A head that cannot be read is as good as none, which the log then says. */
function headIn(text: string | null): AuditHead | null {
  try {
    return storedHead.parse(JSON.parse(text ?? 'null'));
  } catch {
    return null;
  }
}

/** The folder's one true name, so that a link to it leads to the same head; it need not exist yet. */
function pathOf(folder: string): string {
  if (existsSync(folder)) return realpathSync(folder);
  const parent = dirname(folder);
  return parent === folder ? folder : join(pathOf(parent), basename(folder));
}
