import { AppError, isAppError } from '../../contract/index.ts';
import type { Keychain } from './keychain.ts';

export type SecretLocation = 'keychain' | 'memory';

/** Windows keeps at most 2,560 bytes, and UTF-16 takes two for most characters. */
const maxSecretBytes = 2_560;

/**
 * Where secrets are put and fetched from, for one workspace. A secret is in the OS keychain, or, where the operator
 * agreed, in this process's memory until it ends. No other part of the console sees one but the call that uses it.
 */
export class SecretStore {
  readonly #keychain: Keychain | null;
  readonly #prefix: string;
  readonly #memory = new Map<string, string>();
  /** The keychain was locked when it was last needed: a look-up alone may not tell. */
  #wasLocked = false;

  /** Without a keychain everything stays in memory: practice, whose secrets are no secrets. */
  constructor(workspace: string, keychain: Keychain | null) {
    this.#prefix = workspace;
    this.#keychain = keychain && this.#trackLockState(keychain);
  }

  /** Stores and reads back to be sure. Throws secret_not_storable, or what the keychain throws where memory was not agreed to. */
  async set(account: string, secret: string, allowInMemory: boolean): Promise<SecretLocation> {
    assertStorable(secret);
    if (!this.#keychain) return this.#keepInMemory(account, secret);
    try {
      await this.#keychain.set(this.#accountName(account), secret);
      if ((await this.#keychain.get(this.#accountName(account))) !== secret) {
        throw new AppError(
          'keychain_locked',
          'The system keychain took the secret but does not give it back. Unlock it, then try again.',
          { retryable: true },
        );
      }
      this.#memory.delete(account);
      return 'keychain';
    } catch (error) {
      if (!allowInMemory || !isAppError(error)) throw error;
      return this.#keepInMemory(account, secret);
    }
  }

  /** The secret, or null where none is stored any more. A locked keychain throws keychain_locked and is never taken for an empty one. */
  async get(account: string): Promise<string | null> {
    const remembered = this.#memory.get(account);
    if (remembered !== undefined || !this.#keychain) return remembered ?? null;
    const found = await this.#keychain.get(this.#accountName(account));
    if (found === null) await this.#assertUnlocked();
    return found;
  }

  /**
   * Never because of an error: only when the operator says so. `place` is where it was put: from the keychain it is gone then, or what
   * the keychain throws is thrown. A copy left there by an earlier secret is taken away where that can be done.
   */
  async delete(account: string, place: SecretLocation | null): Promise<void> {
    try {
      await this.#removeFromKeychain(account, place);
    } catch (error) {
      if (place === 'keychain' || !isAppError(error)) throw error;
    }
    this.#memory.delete(account);
  }

  isInMemory(account: string): boolean {
    return this.#memory.has(account);
  }

  /** Never makes the system ask for a password, but where the keychain was locked when it was last needed. */
  async status(): Promise<'available' | 'locked' | 'unavailable'> {
    try {
      await this.#keychain?.get(this.#accountName('probe'));
      if (this.#wasLocked) await this.#assertUnlocked();
      return this.#keychain ? 'available' : 'unavailable';
    } catch (error) {
      return isLocked(error) ? 'locked' : 'unavailable';
    }
  }

  #trackLockState(keychain: Keychain): Keychain {
    return {
      ...keychain,
      get: async (account) => {
        const found = await keychain.get(account);
        if (found !== null) this.#wasLocked = false;
        return found;
      },
      set: async (account, secret) => {
        try {
          await keychain.set(account, secret);
          this.#wasLocked = false;
        } catch (error) {
          this.#wasLocked = isLocked(error);
          throw error;
        }
      },
    };
  }

  async #removeFromKeychain(account: string, place: SecretLocation | null): Promise<void> {
    if (!this.#keychain) return;
    const found = await this.#keychain.get(this.#accountName(account));
    if (found !== null) return this.#keychain.remove(this.#accountName(account));
    if (place === 'keychain') await this.#assertUnlocked();
  }

  /** A locked keyring answers a look-up with nothing, as if nothing were stored; a write tells the two apart. */
  async #assertUnlocked(): Promise<void> {
    await this.#keychain?.set(this.#accountName('probe'), 'unlocked');
    await this.#keychain?.remove(this.#accountName('probe'));
  }

  #keepInMemory(account: string, secret: string): SecretLocation {
    this.#memory.set(account, secret);
    return 'memory';
  }

  #accountName(account: string): string {
    return `${this.#prefix}/${account}`;
  }
}

/** A question of the system that nobody answered is a lock, too: there is a keychain, and it is shut. */
function isLocked(error: unknown): boolean {
  return isAppError(error) && (error.code === 'keychain_locked' || error.code === 'keychain_timed_out');
}

function assertStorable(secret: string): void {
  const objection = secret.includes('\0')
    ? 'The secret holds a NUL character, which no keychain can store. Copy it again.'
    : Buffer.byteLength(secret, 'utf16le') > maxSecretBytes
      ? `The secret is longer than a keychain can store (${maxSecretBytes / 2} characters). Check that you copied the secret alone.`
      : null;
  if (objection) throw new AppError('secret_not_storable', objection, { details: { field: 'secret' } });
}
