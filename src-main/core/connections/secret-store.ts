import { AppError, createMessage, isAppError } from '../../contract/index.ts';
import type { Keychain } from './keychain.ts';
import type { ConnectionRow } from '../store/index.ts';

export type SecretLocation = 'keychain' | 'memory';

/** First line of an entry that holds a secret together with its destination. The second line is the secret. */
const boundEntryPattern = /^session-desk-secret\/1 ([^\n]+)\n([^]+)$/;

/** The limit of Windows in bytes. UTF-16 needs two bytes for most characters. */
const maxSecretBytes = 2_560;

/**
 * Stores the secrets of one workspace. A secret is in the OS keychain or, if the operator agreed, in the memory of this
 * process until it ends. Only the call that uses a secret reads it.
 */
export class SecretStore {
  readonly #keychain: Keychain | null;
  readonly #prefix: string;
  readonly #memory = new Map<string, string>();
  /** Whether the keychain was locked when it was last used. A read of a locked keychain may return null instead. */
  #wasLocked = false;

  /** Without a keychain all secrets stay in memory. Practice uses that, because its secrets are not confidential. */
  constructor(workspace: string, keychain: Keychain | null) {
    this.#prefix = workspace;
    this.#keychain = keychain && this.#trackLockState(keychain);
  }

  /**
   * Stores the secret and reads it back. Throws secret_not_storable. If the keychain fails, uses memory if
   * `allowInMemory`; otherwise throws the keychain_ error.
   */
  async set(account: string, secret: string, allowInMemory: boolean): Promise<SecretLocation> {
    assertStorable(secret, maxSecretBytes);
    if (!this.#keychain) return this.#keepInMemory(account, secret);
    try {
      await this.#keychain.set(this.#accountName(account), secret);
      if ((await this.#keychain.get(this.#accountName(account))) !== secret) {
        throw new AppError('keychain_locked', createMessage('connection.keychainNotReadable'), { retryable: true });
      }
      this.#memory.delete(account);
      return 'keychain';
    } catch (error) {
      if (!allowInMemory || !isAppError(error)) throw error;
      return this.#keepInMemory(account, secret);
    }
  }

  /**
   * Stores a secret together with the only destination that it may be sent to, in one entry. The database names the
   * destination too, but another file can replace the database. Throws what `set` throws.
   */
  async setBound(
    account: string,
    secret: string,
    { destination, allowInMemory }: { destination: string; allowInMemory: boolean },
  ): Promise<SecretLocation> {
    const header = `session-desk-secret/1 ${destination}\n`;
    assertStorable(secret, maxSecretBytes - Buffer.byteLength(header, 'utf16le'));
    return await this.set(account, `${header}${secret}`, allowInMemory);
  }

  /** The secret if it was stored for exactly this destination. Throws what `get` throws. */
  async getBound(account: string, destination: string): Promise<BoundSecret> {
    const entry = await this.get(account);
    if (entry === null) return { kind: 'missing' };
    const [, storedFor, secret] = boundEntryPattern.exec(entry) ?? [];
    if (storedFor === destination && secret !== undefined) return { kind: 'found', secret };
    return { kind: 'other_destination', storedFor: storedFor ?? null };
  }

  /**
   * The secret, or null if none is stored. Throws keychain_locked if the keychain is locked, or another keychain_
   * error.
   */
  async get(account: string): Promise<string | null> {
    const secretInMemory = this.#memory.get(account);
    if (secretInMemory !== undefined || !this.#keychain) return secretInMemory ?? null;
    const secret = await this.#keychain.get(this.#accountName(account));
    if (secret === null) await this.#assertUnlocked();
    return secret;
  }

  /**
   * Deletes a secret; only at the request of the operator, never after an error of a provider. `location` is where
   * `set` stored it. Throws a keychain_ error if a secret in the keychain cannot be deleted. If the location is memory,
   * an older copy in the keychain is deleted if possible.
   */
  async delete(account: string, location: SecretLocation | null): Promise<void> {
    try {
      await this.#removeFromKeychain(account, location);
    } catch (error) {
      if (location === 'keychain' || !isAppError(error)) throw error;
    }
    this.#memory.delete(account);
  }

  isInMemory(account: string): boolean {
    return this.#memory.has(account);
  }

  /** Opens a system prompt only if the keychain was locked when it was last used. */
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
        const secret = await keychain.get(account);
        if (secret !== null) this.#wasLocked = false;
        return secret;
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

  async #removeFromKeychain(account: string, location: SecretLocation | null): Promise<void> {
    if (!this.#keychain) return;
    const secret = await this.#keychain.get(this.#accountName(account));
    if (secret !== null) return this.#keychain.remove(this.#accountName(account));
    if (location === 'keychain') await this.#assertUnlocked();
  }

  /** A read returns null for a locked keyring and for a missing secret. A write fails only if the keyring is locked. */
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

/** A timeout counts as locked: the keychain exists and waits for its password. */
function isLocked(error: unknown): boolean {
  return isAppError(error) && (error.code === 'keychain_locked' || error.code === 'keychain_timed_out');
}

function assertStorable(secret: string, maxBytes: number): void {
  const problem = secret.includes('\0')
    ? createMessage('connection.secretHasNul')
    : Buffer.byteLength(secret, 'utf16le') > maxBytes
      ? createMessage('connection.secretTooLong', { limit: Math.floor(maxBytes / 2) })
      : null;
  if (problem) throw new AppError('secret_not_storable', problem, { details: { field: 'secret' } });
}

/** `other_destination`: the secret must not be used. `storedFor` is null if an earlier version stored the secret. */
export type BoundSecret =
  | { readonly kind: 'found'; readonly secret: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'other_destination'; readonly storedFor: string | null };

/** What is known of a secret without its use. `unreadable`: the keychain is locked or not available. */
export type SecretBinding = Exclude<BoundSecret, { kind: 'found' }> | { readonly kind: 'matches' | 'unreadable' };

/** The fields of a connection that decide where its secret goes. */
export type ConnectionDestination = Pick<ConnectionRow, 'baseUrl' | 'provider' | 'environment'>;

/** For example `https://api.xendit.co (xendit, production)`. */
export function connectionDestination({ baseUrl, provider, environment }: ConnectionDestination): string {
  return `${baseUrl} (${provider}, ${environment})`;
}

/** For example `https://back-office.example (feed)`. */
export function feedDestination(url: string): string {
  return `${new URL(url).origin} (feed)`;
}

/** The error for a secret of a connection that cannot be used: credential_missing or credential_destination_changed. */
export function createSecretError(
  connection: ConnectionDestination & Pick<ConnectionRow, 'id' | 'name'>,
  found: Exclude<BoundSecret, { kind: 'found' }>,
): AppError {
  const { id: connectionId, name } = connection;
  const details = { connectionId };
  if (found.kind === 'missing')
    return new AppError('credential_missing', createMessage('connection.secretMissing', { name }), { details });
  const { storedFor } = found;
  const destination = connectionDestination(connection);
  const message =
    storedFor === null
      ? createMessage('connection.secretDestinationUnknown', { name, destination })
      : createMessage('connection.secretForOtherDestination', { name, storedFor, destination });
  return new AppError('credential_destination_changed', message, { details });
}

/** Never throws a keychain_ error. */
export async function inspectSecret(read: () => Promise<BoundSecret>): Promise<SecretBinding> {
  try {
    const found = await read();
    return found.kind === 'found' ? { kind: 'matches' } : found;
  } catch (error) {
    if (isAppError(error)) return { kind: 'unreadable' };
    throw error;
  }
}
