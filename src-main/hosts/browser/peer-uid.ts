/** Whose program is at the other end of a loopback connection: on Linux the system says so, and no other user may come in. */
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';

const procNetTables = ['/proc/net/tcp', '/proc/net/tcp6'];
/** 127.0.0.1 as either byte order writes it, alone or inside an IPv6 address. */
const loopbackPattern = '(?:0000000000000000FFFF0000|0{20}FFFF)?(?:0100007F|7F000001)';

/** The user id in a table of /proc/net that owns the end of a connection which leads from port `from` to port `to`. */
export function findSocketOwner(table: string, from: number, to: number): number | undefined {
  const end = (port: number) => `${loopbackPattern}:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const row = new RegExp(`^\\s*\\d+: ${end(from)} ${end(to)} \\S+ \\S+ \\S+ \\S+ +(\\d+) `, 'm').exec(table);
  return row?.[1] === undefined ? undefined : Number(row[1]);
}

/** This user; and where sudo made it root, whoever asked for that: their browser runs as themselves. */
export function getAllowedUids(own: number | undefined, env: NodeJS.ProcessEnv): readonly number[] {
  if (own === undefined) return [];
  const asked = Number(env['SUDO_UID']);
  return own === 0 && asked > 0 ? [own, asked] : [own];
}

/**
 * Whether another user of this machine made the connection. False where the system does not tell (macOS, Windows): there
 * the code alone guards.
 */
export async function isOtherUser(
  { localPort, remotePort }: Pick<Socket, 'localPort' | 'remotePort'>,
  users = getAllowedUids(process.getuid?.(), process.env),
): Promise<boolean> {
  if (process.platform !== 'linux' || users.length === 0 || localPort === undefined || remotePort === undefined)
    return false;
  for (const table of procNetTables) {
    const owner = findSocketOwner(await readFile(table, 'utf8').catch(() => ''), remotePort, localPort);
    if (owner !== undefined) return !users.includes(owner);
  }
  return false;
}
