/** The real keychain of the system; on Linux a gnome-keyring in a D-Bus session of the test run's own. */
import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createOsKeychain } from '../../../src-main/core/index.ts';

const run = promisify(execFile);
const account = `work/${crypto.randomUUID()}`;
const onLinux = process.platform === 'linux';

describe('the keychain of the operating system', () => {
  it('keeps a secret, gives it back, and forgets it', async () => {
    const keychain = createOsKeychain();
    expect(await keychain.get(account)).toBeNull();
    await keychain.set(account, 'gehéim');
    expect(await keychain.get(account)).toBe('gehéim');
    await keychain.set(account, 'another');
    expect(await keychain.get(account)).toBe('another');
    await keychain.remove(account);
    expect(await keychain.get(account)).toBeNull();
  });

  it.runIf(onLinux)('is the one that other programs see', async () => {
    const keychain = createOsKeychain();
    await keychain.set(account, 'seen by both');
    const { stdout } = await run('secret-tool', ['lookup', 'service', 'Session Desk', 'account', account]);
    expect(stdout).toBe('seen by both');
    await keychain.remove(account);
  });

  it('takes many calls at once, one after the other', async () => {
    const keychain = createOsKeychain();
    const accounts = Array.from({ length: 20 }, (_, number) => `${account}/${number}`);
    await Promise.all(accounts.map((name) => keychain.set(name, `secret of ${name}`)));
    expect(await Promise.all(accounts.map((name) => keychain.get(name)))).toEqual(
      accounts.map((name) => `secret of ${name}`),
    );
    await Promise.all(accounts.map((name) => keychain.remove(name)));
  });

  it.runIf(onLinux)('that is not there is named so, and nothing hangs', () => {
    const script = `import { createOsKeychain } from ${JSON.stringify(new URL('../../../src-main/core/index.ts', import.meta.url).href)};
      for (const call of [() => createOsKeychain().get('a'), () => createOsKeychain().set('a', 'b'), () => createOsKeychain().remove('a')]) {
        await call().then(() => console.log('worked'), (error) => console.log(error.code));
      }`;
    const { DBUS_SESSION_BUS_ADDRESS: _address, XDG_RUNTIME_DIR: _folder, ...environment } = process.env;
    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...environment, DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere' },
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect(printed.trim().split('\n')).toEqual([
      'keychain_unavailable',
      'keychain_unavailable',
      'keychain_unavailable',
    ]);
  });
});
