import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createZip } from '../../../src-main/core/maintenance/zip.ts';
import {
  extractFailureReason,
  getBinaryPath,
  getStartFailureReason,
  getWindowUnavailableReason,
  resolveElectronBinary,
} from '../../../src-main/hosts/electron-binary.ts';

function createTempFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'electron-dist-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

it('resolveElectronBinary: uses the binary in ELECTRON_OVERRIDE_DIST_PATH', async () => {
  const dist = createTempFolder();
  const path = join(dist, 'electron');
  writeFileSync(path, '');
  expect(getBinaryPath('linux')).toBe('electron');
  if (process.platform === 'linux')
    expect(await resolveElectronBinary({ ELECTRON_OVERRIDE_DIST_PATH: dist })).toEqual({ path });
});

it('resolveElectronBinary: returns a reason if ELECTRON_OVERRIDE_DIST_PATH has no binary', async () => {
  expect(await resolveElectronBinary({ ELECTRON_OVERRIDE_DIST_PATH: createTempFolder() })).toEqual({
    unavailableReason: `ELECTRON_OVERRIDE_DIST_PATH does not contain ${getBinaryPath(process.platform)}`,
  });
});

it('extractFailureReason: returns the error line of the installer output', () => {
  expect(extractFailureReason('TypeError: fetch failed\n    at node:internal/deps/undici:1')).toBe(
    'the download server cannot be reached',
  );
  expect(extractFailureReason('HTTPError: Response code 403 (Forbidden) for https://x\n    at y')).toBe(
    'HTTPError: Response code 403 (Forbidden) for https://x',
  );
  expect(extractFailureReason('')).toBe('the installer gave no reason');
});

const modules = fileURLToPath(new URL('../../../node_modules/', import.meta.url));

/** Copies the package `electron` without its binary. */
function copyElectronPackage(): string {
  const packageFolder = createTempFolder();
  for (const name of ['package.json', 'install.js', 'checksums.json'])
    copyFileSync(join(modules, 'electron', name), join(packageFolder, name));
  symlinkSync(modules, join(packageFolder, 'node_modules'), 'junction');
  return packageFolder;
}

/** A download server with a forged binary and matching checksums. */
async function startFakeMirror(): Promise<{ url: string; requestedFiles: string[] }> {
  const zip = createZip([{ name: getBinaryPath(process.platform), text: 'not Electron' }], new Date());
  const hash = createHash('sha256').update(zip).digest('hex');
  const requestedFiles: string[] = [];
  const server = createServer(({ url = '' }, response) => {
    requestedFiles.push(basename(url));
    const zipName = requestedFiles.find((name) => name.endsWith('.zip')) ?? '';
    response.end(url.endsWith('.zip') ? zip : `${hash} *${zipName}\n`);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, requestedFiles };
}

// Verifies E-16.
it.each(['', 'electron_use_remote_checksums', 'npm_config_electron_use_remote_checksums'])(
  'resolveElectronBinary: rejects a binary that does not match the checksums in the package: %s',
  async (variable) => {
    const packageFolder = copyElectronPackage();
    const { url, requestedFiles } = await startFakeMirror();
    const env = {
      ...process.env,
      ELECTRON_MIRROR: url,
      electron_config_cache: join(packageFolder, 'cache'),
      ELECTRON_OVERRIDE_DIST_PATH: '',
      ...(variable && { [variable]: '1' }),
    };
    expect(await resolveElectronBinary(env, packageFolder)).toEqual({
      unavailableReason: expect.stringMatching(/did not match expected checksum/) as string,
    });
    expect(requestedFiles).toEqual([expect.stringMatching(/^electron-v[\d.]+-.*\.zip$/)]);
    expect(existsSync(join(packageFolder, 'dist'))).toBe(false);
  },
);

const display = { DISPLAY: ':0' };

describe('getWindowUnavailableReason', () => {
  it('returns undefined if a display is available', () => {
    expect(getWindowUnavailableReason({ platform: 'linux', userId: 1000, env: display }, false)).toBeUndefined();
    expect(
      getWindowUnavailableReason({ platform: 'linux', userId: 1000, env: { WAYLAND_DISPLAY: 'wayland-0' } }, false),
    ).toBeUndefined();
    expect(getWindowUnavailableReason({ platform: 'darwin', userId: 501, env: {} }, false)).toBeUndefined();
    expect(getWindowUnavailableReason({ platform: 'win32', userId: undefined, env: {} }, false)).toBeUndefined();
  });

  it('returns a reason if the option --browser is used', () => {
    expect(getWindowUnavailableReason({ platform: 'darwin', userId: 501, env: {} }, true)).toBe(
      'the option --browser was used',
    );
  });

  it('returns a reason if no display is available on Linux', () => {
    expect(getWindowUnavailableReason({ platform: 'linux', userId: 1000, env: { DISPLAY: '' } }, false)).toContain(
      'no display',
    );
  });

  it('returns a reason for root on Linux', () => {
    expect(getWindowUnavailableReason({ platform: 'linux', userId: 0, env: display }, false)).toContain('root');
  });
});

describe('getStartFailureReason', () => {
  it('returns a reason if Electron crashes or misses a library at startup', () => {
    expect(getStartFailureReason({ code: null, signal: 'SIGTRAP', uptimeMs: 200 })).toContain('SIGTRAP');
    expect(getStartFailureReason({ code: 127, signal: null, uptimeMs: 20 })).toContain('library');
  });

  it('returns undefined if Electron ends later, or without a crash', () => {
    expect(getStartFailureReason({ code: null, signal: 'SIGSEGV', uptimeMs: 60_000 })).toBeUndefined();
    expect(getStartFailureReason({ code: 0, signal: null, uptimeMs: 200 })).toBeUndefined();
    expect(getStartFailureReason({ code: 1, signal: null, uptimeMs: 200 })).toBeUndefined();
    expect(getStartFailureReason({ code: null, signal: 'SIGTERM', uptimeMs: 200 })).toBeUndefined();
  });
});
