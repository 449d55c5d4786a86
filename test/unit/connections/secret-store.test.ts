import { describe, expect, it } from 'vitest';
import { AppError, createMessage } from '../../../src-main/contract/index.ts';
import { SecretStore, type Keychain } from '../../../src-main/core/connections/index.ts';
import { memoryKeychain } from '../../support/app.ts';

const rejectUnavailable = () =>
  Promise.reject(new AppError('keychain_unavailable', createMessage('connection.keychainUnavailable')));
const noKeychain: Keychain = { get: rejectUnavailable, set: rejectUnavailable, remove: rejectUnavailable };
/** Behaves like libsecret: a read of a locked keyring returns null, a write fails. */
const lockedKeychain: Keychain = {
  get: () => Promise.resolve(null),
  set: () => Promise.reject(new AppError('keychain_locked', createMessage('connection.keychainLocked'))),
  remove: () => Promise.resolve(),
};

describe('SecretStore', () => {
  it('set: entries of two workspaces are separate in one keychain', async () => {
    const keychain = memoryKeychain();
    await new SecretStore('work', keychain).set('c1', 'secret', false);
    expect([...keychain.entries]).toEqual([['work/c1', 'secret']]);
    expect(await new SecretStore('practice', keychain).get('c1')).toBeNull();
  });

  // Verifies S-04.
  it('set: fails if the keychain does not return the stored secret', async () => {
    const unreliableKeychain = { ...memoryKeychain(), get: () => Promise.resolve('something else') };
    await expect(new SecretStore('work', unreliableKeychain).set('c1', 'secret', false)).rejects.toMatchObject({
      code: 'keychain_locked',
    });
  });

  // Verifies S-04.
  it('set: a secret is kept in memory only with allowInMemory', async () => {
    const secretStore = new SecretStore('work', noKeychain);
    await expect(secretStore.set('c1', 'secret', false)).rejects.toMatchObject({ code: 'keychain_unavailable' });
    expect(secretStore.isInMemory('c1')).toBe(false);
    expect(await secretStore.set('c1', 'secret', true)).toBe('memory');
    expect(await secretStore.get('c1')).toBe('secret');
  });

  it('set: the copy in memory is deleted after the keychain stored the secret', async () => {
    let isReachable = false;
    const memory = memoryKeychain();
    const keychain: Keychain = {
      ...memory,
      set: (account, secret) => (isReachable ? memory.set(account, secret) : rejectUnavailable()),
    };
    const secretStore = new SecretStore('work', keychain);
    await secretStore.set('c1', 'old', true);
    isReachable = true;
    expect(await secretStore.set('c1', 'new', false)).toBe('keychain');
    expect(secretStore.isInMemory('c1')).toBe(false);
    expect(await secretStore.get('c1')).toBe('new');
  });

  it('get: a locked keychain throws, and an empty one returns null', async () => {
    await expect(new SecretStore('work', lockedKeychain).get('c1')).rejects.toMatchObject({ code: 'keychain_locked' });
    expect(await new SecretStore('work', memoryKeychain()).get('c1')).toBeNull();
  });

  it.each([
    ['a NUL character', 'a\0b'],
    ['too many characters', 'x'.repeat(1_281)],
  ])('set: a secret with %s is refused before it reaches the keychain', async (_, secret) => {
    const keychain = memoryKeychain();
    await expect(new SecretStore('work', keychain).set('c1', secret, true)).rejects.toMatchObject({
      code: 'secret_not_storable',
      details: { field: 'secret' },
    });
    expect(keychain.entries.size).toBe(0);
  });

  it('delete: removes the secret from the keychain, or throws', async () => {
    const keychain = memoryKeychain();
    const secretStore = new SecretStore('work', keychain);
    const location = await secretStore.set('c1', 'secret', false);
    await secretStore.delete('c1', location);
    expect(keychain.entries.size).toBe(0);
    // Deleting a missing secret is not an error.
    await secretStore.delete('c1', 'keychain');
    await expect(new SecretStore('work', lockedKeychain).delete('c1', 'keychain')).rejects.toMatchObject({
      code: 'keychain_locked',
    });
    await expect(new SecretStore('work', noKeychain).delete('c1', 'keychain')).rejects.toMatchObject({
      code: 'keychain_unavailable',
    });
  });

  it.each([
    ['no keychain', noKeychain],
    ['a locked keychain', lockedKeychain],
  ])('delete: a secret in memory is deleted with %s', async (_, keychain) => {
    const secretStore = new SecretStore('work', keychain);
    await secretStore.set('c1', 'secret', true);
    await secretStore.delete('c1', 'memory');
    expect(secretStore.isInMemory('c1')).toBe(false);
  });

  it('delete: an older copy in the keychain is deleted with the secret in memory', async () => {
    const keychain = memoryKeychain(new Map([['work/c1', 'older secret']]));
    const secretStore = new SecretStore('work', { ...keychain, set: rejectUnavailable });
    expect(await secretStore.set('c1', 'secret', true)).toBe('memory');
    await secretStore.delete('c1', 'memory');
    expect(keychain.entries.size).toBe(0);
  });

  it('status: reports locked after the first locked access until the keychain is unlocked', async () => {
    let isLocked = true;
    const memory = memoryKeychain(new Map([['work/c1', 'secret']]));
    const keychain: Keychain = {
      ...memory,
      get: (account) => (isLocked ? Promise.resolve(null) : memory.get(account)),
      set: (account, secret) => (isLocked ? lockedKeychain.set(account, secret) : memory.set(account, secret)),
    };
    const secretStore = new SecretStore('work', keychain);
    // A read does not show the lock. A write could open a system prompt that the operator does not expect.
    expect(await secretStore.status()).toBe('available');
    await expect(secretStore.get('c1')).rejects.toMatchObject({ code: 'keychain_locked' });
    expect(await secretStore.status()).toBe('locked');
    isLocked = false;
    expect(await secretStore.status()).toBe('available');
    expect(await secretStore.get('c1')).toBe('secret');
  });

  it('status: a keychain that timed out is reported as locked', async () => {
    const timeOut = () =>
      Promise.reject(new AppError('keychain_timed_out', createMessage('connection.keychainTimedOut')));
    expect(await new SecretStore('work', { ...lockedKeychain, get: timeOut }).status()).toBe('locked');
  });

  it('status: reports whether a keychain is available', async () => {
    expect(await new SecretStore('work', memoryKeychain()).status()).toBe('available');
    expect(await new SecretStore('work', noKeychain).status()).toBe('unavailable');
    expect(await new SecretStore('practice', null).status()).toBe('unavailable');
  });
});
