import { describe, expect, it } from 'vitest';
import { isForeign, ownerIn, usersOf } from '../../../../src-main/hosts/browser/peer-uid.ts';

const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const row = (from: string, to: string, user: number, place = 0) =>
  `   ${place}: ${from} ${to} 01 00000000:00000000 00:00000000 00000000  ${user}        0 47110815 1 0000000000000000 20 4 30 10 -1\n`;

describe('the user at the other end', () => {
  // Keeps B-10.
  it('is found by both ports, in the table of either family', () => {
    const table = head + row('0100007F:1F90', '0100007F:9C40', 1000) + row('0100007F:9C40', '0100007F:1F90', 1001, 1);
    expect(ownerIn(table, 40_000, 8_080)).toBe(1001);
    expect(ownerIn(table, 8_080, 40_000)).toBe(1000);
    const mapped = '0000000000000000FFFF00000100007F';
    expect(ownerIn(head + row(`${mapped}:9C40`, `${mapped}:1F90`, 1002), 40_000, 8_080)).toBe(1002);
  });

  it('is nobody where the table has no such row', () => {
    expect(ownerIn('', 1, 2)).toBeUndefined();
    expect(
      ownerIn(
        head + row('0100007F:9C40', '0100007F:1F91', 1001) + row('0200007F:9C40', '0100007F:1F90', 1001),
        40_000,
        8_080,
      ),
    ).toBeUndefined();
  });

  it('may be who asked sudo for it, and nobody else', () => {
    expect(usersOf(1000, {})).toEqual([1000]);
    expect(usersOf(1000, { SUDO_UID: '1001' })).toEqual([1000]);
    expect(usersOf(0, { SUDO_UID: '1001' })).toEqual([0, 1001]);
    expect(usersOf(0, {})).toEqual([0]);
    expect(usersOf(undefined, {})).toEqual([]);
  });

  it('is not foreign where the system does not tell', async () => {
    expect(await isForeign({ localPort: 1, remotePort: 2 })).toBe(false);
    expect(await isForeign({ localPort: 1, remotePort: undefined }, [1000])).toBe(false);
  });
});
