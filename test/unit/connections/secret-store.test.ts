import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src-main/contract/index.ts';
import { SecretStore, type Keychain } from '../../../src-main/core/connections/index.ts';
import { memoryKeychain } from '../../support/app.ts';

const unavailable = () => Promise.reject(new AppError('keychain_unavailable', 'There is none.'));
const noKeychain: Keychain = { get: unavailable, set: unavailable, remove: unavailable };
/** As libsecret behaves: a look-up in a locked keyring finds nothing, a write fails. */
const lockedKeychain: Keychain = {
  get: () => Promise.resolve(null),
  set: () => Promise.reject(new AppError('keychain_locked', 'It is locked.')),
  remove: () => Promise.resolve(),
};

describe('the vault', () => {
  it('keeps workspaces apart in one keychain', async () => {
    const keychain = memoryKeychain();
    await new SecretStore('work', keychain).set('c1', 'secret', false);
    expect([...keychain.entries]).toEqual([['work/c1', 'secret']]);
    expect(await new SecretStore('practice', keychain).get('c1')).toBeNull();
  });

  // Verifies S-04.
  it('does not say stored before it has read the secret back', async () => {
    const forgetful = { ...memoryKeychain(), get: () => Promise.resolve('something else') };
    await expect(new SecretStore('work', forgetful).set('c1', 'secret', false)).rejects.toMatchObject({
      code: 'keychain_locked',
    });
  });

  // Verifies S-04.
  it('keeps a secret in memory only where that was agreed to', async () => {
    const vault = new SecretStore('work', noKeychain);
    await expect(vault.set('c1', 'secret', false)).rejects.toMatchObject({ code: 'keychain_unavailable' });
    expect(vault.isInMemory('c1')).toBe(false);
    expect(await vault.set('c1', 'secret', true)).toBe('memory');
    expect(await vault.get('c1')).toBe('secret');
  });

  it('lets go of the copy in memory once the keychain has the secret', async () => {
    let reachable = false;
    const memory = memoryKeychain();
    const keychain: Keychain = {
      ...memory,
      set: (account, secret) => (reachable ? memory.set(account, secret) : unavailable()),
    };
    const vault = new SecretStore('work', keychain);
    await vault.set('c1', 'old', true);
    reachable = true;
    expect(await vault.set('c1', 'new', false)).toBe('keychain');
    expect(vault.isInMemory('c1')).toBe(false);
    expect(await vault.get('c1')).toBe('new');
  });

  it('does not take a locked keychain for an empty one', async () => {
    await expect(new SecretStore('work', lockedKeychain).get('c1')).rejects.toMatchObject({ code: 'keychain_locked' });
    expect(await new SecretStore('work', memoryKeychain()).get('c1')).toBeNull();
  });

  it.each([
    ['a NUL', 'a\0b'],
    ['too much', 'x'.repeat(1_281)],
  ])('refuses a secret with %s before it reaches the keychain', async (_, secret) => {
    const keychain = memoryKeychain();
    await expect(new SecretStore('work', keychain).set('c1', secret, true)).rejects.toMatchObject({
      code: 'secret_not_storable',
      details: { field: 'secret' },
    });
    expect(keychain.entries.size).toBe(0);
  });

  it('forgets what it put: from the keychain, or it says that it could not', async () => {
    const keychain = memoryKeychain();
    const vault = new SecretStore('work', keychain);
    const place = await vault.set('c1', 'secret', false);
    await vault.delete('c1', place);
    expect(keychain.entries.size).toBe(0);
    // Twice, and what somebody else took away, is no failure.
    await vault.delete('c1', 'keychain');
    await expect(new SecretStore('work', lockedKeychain).delete('c1', 'keychain')).rejects.toMatchObject({
      code: 'keychain_locked',
    });
    await expect(new SecretStore('work', noKeychain).delete('c1', 'keychain')).rejects.toMatchObject({
      code: 'keychain_unavailable',
    });
  });

  it.each([
    ['none', noKeychain],
    ['a locked one', lockedKeychain],
  ])('forgets what is in memory alone where there is %s', async (_, keychain) => {
    const vault = new SecretStore('work', keychain);
    await vault.set('c1', 'secret', true);
    await vault.delete('c1', 'memory');
    expect(vault.isInMemory('c1')).toBe(false);
  });

  it('takes an older copy out of the keychain with what was kept for one run', async () => {
    const keychain = memoryKeychain(new Map([['work/c1', 'the secret before']]));
    const vault = new SecretStore('work', { ...keychain, set: unavailable });
    expect(await vault.set('c1', 'secret', true)).toBe('memory');
    await vault.delete('c1', 'memory');
    expect(keychain.entries.size).toBe(0);
  });

  it('says that its keychain is locked from the first time that it met it so until it is unlocked', async () => {
    let isLocked = true;
    const memory = memoryKeychain(new Map([['work/c1', 'secret']]));
    const keychain: Keychain = {
      ...memory,
      get: (account) => (isLocked ? Promise.resolve(null) : memory.get(account)),
      set: (account, secret) => (isLocked ? lockedKeychain.set(account, secret) : memory.set(account, secret)),
    };
    const vault = new SecretStore('work', keychain);
    // A look-up alone does not tell, and a write could make the system ask for a password before anybody wants anything.
    expect(await vault.status()).toBe('available');
    await expect(vault.get('c1')).rejects.toMatchObject({ code: 'keychain_locked' });
    expect(await vault.status()).toBe('locked');
    isLocked = false;
    expect(await vault.status()).toBe('available');
    expect(await vault.get('c1')).toBe('secret');
  });

  it('takes a question of the system that nobody answered for a lock', async () => {
    const unanswered = () => Promise.reject(new AppError('keychain_timed_out', 'Nobody answered.'));
    expect(await new SecretStore('work', { ...lockedKeychain, get: unanswered }).status()).toBe('locked');
  });

  it('says whether there is a keychain', async () => {
    expect(await new SecretStore('work', memoryKeychain()).status()).toBe('available');
    expect(await new SecretStore('work', noKeychain).status()).toBe('unavailable');
    expect(await new SecretStore('practice', null).status()).toBe('unavailable');
  });
});
