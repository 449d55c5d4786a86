/** Locks the keyring of the test run and unlocks it again, as its owner would do with the system's own programs. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** What the keyring of the test run is made with. */
export const keyringPassword = 'a password for tests';

const collectionPath = '/org/freedesktop/secrets/collection/login';
/** Of gnome-keyring's own control socket, which PAM speaks to at login. */
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

/** Without a prompt, which nobody could answer here: a byte, then the packet of its length, the operation and the password. */
export async function unlockKeyring(): Promise<void> {
  const password = Buffer.from(keyringPassword);
  const packet = Buffer.alloc(12);
  packet.writeUInt32BE(packet.length + password.length, 0);
  packet.writeUInt32BE(unlockOperation, 4);
  packet.writeUInt32BE(password.length, 8);
  const socket = net.connect(join(process.env['XDG_RUNTIME_DIR'] ?? '', 'keyring', 'control'));
  socket.write(Buffer.concat([Buffer.alloc(1), packet, password]));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  if (answer.readUInt32BE(4) !== 0) throw new Error(`The keyring did not unlock: ${answer.toString('hex')}.`);
}
