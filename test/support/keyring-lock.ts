/** Locks and unlocks the keyring of the test run. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The password of the keyring of the test run. */
export const keyringPassword = 'a password for tests';

const collectionPath = '/org/freedesktop/secrets/collection/login';
/** Operation code of gnome-keyring's control socket, which PAM uses at login. */
const unlockOperation = 1;

export async function lockKeyring(): Promise<void> {
  await promisify(execFile)('dbus-send', [
    '--session',
    '--print-reply',
    '--dest=org.freedesktop.secrets',
    '/org/freedesktop/secrets',
    'org.freedesktop.Secret.Service.Lock',
    `array:objpath:${collectionPath}`,
  ]);
}

/** Unlocks without a prompt. Sends one byte, then a packet with its length, the operation code and the password. */
export async function unlockKeyring(): Promise<void> {
  const password = Buffer.from(keyringPassword);
  const packet = Buffer.alloc(12);
  packet.writeUInt32BE(packet.length + password.length, 0);
  packet.writeUInt32BE(unlockOperation, 4);
  packet.writeUInt32BE(password.length, 8);
  const socket = net.connect(join(process.env['XDG_RUNTIME_DIR'] ?? '', 'keyring', 'control'));
  socket.write(Buffer.concat([Buffer.alloc(1), packet, password]));
  const [response] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  if (response.readUInt32BE(4) !== 0)
    throw new Error(`The keyring could not be unlocked: ${response.toString('hex')}.`);
}
