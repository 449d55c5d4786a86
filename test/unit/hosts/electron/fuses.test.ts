import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { binaryName } from '../../../../src-main/hosts/electron-binary.ts';
import { fuseConfig, fuseNames, fuses, fusesOf, sentinel } from '../../../../src-main/hosts/electron/fuses.ts';
import type { FuseName } from '../../../../src-main/hosts/electron/fuses.ts';

/** A binary with a wire in the middle, as `flipFuses` would leave it. */
function binary(wire: string, version = 1, length = wire.length): Buffer {
  return Buffer.concat([
    Buffer.from('\x7fELF…'),
    Buffer.from(sentinel),
    Buffer.from([version, length]),
    Buffer.from(wire),
    Buffer.from('…'),
  ]);
}
const flipped = fuseNames.map((name) => (fuses[name] ? '1' : '0')).join('');

describe('the fuses of a packaged console', () => {
  // Keeps E-19.
  it('are all named: one left out does not compile', () => {
    const { RunAsNode: _left, ...rest } = fuses;
    // @ts-expect-error -- one is missing
    const incomplete: Readonly<Record<FuseName, boolean>> = rest;
    expect(Object.keys(incomplete)).toHaveLength(fuseNames.length - 1);
    expect(Object.keys(fuses)).toEqual([...fuseNames]);
  });

  // Keeps E-19.
  it('switch off every way to run other code, and on every check', () => {
    expect(fuses).toEqual({
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

  // Keeps E-19.
  it('are handed to @electron/fuses by number, with none left as it was', () => {
    expect(fuseConfig()).toEqual({
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
  // Keeps E-19.
  it('are read back', () => {
    const { named, unnamed } = fusesOf(binary(flipped));
    expect(named).toEqual(Object.fromEntries(fuseNames.map((name) => [name, fuses[name] ? 'on' : 'off'])));
    expect(unnamed).toEqual([]);
  });

  it('that are older, newer or taken out are told apart', () => {
    expect(fusesOf(binary('10')).named).toMatchObject({
      RunAsNode: 'on',
      EnableCookieEncryption: 'off',
      WasmTrapHandlers: null,
    });
    expect(fusesOf(binary(`${flipped}1`)).unnamed).toEqual(['on']);
    expect(fusesOf(binary(`r${flipped.slice(1)}`)).named.RunAsNode).toBe('removed');
  });

  it('of a universal binary must agree', () => {
    expect(fusesOf(Buffer.concat([binary(flipped), binary(flipped)])).named.RunAsNode).toBe('off');
    expect(() => fusesOf(Buffer.concat([binary(flipped), binary(flipped.replace('0', '1'))]))).toThrow('differ');
  });

  it('are not guessed', () => {
    expect(() => fusesOf(Buffer.from('no binary'))).toThrow('no fuse wire');
    expect(() => fusesOf(binary(flipped, 2))).toThrow('not known');
    expect(() => fusesOf(binary('1', 1, 200))).toThrow('not known');
    expect(() => fusesOf(binary('x'))).toThrow('"x"');
  });
});

// Electron's own binary, where the machine has one: development's is not flipped, but its wire must be one that we can read.
const dist =
  process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(import.meta.dirname, '../../../../node_modules/electron/dist');
const path = join(
  dist,
  process.platform === 'darwin'
    ? 'Electron.app/Contents/Frameworks/Electron Framework.framework/Electron Framework'
    : binaryName(process.platform),
);
if (existsSync(path))
  it('of the Electron at hand can be read, and hold none that has no name here', () => {
    const { named, unnamed } = fusesOf(readFileSync(path));
    expect(named.RunAsNode).toMatch(/^(on|off)$/);
    expect(unnamed).toEqual([]);
  });
