/** Finds the user at the other end of a loopback connection (Linux only), so that other users can be rejected. */
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';

const procNetTables = ['/proc/net/tcp', '/proc/net/tcp6'];
/** 127.0.0.1 in either byte order, as IPv4 or as an IPv4-mapped IPv6 address. */
const loopbackPattern = '(?:0000000000000000FFFF0000|0{20}FFFF)?(?:0100007F|7F000001)';

/** The user id that owns the socket of a connection from port `from` to port `to`, read from a table of /proc/net. */
export function findSocketOwner(table: string, from: number, to: number): number | undefined {
  const endpoint = (port: number) => `${loopbackPattern}:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const row = new RegExp(`^\\s*\\d+: ${endpoint(from)} ${endpoint(to)} \\S+ \\S+ \\S+ \\S+ +(\\d+) `, 'm').exec(table);
  return row?.[1] === undefined ? undefined : Number(row[1]);
}

/** This user, and under sudo also the user who ran sudo, because the browser runs as that user. */
export function getAllowedUids(own: number | undefined, env: NodeJS.ProcessEnv): readonly number[] {
  if (own === undefined) return [];
  const sudoUid = Number(env['SUDO_UID']);
  return own === 0 && sudoUid > 0 ? [own, sudoUid] : [own];
}

/**
 * Whether another user of this computer opened the connection. Returns false if the system has no such table (macOS,
 * Windows); there, only the one-time code protects.
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
