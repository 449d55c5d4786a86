import { DeskError, isDeskError } from '../../contract/index.ts';
import type { Keychain } from './keychain.ts';

export type SecretPlace = 'keychain' | 'memory';

/** Windows keeps at most 2,560 bytes, and UTF-16 takes two for most characters. */
const largestSecretBytes = 2_560;

/**
 * Where secrets are put and fetched from, for one workspace. A secret is in the OS keychain, or, where the operator
 * agreed, in this process's memory until it ends. No other part of the console sees one but the call that uses it.
 */
export class Vault {
  readonly #keychain: Keychain | null;
  readonly #prefix: string;
  readonly #memory = new Map<string, string>();
  /** The keychain was locked when it was last needed: a look-up alone may not tell. */
  #metLocked = false;

  /** Without a keychain everything stays in memory: practice, whose secrets are no secrets. */
  constructor(workspace: string, keychain: Keychain | null) {
    this.#prefix = workspace;
    this.#keychain = keychain && this.#watched(keychain);
  }

  /** Stores and reads back to be sure. Throws secret_refused, or what the keychain throws where memory was not agreed to. */
  async put(account: string, secret: string, keepForThisRun: boolean): Promise<SecretPlace> {
    checkStorable(secret);
    if (!this.#keychain) return this.#remember(account, secret);
    try {
      await this.#keychain.set(this.#name(account), secret);
      if ((await this.#keychain.get(this.#name(account))) !== secret) {
        throw new DeskError(
          'keychain_locked',
          'The system keychain took the secret but does not give it back. Unlock it, then try again.',
          { retryable: true },
        );
      }
      this.#memory.delete(account);
      return 'keychain';
    } catch (error) {
      if (!keepForThisRun || !isDeskError(error)) throw error;
      return this.#remember(account, secret);
    }
  }

  /** The secret, or null where none is stored any more. A locked keychain throws keychain_locked and is never taken for an empty one. */
  async fetch(account: string): Promise<string | null> {
    const remembered = this.#memory.get(account);
    if (remembered !== undefined || !this.#keychain) return remembered ?? null;
    const found = await this.#keychain.get(this.#name(account));
    if (found === null) await this.#proveUnlocked();
    return found;
  }

  /**
   * Never because of an error: only when the operator says so. `place` is where it was put: from the keychain it is gone then, or what
   * the keychain throws is thrown. A copy left there by an earlier secret is taken away where that can be done.
   */
  async forget(account: string, place: SecretPlace | null): Promise<void> {
    try {
      await this.#removeFromKeychain(account, place);
    } catch (error) {
      if (place === 'keychain' || !isDeskError(error)) throw error;
    }
    this.#memory.delete(account);
  }

  holdsInMemory(account: string): boolean {
    return this.#memory.has(account);
  }

  /** Never makes the system ask for a password, but where the keychain was locked when it was last needed. */
  async status(): Promise<'available' | 'locked' | 'unavailable'> {
    try {
      await this.#keychain?.get(this.#name('probe'));
      if (this.#metLocked) await this.#proveUnlocked();
      return this.#keychain ? 'available' : 'unavailable';
    } catch (error) {
      return isLocked(error) ? 'locked' : 'unavailable';
    }
  }

  #watched(keychain: Keychain): Keychain {
    return {
      ...keychain,
      get: async (account) => {
        const found = await keychain.get(account);
        if (found !== null) this.#metLocked = false;
        return found;
      },
      set: async (account, secret) => {
        try {
          await keychain.set(account, secret);
          this.#metLocked = false;
        } catch (error) {
          this.#metLocked = isLocked(error);
          throw error;
        }
      },
    };
  }

  async #removeFromKeychain(account: string, place: SecretPlace | null): Promise<void> {
    if (!this.#keychain) return;
    const found = await this.#keychain.get(this.#name(account));
    if (found !== null) return this.#keychain.remove(this.#name(account));
    if (place === 'keychain') await this.#proveUnlocked();
  }

  /** A locked keyring answers a look-up with nothing, as if nothing were stored; a write tells the two apart. */
  async #proveUnlocked(): Promise<void> {
    await this.#keychain?.set(this.#name('probe'), 'unlocked');
    await this.#keychain?.remove(this.#name('probe'));
  }

  #remember(account: string, secret: string): SecretPlace {
    this.#memory.set(account, secret);
    return 'memory';
  }

  #name(account: string): string {
    return `${this.#prefix}/${account}`;
  }
}

/** A question of the system that nobody answered is a lock, too: there is a keychain, and it is shut. */
function isLocked(error: unknown): boolean {
  return isDeskError(error) && (error.code === 'keychain_locked' || error.code === 'keychain_timed_out');
}

function checkStorable(secret: string): void {
  const objection = secret.includes('\0')
    ? 'The secret holds a NUL character, which no keychain can store. Copy it again.'
    : Buffer.byteLength(secret, 'utf16le') > largestSecretBytes
      ? `The secret is longer than a keychain can store (${largestSecretBytes / 2} characters). Check that you copied the secret alone.`
      : null;
  if (objection) throw new DeskError('secret_refused', objection, { details: { field: 'secret' } });
}
