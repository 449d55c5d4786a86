/** The fuses of a real Electron binary: set on a copy, as packaging does, and read back. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { flipFuses } from '@electron/fuses';
import { createFuseConfig, fuseNames, requiredFuses, readFuses } from '../../src-main/hosts/electron/fuses.ts';
import { electronLaunchOptions } from '../support/launch-hosts.ts';
import { expect, test } from './fixtures.ts';
import { nonEmpty } from '../support/non-empty.ts';

/** A distribution with a copy of the binary and links to all other files. */
function copyDistribution(tempFolder: string, binary: string): string {
  const dist = dirname(binary);
  const name = basename(binary);
  for (const other of readdirSync(dist)) if (other !== name) symlinkSync(join(dist, other), join(tempFolder, other));
  copyFileSync(binary, join(tempFolder, name));
  return join(tempFolder, name);
}

/** The output of an Electron binary that is started with ELECTRON_RUN_AS_NODE. */
function runAsNode(path: string): string {
  const { DISPLAY: _display, WAYLAND_DISPLAY: _wayland, ...env } = process.env;
  const { stdout } = spawnSync(path, ['-p', '6 * 7'], {
    env: { ...env, ELECTRON_RUN_AS_NODE: '1', FORCE_COLOR: '0' },
    encoding: 'utf8',
    timeout: 20_000,
  });
  return stdout.trim();
}

let folder: string;
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flipped-'));
});
test.afterEach(() => rmSync(folder, { recursive: true }));

// Verifies E-19.
if (process.platform === 'linux')
  test('fuses: a real binary gets the configured fuses and no longer runs code as Node', async () => {
    const path = copyDistribution(folder, electronLaunchOptions().executablePath);
    // The Electron version of the tests can be older than the newest fuses.
    const known = fuseNames.filter((name) => readFuses(readFileSync(path)).known[name] !== null);
    const { version, strictlyRequireAllFuses, ...byNumber } = createFuseConfig();
    const config = Object.fromEntries(Object.entries(byNumber).slice(0, known.length));
    expect(runAsNode(path)).toBe('42');
    await flipFuses(path, { version, strictlyRequireAllFuses, ...config } as unknown as Parameters<
      typeof flipFuses
    >[1]);
    const { known: named, unknown } = readFuses(readFileSync(path));
    for (const name of nonEmpty(known)) expect([name, named[name]]).toEqual([name, requiredFuses[name] ? 'on' : 'off']);
    expect(unknown).toEqual([]);
    expect(runAsNode(path)).toBe('');
  });
