/** Runs in a private D-Bus session: starts gnome-keyring, runs the command in its arguments, then stops the keyring. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { runCommand } from './run-command.ts';
import { keyringPassword } from './keyring-lock.ts';

const keyringProcess = spawn('gnome-keyring-daemon', ['--foreground', '--unlock', '--components=secrets'], {
  // Its warnings concern the missing desktop session.
  stdio: ['pipe', 'ignore', 'ignore'],
});
const keyringExited = once(keyringProcess, 'exit');
keyringProcess.stdin.end(keyringPassword);

/** Whether the keyring is registered on the bus. */
async function isKeyringReady(): Promise<boolean> {
  const { stdout } = await promisify(execFile)('dbus-send', [
    '--session',
    '--print-reply',
    '--dest=org.freedesktop.DBus',
    '/org/freedesktop/DBus',
    'org.freedesktop.DBus.NameHasOwner',
    'string:org.freedesktop.secrets',
  ]);
  return stdout.includes('boolean true');
}

try {
  const deadline = Date.now() + 10_000;
  while (!(await isKeyringReady())) {
    if (Date.now() > deadline || keyringProcess.exitCode !== null)
      throw new Error('The keyring did not start within 10 seconds.');
  }
  process.exitCode = (await runCommand(process.argv.slice(2))) ? 0 : 1;
} finally {
  keyringProcess.kill();
  await keyringExited;
}
