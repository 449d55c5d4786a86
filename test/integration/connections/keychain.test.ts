/** The real keychain of the system; on Linux a gnome-keyring in a separate D-Bus session of the test run. */
import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createOsKeychain } from '../../../src-main/core/index.ts';

const run = promisify(execFile);
const account = `work/${crypto.randomUUID()}`;
const isLinux = process.platform === 'linux';

describe('createOsKeychain', () => {
  it('keychain: stores, returns, replaces and removes a secret', async () => {
    const keychain = createOsKeychain();
    expect(await keychain.get(account)).toBeNull();
    await keychain.set(account, 'gehéim');
    expect(await keychain.get(account)).toBe('gehéim');
    await keychain.set(account, 'another');
    expect(await keychain.get(account)).toBe('another');
    await keychain.remove(account);
    expect(await keychain.get(account)).toBeNull();
  });

  it.runIf(isLinux)('keychain: other programs can read the stored secret', async () => {
    const keychain = createOsKeychain();
    await keychain.set(account, 'shared secret');
    const { stdout } = await run('secret-tool', ['lookup', 'service', 'Session Desk', 'account', account]);
    expect(stdout).toBe('shared secret');
    await keychain.remove(account);
  });

  it('keychain: concurrent calls run one after the other', async () => {
    const keychain = createOsKeychain();
    const accounts = Array.from({ length: 20 }, (_, number) => `${account}/${number}`);
    await Promise.all(accounts.map((name) => keychain.set(name, `secret of ${name}`)));
    expect(await Promise.all(accounts.map((name) => keychain.get(name)))).toEqual(
      accounts.map((name) => `secret of ${name}`),
    );
    await Promise.all(accounts.map((name) => keychain.remove(name)));
  });

  it.runIf(isLinux)('keychain: every call fails with keychain_unavailable if there is no keychain', () => {
    const coreUrl = new URL('../../../src-main/core/index.ts', import.meta.url).href;
    const script = `import { createOsKeychain } from ${JSON.stringify(coreUrl)};
      const calls = [
        () => createOsKeychain().get('a'),
        () => createOsKeychain().set('a', 'b'),
        () => createOsKeychain().remove('a'),
      ];
      for (const call of calls) {
        await call().then(() => console.log('ok'), (error) => console.log(error.code));
      }`;
    const { DBUS_SESSION_BUS_ADDRESS: _address, XDG_RUNTIME_DIR: _folder, ...environment } = process.env;
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...environment, DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere' },
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect(output.trim().split('\n')).toEqual(['keychain_unavailable', 'keychain_unavailable', 'keychain_unavailable']);
  });
});
