import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { createZip } from '../../../src-main/core/maintenance/zip.ts';
import { getBinaryPath, resolveElectronBinary, extractFailureReason } from '../../../src-main/hosts/electron-binary.ts';

function createTempFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'electron-dist-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

it('takes the binary of ELECTRON_OVERRIDE_DIST_PATH', async () => {
  const dist = createTempFolder();
  const path = join(dist, 'electron');
  writeFileSync(path, '');
  expect(getBinaryPath('linux')).toBe('electron');
  if (process.platform === 'linux')
    expect(await resolveElectronBinary({ ELECTRON_OVERRIDE_DIST_PATH: dist })).toEqual({ path });
});

it('says so where ELECTRON_OVERRIDE_DIST_PATH holds none, and fetches nothing', async () => {
  expect(await resolveElectronBinary({ ELECTRON_OVERRIDE_DIST_PATH: createTempFolder() })).toEqual({
    unavailableReason: `ELECTRON_OVERRIDE_DIST_PATH has no ${getBinaryPath(process.platform)} in it`,
  });
});

it('finds the reason in what the installer of Electron said', () => {
  expect(extractFailureReason('TypeError: fetch failed\n    at node:internal/deps/undici:1')).toBe(
    'its download host cannot be reached',
  );
  expect(extractFailureReason('HTTPError: Response code 403 (Forbidden) for https://x\n    at y')).toBe(
    'HTTPError: Response code 403 (Forbidden) for https://x',
  );
  expect(extractFailureReason('')).toBe('its installer did not say why');
});

const modules = fileURLToPath(new URL('../../../node_modules/', import.meta.url));

/** The package `electron` with nothing fetched yet. */
function copyElectronPackage(): string {
  const fresh = createTempFolder();
  for (const name of ['package.json', 'install.js', 'checksums.json'])
    copyFileSync(join(modules, 'electron', name), join(fresh, name));
  symlinkSync(modules, join(fresh, 'node_modules'), 'junction');
  return fresh;
}

/** A host that hands out a binary of its own making, and hashes that fit it. */
async function startFakeMirror(): Promise<{ url: string; asked: string[] }> {
  const zip = createZip([{ name: getBinaryPath(process.platform), text: 'not Electron' }], new Date());
  const hash = createHash('sha256').update(zip).digest('hex');
  const asked: string[] = [];
  const server = createServer(({ url = '' }, response) => {
    asked.push(basename(url));
    response.end(url.endsWith('.zip') ? zip : `${hash} *${asked.find((name) => name.endsWith('.zip')) ?? ''}\n`);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, asked };
}

// Verifies E-16.
it.each(['', 'electron_use_remote_checksums', 'npm_config_electron_use_remote_checksums'])(
  'takes no binary that the hashes in the package do not know: %s',
  async (told) => {
    const fresh = copyElectronPackage();
    const { url, asked } = await startFakeMirror();
    const env = {
      ...process.env,
      ELECTRON_MIRROR: url,
      electron_config_cache: join(fresh, 'cache'),
      ELECTRON_OVERRIDE_DIST_PATH: '',
      ...(told && { [told]: '1' }),
    };
    expect(await resolveElectronBinary(env, fresh)).toEqual({
      unavailableReason: expect.stringMatching(/did not match expected checksum/) as string,
    });
    expect(asked).toEqual([expect.stringMatching(/^electron-v[\d.]+-.*\.zip$/)]);
    expect(existsSync(join(fresh, 'dist'))).toBe(false);
  },
);
