import { describe, expect, it } from 'vitest';
import { DeskError } from '../../../src-main/contract/index.ts';
import { Vault, type Keychain } from '../../../src-main/core/connections/index.ts';
import { memoryKeychain } from '../../support/app.ts';

const unavailable = () => Promise.reject(new DeskError('keychain_unavailable', 'There is none.'));
const noKeychain: Keychain = { get: unavailable, set: unavailable, remove: unavailable };
/** As libsecret behaves: a look-up in a locked keyring finds nothing, a write fails. */
const lockedKeychain: Keychain = {
  get: () => Promise.resolve(null),
  set: () => Promise.reject(new DeskError('keychain_locked', 'It is locked.')),
  remove: () => Promise.resolve(),
};

describe('the vault', () => {
  it('keeps workspaces apart in one keychain', async () => {
    const keychain = memoryKeychain();
    await new Vault('work', keychain).put('c1', 'secret', false);
    expect([...keychain.entries]).toEqual([['work/c1', 'secret']]);
    expect(await new Vault('practice', keychain).fetch('c1')).toBeNull();
  });

  // Keeps S-04.
  it('does not say stored before it has read the secret back', async () => {
    const forgetful = { ...memoryKeychain(), get: () => Promise.resolve('something else') };
    await expect(new Vault('work', forgetful).put('c1', 'secret', false)).rejects.toMatchObject({
      code: 'keychain_locked',
    });
  });

  // Keeps S-04.
  it('keeps a secret in memory only where that was agreed to', async () => {
    const vault = new Vault('work', noKeychain);
    await expect(vault.put('c1', 'secret', false)).rejects.toMatchObject({ code: 'keychain_unavailable' });
    expect(vault.holdsInMemory('c1')).toBe(false);
    expect(await vault.put('c1', 'secret', true)).toBe('memory');
    expect(await vault.fetch('c1')).toBe('secret');
  });

  it('lets go of the copy in memory once the keychain has the secret', async () => {
    let reachable = false;
    const memory = memoryKeychain();
    const keychain: Keychain = {
      ...memory,
      set: (account, secret) => (reachable ? memory.set(account, secret) : unavailable()),
    };
    const vault = new Vault('work', keychain);
    await vault.put('c1', 'old', true);
    reachable = true;
    expect(await vault.put('c1', 'new', false)).toBe('keychain');
    expect(vault.holdsInMemory('c1')).toBe(false);
    expect(await vault.fetch('c1')).toBe('new');
  });

  it('does not take a locked keychain for an empty one', async () => {
    await expect(new Vault('work', lockedKeychain).fetch('c1')).rejects.toMatchObject({ code: 'keychain_locked' });
    expect(await new Vault('work', memoryKeychain()).fetch('c1')).toBeNull();
  });

  it.each([
    ['a NUL', 'a\0b'],
    ['too much', 'x'.repeat(1_281)],
  ])('refuses a secret with %s before it reaches the keychain', async (_, secret) => {
    const keychain = memoryKeychain();
    await expect(new Vault('work', keychain).put('c1', secret, true)).rejects.toMatchObject({
      code: 'secret_refused',
      details: { field: 'secret' },
    });
    expect(keychain.entries.size).toBe(0);
  });

  it('forgets what it put: from the keychain, or it says that it could not', async () => {
    const keychain = memoryKeychain();
    const vault = new Vault('work', keychain);
    const place = await vault.put('c1', 'secret', false);
    await vault.forget('c1', place);
    expect(keychain.entries.size).toBe(0);
    // Twice, and what somebody else took away, is no failure.
    await vault.forget('c1', 'keychain');
    await expect(new Vault('work', lockedKeychain).forget('c1', 'keychain')).rejects.toMatchObject({
      code: 'keychain_locked',
    });
    await expect(new Vault('work', noKeychain).forget('c1', 'keychain')).rejects.toMatchObject({
      code: 'keychain_unavailable',
    });
  });

  it.each([
    ['none', noKeychain],
    ['a locked one', lockedKeychain],
  ])('forgets what is in memory alone where there is %s', async (_, keychain) => {
    const vault = new Vault('work', keychain);
    await vault.put('c1', 'secret', true);
    await vault.forget('c1', 'memory');
    expect(vault.holdsInMemory('c1')).toBe(false);
  });

  it('takes an older copy out of the keychain with what was kept for one run', async () => {
    const keychain = memoryKeychain(new Map([['work/c1', 'the secret before']]));
    const vault = new Vault('work', { ...keychain, set: unavailable });
    expect(await vault.put('c1', 'secret', true)).toBe('memory');
    await vault.forget('c1', 'memory');
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
    const vault = new Vault('work', keychain);
    // A look-up alone does not tell, and a write could make the system ask for a password before anybody wants anything.
    expect(await vault.status()).toBe('available');
    await expect(vault.fetch('c1')).rejects.toMatchObject({ code: 'keychain_locked' });
    expect(await vault.status()).toBe('locked');
    isLocked = false;
    expect(await vault.status()).toBe('available');
    expect(await vault.fetch('c1')).toBe('secret');
  });

  it('takes a question of the system that nobody answered for a lock', async () => {
    const unanswered = () => Promise.reject(new DeskError('keychain_timed_out', 'Nobody answered.'));
    expect(await new Vault('work', { ...lockedKeychain, get: unanswered }).status()).toBe('locked');
  });

  it('says whether there is a keychain', async () => {
    expect(await new Vault('work', memoryKeychain()).status()).toBe('available');
    expect(await new Vault('work', noKeychain).status()).toBe('unavailable');
    expect(await new Vault('practice', null).status()).toBe('unavailable');
  });
});
