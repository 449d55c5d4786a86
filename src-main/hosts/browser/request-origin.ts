/** Checks that a request comes from the page of Session Desk and from its user. */
import { readFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Why a request is rejected by its headers, which other pages cannot forge, or undefined. `host` is
 * `127.0.0.1:<port>`. The exact comparison prevents DNS rebinding: such a request carries the attacker's host
 * name. A POST request must have an Origin header.
 */
export function validateRequestOrigin(method: string, headers: IncomingHttpHeaders, host: string): string | undefined {
  if (headers.host !== host) return 'The Host header does not match the address of Session Desk.';
  if (headers.origin !== undefined ? headers.origin !== `http://${host}` : method === 'POST') {
    return 'The request comes from another page.';
  }
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return undefined;
  // A top-level navigation is allowed, e.g. a link in a chat. Another page must not load resources of Session Desk.
  const isNavigation =
    method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  return isNavigation ? undefined : 'The request comes from another page.';
}

export type PeerAddress = Pick<Socket, 'localAddress' | 'localPort' | 'remoteAddress' | 'remotePort'>;

const procNetTables = ['/proc/net/tcp', '/proc/net/tcp6'];
const loopbackAddress = '127.0.0.1';
/** 127.0.0.1 in either byte order, as IPv4 or as an IPv4-mapped IPv6 address. */
const loopbackPattern = '(?:0000000000000000FFFF0000|0{20}FFFF)?(?:0100007F|7F000001)';
/** Only an established connection has an owner: a closed one is listed with user 0. */
const establishedState = '01';

/** The user id that owns the socket of a connection from port `from` to port `to`, read from a table of /proc/net. */
export function findSocketOwner(table: string, from: number, to: number): number | undefined {
  const endpoint = (port: number) => `${loopbackPattern}:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const columns = `\\S+ \\S+ \\S+ +(\\d+) `;
  const pattern = `^\\s*\\d+: ${endpoint(from)} ${endpoint(to)} ${establishedState} ${columns}`;
  const owner = new RegExp(pattern, 'm').exec(table)?.[1];
  return owner === undefined ? undefined : Number(owner);
}

/** This user, and under sudo also the user who ran sudo, because the browser runs as that user. */
export function getAllowedUids(own: number | undefined, env: NodeJS.ProcessEnv): readonly number[] {
  if (own === undefined) return [];
  const sudoUid = Number(env['SUDO_UID']);
  return own === 0 && sudoUid > 0 ? [own, sudoUid] : [own];
}

/** Reading the table costs about a millisecond; a scrolling page sends tens of calls a second. */
const cacheDurationMs = 1_000;

const readProcNetTable = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');

/**
 * Whether the connection at this moment belongs to one of `users`. False if that is not certain: for an address of
 * 127.0.0.0/8 other than 127.0.0.1, a connection that is closed, or a table that cannot be read. On macOS and Windows,
 * which have no such table, only the address is checked; there, the one-time code and the token protect.
 */
export async function isSameUser(
  { localAddress, localPort, remoteAddress, remotePort }: PeerAddress,
  users = getAllowedUids(process.getuid?.(), process.env),
  readTable = readProcNetTable,
  platform = process.platform,
): Promise<boolean> {
  if (localAddress !== loopbackAddress || remoteAddress !== loopbackAddress) return false;
  if (localPort === undefined || remotePort === undefined) return false;
  if (platform !== 'linux') return true;
  for (const table of procNetTables) {
    const owner = findSocketOwner(await readTable(table), remotePort, localPort);
    if (owner !== undefined) return users.includes(owner);
  }
  return false;
}

/** Checks the peer of each request. A connection that was accepted is checked again after a second. */
export class PeerCheck {
  readonly #acceptedAt = new WeakMap<PeerAddress, number>();
  readonly #isSameUser: (peer: PeerAddress) => Promise<boolean>;
  readonly #now: () => number;

  /** `now`: milliseconds of a clock that is never set back. */
  constructor(isOwnPeer: (peer: PeerAddress) => Promise<boolean> = isSameUser, now = () => performance.now()) {
    this.#isSameUser = isOwnPeer;
    this.#now = now;
  }

  async isAccepted(peer: PeerAddress): Promise<boolean> {
    const acceptedAt = this.#acceptedAt.get(peer);
    if (acceptedAt !== undefined && this.#now() - acceptedAt < cacheDurationMs) return true;
    if (!(await this.#isSameUser(peer))) return false;
    this.#acceptedAt.set(peer, this.#now());
    return true;
  }
}
