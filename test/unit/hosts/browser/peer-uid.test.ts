import { describe, expect, it } from 'vitest';
import { isOtherUser, findSocketOwner, getAllowedUids } from '../../../../src-main/hosts/browser/peer-uid.ts';

const tcpTableHeader =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const tcpTableRow = (from: string, to: string, uid: number, slot = 0) =>
  `   ${slot}: ${from} ${to} 01 00000000:00000000 00:00000000 00000000  ${uid}` +
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

  it('isOtherUser: returns false if the system does not report the user', async () => {
    expect(await isOtherUser({ localPort: 1, remotePort: 2 })).toBe(false);
    expect(await isOtherUser({ localPort: 1, remotePort: undefined }, [1000])).toBe(false);
  });
});
