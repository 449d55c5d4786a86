/** The fuses of a real Electron, where the machine has one: flipped on a copy as packaging would, and read back. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flipFuses } from '@electron/fuses';
import { expect, it, onTestFinished } from 'vitest';
import { fuseConfig, fuseNames, fuses, fusesOf } from '../../../src-main/hosts/electron/fuses.ts';

const dist = process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(import.meta.dirname, '../../../node_modules/electron/dist');
const binary = join(dist, 'electron');

/** A distribution whose binary is a copy, and all else the same. */
function copied(): string {
  const folder = mkdtempSync(join(tmpdir(), 'flipped-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of readdirSync(dist)) if (name !== 'electron') symlinkSync(join(dist, name), join(folder, name));
  copyFileSync(binary, join(folder, 'electron'));
  return join(folder, 'electron');
}

/** What a binary of Electron says when it is asked to be a mere Node. */
function asNode(path: string): string {
  const { DISPLAY: _display, WAYLAND_DISPLAY: _wayland, ...env } = process.env;
  const { stdout } = spawnSync(path, ['-p', '6 * 7'], { env: { ...env, ELECTRON_RUN_AS_NODE: '1' }, encoding: 'utf8', timeout: 20_000 });
  return stdout.trim();
}

// Keeps E-19.
if (process.platform === 'linux' && existsSync(binary)) it('a real binary is flipped to what was decided, and runs no other code as Node any more', async () => {
  const path = copied();
  // An Electron for tests may be older than the newest fuses.
  const known = fuseNames.filter((name) => fusesOf(readFileSync(path)).named[name] !== null);
  const { version, strictlyRequireAllFuses, ...byNumber } = fuseConfig();
  const config = Object.fromEntries(Object.entries(byNumber).slice(0, known.length));
  expect(asNode(path)).toBe('42');
  await flipFuses(path, { version, strictlyRequireAllFuses, ...config } as unknown as Parameters<typeof flipFuses>[1]);
  const { named, unnamed } = fusesOf(readFileSync(path));
  for (const name of known) expect([name, named[name]]).toEqual([name, fuses[name] ? 'on' : 'off']);
  expect(unnamed).toEqual([]);
  expect(asNode(path)).toBe('');
}, 60_000);
