import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { getBinaryPath } from '../../../../src-main/hosts/electron-binary.ts';
import {
  createFuseConfig,
  fuseNames,
  requiredFuses,
  readFuses,
  sentinel,
} from '../../../../src-main/hosts/electron/fuses.ts';
import type { FuseName } from '../../../../src-main/hosts/electron/fuses.ts';

/** A binary with a wire in the middle, as `flipFuses` would leave it. */
function fakeBinary(wire: string, version = 1, length = wire.length): Buffer {
  return Buffer.concat([
    Buffer.from('\x7fELF…'),
    Buffer.from(sentinel),
    Buffer.from([version, length]),
    Buffer.from(wire),
    Buffer.from('…'),
  ]);
}
const flipped = fuseNames.map((name) => (requiredFuses[name] ? '1' : '0')).join('');

describe('the fuses of a packaged console', () => {
  // Verifies E-19.
  it('are all named: one left out does not compile', () => {
    const { RunAsNode: _left, ...rest } = requiredFuses;
    // @ts-expect-error -- one is missing
    const incomplete: Readonly<Record<FuseName, boolean>> = rest;
    expect(Object.keys(incomplete)).toHaveLength(fuseNames.length - 1);
    expect(Object.keys(requiredFuses)).toEqual([...fuseNames]);
  });

  // Verifies E-19.
  it('switch off every way to run other code, and on every check', () => {
    expect(requiredFuses).toEqual({
      RunAsNode: false,
      EnableCookieEncryption: true,
      EnableNodeOptionsEnvironmentVariable: false,
      EnableNodeCliInspectArguments: false,
      EnableEmbeddedAsarIntegrityValidation: true,
      OnlyLoadAppFromAsar: true,
      LoadBrowserProcessSpecificV8Snapshot: false,
      GrantFileProtocolExtraPrivileges: false,
      WasmTrapHandlers: true,
    });
  });

  // Verifies E-19.
  it('are handed to @electron/fuses by number, with none left as it was', () => {
    expect(createFuseConfig()).toEqual({
      version: '1',
      strictlyRequireAllFuses: true,
      0: false,
      1: true,
      2: false,
      3: false,
      4: true,
      5: true,
      6: false,
      7: false,
      8: true,
    });
  });
});

describe('the fuses of a binary', () => {
  // Verifies E-19.
  it('are read back', () => {
    const { known, unknown } = readFuses(fakeBinary(flipped));
    expect(known).toEqual(Object.fromEntries(fuseNames.map((name) => [name, requiredFuses[name] ? 'on' : 'off'])));
    expect(unknown).toEqual([]);
  });

  it('that are older, newer or taken out are told apart', () => {
    expect(readFuses(fakeBinary('10')).known).toMatchObject({
      RunAsNode: 'on',
      EnableCookieEncryption: 'off',
      WasmTrapHandlers: null,
    });
    expect(readFuses(fakeBinary(`${flipped}1`)).unknown).toEqual(['on']);
    expect(readFuses(fakeBinary(`r${flipped.slice(1)}`)).known.RunAsNode).toBe('removed');
  });

  it('of a universal binary must agree', () => {
    expect(readFuses(Buffer.concat([fakeBinary(flipped), fakeBinary(flipped)])).known.RunAsNode).toBe('off');
    expect(() => readFuses(Buffer.concat([fakeBinary(flipped), fakeBinary(flipped.replace('0', '1'))]))).toThrow(
      'differ',
    );
  });

  it('are not guessed', () => {
    expect(() => readFuses(Buffer.from('no binary'))).toThrow('no fuse wire');
    expect(() => readFuses(fakeBinary(flipped, 2))).toThrow('not known');
    expect(() => readFuses(fakeBinary('1', 1, 200))).toThrow('not known');
    expect(() => readFuses(fakeBinary('x'))).toThrow('"x"');
  });
});

// Electron's own binary, where the machine has one: development's is not flipped, but its wire must be one that we can read.
const dist =
  process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(import.meta.dirname, '../../../../node_modules/electron/dist');
const path = join(
  dist,
  process.platform === 'darwin'
    ? 'Electron.app/Contents/Frameworks/Electron Framework.framework/Electron Framework'
    : getBinaryPath(process.platform),
);
if (existsSync(path))
  it('of the Electron at hand can be read, and hold none that has no name here', () => {
    const { known, unknown } = readFuses(readFileSync(path));
    expect(known.RunAsNode).toMatch(/^(on|off)$/);
    expect(unknown).toEqual([]);
  });
