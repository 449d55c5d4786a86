import { describe, expect, it } from 'vitest';
import { isOtherUser, findSocketOwner, getAllowedUids } from '../../../../src-main/hosts/browser/peer-uid.ts';

const tcpTableHeader =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const tcpTableRow = (from: string, to: string, user: number, place = 0) =>
  `   ${place}: ${from} ${to} 01 00000000:00000000 00:00000000 00000000  ${user}        0 47110815 1 0000000000000000 20 4 30 10 -1\n`;

describe('the user at the other end', () => {
  // Verifies B-10.
  it('is found by both ports, in the table of either family', () => {
    const table =
      tcpTableHeader +
      tcpTableRow('0100007F:1F90', '0100007F:9C40', 1000) +
      tcpTableRow('0100007F:9C40', '0100007F:1F90', 1001, 1);
    expect(findSocketOwner(table, 40_000, 8_080)).toBe(1001);
    expect(findSocketOwner(table, 8_080, 40_000)).toBe(1000);
    const mapped = '0000000000000000FFFF00000100007F';
    expect(findSocketOwner(tcpTableHeader + tcpTableRow(`${mapped}:9C40`, `${mapped}:1F90`, 1002), 40_000, 8_080)).toBe(
      1002,
    );
  });

  it('is nobody where the table has no such row', () => {
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

  it('may be who asked sudo for it, and nobody else', () => {
    expect(getAllowedUids(1000, {})).toEqual([1000]);
    expect(getAllowedUids(1000, { SUDO_UID: '1001' })).toEqual([1000]);
    expect(getAllowedUids(0, { SUDO_UID: '1001' })).toEqual([0, 1001]);
    expect(getAllowedUids(0, {})).toEqual([0]);
    expect(getAllowedUids(undefined, {})).toEqual([]);
  });

  it('is not foreign where the system does not tell', async () => {
    expect(await isOtherUser({ localPort: 1, remotePort: 2 })).toBe(false);
    expect(await isOtherUser({ localPort: 1, remotePort: undefined }, [1000])).toBe(false);
  });
});
