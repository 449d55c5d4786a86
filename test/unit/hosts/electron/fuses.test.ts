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

/** A binary that contains a fuse wire. */
function fakeBinary(wire: string, version = 1, length = wire.length): Buffer {
  return Buffer.concat([
    Buffer.from('\x7fELF…'),
    Buffer.from(sentinel),
    Buffer.from([version, length]),
    Buffer.from(wire),
    Buffer.from('…'),
  ]);
}
const requiredWire = fuseNames.map((name) => (requiredFuses[name] ? '1' : '0')).join('');

describe('required fuses', () => {
  // Verifies E-19.
  it('every fuse is configured: a missing fuse is a compile error', () => {
    const { RunAsNode: _removed, ...rest } = requiredFuses;
    // @ts-expect-error -- one is missing
    const incomplete: Readonly<Record<FuseName, boolean>> = rest;
    expect(Object.keys(incomplete)).toHaveLength(fuseNames.length - 1);
    expect(Object.keys(requiredFuses)).toEqual([...fuseNames]);
  });

  // Verifies E-19.
  it('all options that run other code are off, and all checks are on', () => {
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
  it('createFuseConfig: sets every fuse by its number', () => {
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

describe('readFuses', () => {
  // Verifies E-19.
  it('returns the state of each fuse', () => {
    const { known, unknown } = readFuses(fakeBinary(requiredWire));
    expect(known).toEqual(Object.fromEntries(fuseNames.map((name) => [name, requiredFuses[name] ? 'on' : 'off'])));
    expect(unknown).toEqual([]);
  });

  it('returns null for missing fuses, lists unknown fuses, and recognizes removed fuses', () => {
    expect(readFuses(fakeBinary('10')).known).toMatchObject({
      RunAsNode: 'on',
      EnableCookieEncryption: 'off',
      WasmTrapHandlers: null,
    });
    expect(readFuses(fakeBinary(`${requiredWire}1`)).unknown).toEqual(['on']);
    expect(readFuses(fakeBinary(`r${requiredWire.slice(1)}`)).known.RunAsNode).toBe('removed');
  });

  it('throws if the wires of a universal binary differ', () => {
    expect(readFuses(Buffer.concat([fakeBinary(requiredWire), fakeBinary(requiredWire)])).known.RunAsNode).toBe('off');
    expect(() =>
      readFuses(Buffer.concat([fakeBinary(requiredWire), fakeBinary(requiredWire.replace('0', '1'))])),
    ).toThrow('differ');
  });

  it('throws if there is no wire, or if its version, length or a state is unknown', () => {
    expect(() => readFuses(Buffer.from('no binary'))).toThrow('no fuse wire');
    expect(() => readFuses(fakeBinary(requiredWire, 2))).toThrow('unknown version or length');
    expect(() => readFuses(fakeBinary('1', 1, 200))).toThrow('unknown version or length');
    expect(() => readFuses(fakeBinary('x'))).toThrow('"x"');
  });
});

// The installed Electron binary, if there is one. Its fuses have default values, but its wire must be readable.
const dist =
  process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(import.meta.dirname, '../../../../node_modules/electron/dist');
const path = join(
  dist,
  process.platform === 'darwin'
    ? 'Electron.app/Contents/Frameworks/Electron Framework.framework/Electron Framework'
    : getBinaryPath(process.platform),
);
if (existsSync(path))
  it('readFuses: reads the installed Electron binary, and fuseNames lists all its fuses', () => {
    const { known, unknown } = readFuses(readFileSync(path));
    expect(known.RunAsNode).toMatch(/^(on|off)$/);
    expect(unknown).toEqual([]);
  });
