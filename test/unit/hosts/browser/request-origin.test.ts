import { describe, expect, it } from 'vitest';
import {
  PeerCheck,
  findSocketOwner,
  getAllowedUids,
  isSameUser,
  validateRequestOrigin,
} from '../../../../src-main/hosts/browser/request-origin.ts';

const host = '127.0.0.1:4711';
const origin = `http://${host}`;

describe('validateRequestOrigin', () => {
  it.each([
    ['GET', { host }],
    ['GET', { host, 'sec-fetch-site': 'none' }],
    ['GET', { host, origin, 'sec-fetch-site': 'same-origin' }],
    ['POST', { host, origin, 'sec-fetch-site': 'same-origin' }],
    ['GET', { host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }],
  ])('accepts a request of the Session Desk page: %s %j', (method, headers) => {
    expect(validateRequestOrigin(method, headers, host)).toBeUndefined();
  });

  // Verifies B-02, B-03, B-04.
  it.each([
    ['GET', {}],
    ['GET', { host: 'evil.example:4711' }],
    ['GET', { host: 'localhost:4711' }],
    ['GET', { host: '127.0.0.1:4712' }],
    ['POST', { host }],
    ['POST', { host, origin: 'null' }],
    ['POST', { host, origin: 'https://127.0.0.1:4711' }],
    ['POST', { host, origin, 'sec-fetch-site': 'cross-site' }],
    ['POST', { host, origin, 'sec-fetch-site': 'same-site' }],
    ['GET', { host, origin: 'http://127.0.0.1:4712' }],
    ['GET', { host, 'sec-fetch-site': 'cross-site' }],
    ['GET', { host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }],
  ])('rejects a request of another page or host: %s %j', (method, headers) => {
    expect(validateRequestOrigin(method, headers, host)).toBeTypeOf('string');
  });
});

const tcpTableHeader =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const tcpTableRow = (from: string, to: string, uid: number, slot = 0, state = '01') =>
  `   ${slot}: ${from} ${to} ${state} 00000000:00000000 00:00000000 00000000  ${uid}` +
  '        0 47110815 1 0000000000000000 20 4 30 10 -1\n';

describe('peer uid', () => {
  // Verifies B-10.
  it('findSocketOwner: finds the row by both ports, for IPv4 and IPv6', () => {
    const table =
      tcpTableHeader +
      tcpTableRow('0100007F:1F90', '0100007F:9C40', 1000) +
      tcpTableRow('0100007F:9C40', '0100007F:1F90', 1001, 1);
    expect(findSocketOwner(table, 40_000, 8_080)).toBe(1001);
    expect(findSocketOwner(table, 8_080, 40_000)).toBe(1000);
    const mappedAddress = '0000000000000000FFFF00000100007F';
    expect(
      findSocketOwner(
        tcpTableHeader + tcpTableRow(`${mappedAddress}:9C40`, `${mappedAddress}:1F90`, 1002),
        40_000,
        8_080,
      ),
    ).toBe(1002);
  });

  it('findSocketOwner: returns undefined if no row matches', () => {
    expect(findSocketOwner('', 1, 2)).toBeUndefined();
    expect(
      findSocketOwner(
        tcpTableHeader +
          tcpTableRow('0100007F:9C40', '0100007F:1F91', 1001) +
          tcpTableRow('0200007F:9C40', '0100007F:1F90', 1001),
        40_000,
        8_080,
      ),
    ).toBeUndefined();
  });

  it('getAllowedUids: includes the user who ran sudo only for root', () => {
    expect(getAllowedUids(1000, {})).toEqual([1000]);
    expect(getAllowedUids(1000, { SUDO_UID: '1001' })).toEqual([1000]);
    expect(getAllowedUids(0, { SUDO_UID: '1001' })).toEqual([0, 1001]);
    expect(getAllowedUids(0, {})).toEqual([0]);
    expect(getAllowedUids(undefined, {})).toEqual([]);
  });

  // Verifies B-10.
  it('findSocketOwner: a closed connection has no owner, although its row names user 0', () => {
    const row = tcpTableRow('0100007F:9C40', '0100007F:1F90', 0, 0, '06');
    expect(findSocketOwner(tcpTableHeader + row, 40_000, 8_080)).toBeUndefined();
  });

  const peer = { localAddress: '127.0.0.1', localPort: 8_080, remoteAddress: '127.0.0.1', remotePort: 40_000 };
  const ownRow = tcpTableHeader + tcpTableRow('0100007F:9C40', '0100007F:1F90', 1000);
  const isAccepted = (change: Partial<typeof peer>, table: string, users: readonly number[] = [1000]) =>
    isSameUser({ ...peer, ...change }, users, () => Promise.resolve(table), 'linux');

  // Verifies B-10.
  it('isSameUser: is true only if a row names an allowed user', async () => {
    expect(await isAccepted({}, ownRow)).toBe(true);
    expect(await isAccepted({}, ownRow, [1001, 1000])).toBe(true);
    expect(await isAccepted({}, ownRow, [1001])).toBe(false);
    expect(await isAccepted({}, ownRow, [])).toBe(false);
    expect(await isAccepted({}, '')).toBe(false);
    expect(await isAccepted({ remotePort: 40_001 }, ownRow)).toBe(false);
  });

  // Verifies B-10.
  it('isSameUser: is false for any other address of the loopback network, and without a port', async () => {
    for (const remoteAddress of ['127.0.0.2', '127.255.255.254', '::ffff:127.0.0.1', '::1', '10.0.0.1', undefined])
      expect(await isAccepted({ remoteAddress: remoteAddress as string }, ownRow), remoteAddress).toBe(false);
    expect(await isAccepted({ localAddress: '127.0.0.2' }, ownRow)).toBe(false);
    expect(await isSameUser({ ...peer, remotePort: undefined }, [1000], () => Promise.resolve(ownRow), 'linux')).toBe(
      false,
    );
  });

  // Verifies B-10.
  it('PeerCheck: a connection whose owner changes is rejected, and a rejected one is not remembered', async () => {
    let now = 0;
    let owner = 1001;
    const check = new PeerCheck(
      (each) => isSameUser(each, [1000], () => Promise.resolve(ownRow.replace(' 1000 ', ` ${owner} `)), 'linux'),
      () => now,
    );
    expect(await check.isAccepted(peer)).toBe(false);
    owner = 1000;
    expect(await check.isAccepted(peer)).toBe(true);
    owner = 1001;
    now = 1_000;
    expect(await check.isAccepted(peer)).toBe(false);
    expect(await check.isAccepted({ ...peer })).toBe(false);
  });

  it('isSameUser: without a table of the system, only the address is checked', async () => {
    const none = () => Promise.resolve('');
    expect(await isSameUser(peer, [], none, 'darwin')).toBe(true);
    expect(await isSameUser({ ...peer, remoteAddress: '127.0.0.2' }, [], none, 'win32')).toBe(false);
  });
});
