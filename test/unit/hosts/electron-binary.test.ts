import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { binaryName, electronBinary, reasonIn } from '../../../src-main/hosts/electron-binary.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'electron-dist-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

it('takes the binary of ELECTRON_OVERRIDE_DIST_PATH', async () => {
  const dist = folder();
  const path = join(dist, 'electron');
  writeFileSync(path, '');
  expect(binaryName('linux')).toBe('electron');
  if (process.platform === 'linux') expect(await electronBinary({ ELECTRON_OVERRIDE_DIST_PATH: dist })).toEqual({ path });
});

it('says so where ELECTRON_OVERRIDE_DIST_PATH holds none, and fetches nothing', async () => {
  expect(await electronBinary({ ELECTRON_OVERRIDE_DIST_PATH: folder() })).toEqual({
    missing: `ELECTRON_OVERRIDE_DIST_PATH has no ${binaryName(process.platform)} in it`,
  });
});

it('finds the reason in what the installer of Electron said', () => {
  expect(reasonIn('TypeError: fetch failed\n    at node:internal/deps/undici:1')).toBe('its download host cannot be reached');
  expect(reasonIn('HTTPError: Response code 403 (Forbidden) for https://x\n    at y')).toBe('HTTPError: Response code 403 (Forbidden) for https://x');
  expect(reasonIn('')).toBe('its installer did not say why');
});
