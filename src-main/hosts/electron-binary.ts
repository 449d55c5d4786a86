/** Where Electron's binary is, fetched by Electron's own installer where it is not there yet. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const electronFolder = fileURLToPath(new URL('../../node_modules/electron/', import.meta.url));
const downloadTimeoutMs = 300_000;

export type ElectronBinary = { readonly path: string } | { readonly unavailableReason: string };

/** The path of the binary inside a distribution of Electron. */
export function getBinaryPath(platform: NodeJS.Platform): string {
  if (platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron';
  return platform === 'win32' ? 'electron.exe' : 'electron';
}

/** The binary of ELECTRON_OVERRIDE_DIST_PATH, else of the package `electron`; `missing` says in a line why there is none. */
export async function resolveElectronBinary(
  env: NodeJS.ProcessEnv = process.env,
  folder = electronFolder,
): Promise<ElectronBinary> {
  const name = getBinaryPath(process.platform);
  const override = env['ELECTRON_OVERRIDE_DIST_PATH'];
  if (override) {
    const path = join(override, name);
    return existsSync(path) ? { path } : { unavailableReason: `ELECTRON_OVERRIDE_DIST_PATH has no ${name} in it` };
  }
  const path = join(folder, 'dist', name);
  if (isInstalled(folder, path)) return { path };
  const installer = join(folder, 'install.js');
  if (!existsSync(installer)) return { unavailableReason: 'the package electron is not installed (npm ci)' };
  process.stderr.write("Fetching Electron's binary, about 120 MB, once…\n");
  const failure = await runInstaller(installer, env);
  return failure === undefined && isInstalled(folder, path)
    ? { path }
    : { unavailableReason: failure ?? "Electron's installer left no binary" };
}

/** The installer writes path.txt last, so that a fetch cut short is not taken for a binary. */
function isInstalled(folder: string, path: string): boolean {
  return (
    existsSync(path) && existsSync(join(folder, 'path.txt')) && readFileSync(join(folder, 'path.txt'), 'utf8') !== ''
  );
}

/** Without what would have the installer believe the hashes of the very host that the binary comes from. */
function withoutRemoteChecksums(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(npm_config_)?electron_use_remote_checksums$/i.test(name)),
  );
}

function runInstaller(installer: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [installer], {
      env: withoutRemoteChecksums(env),
      stdio: ['ignore', 'inherit', 'pipe'],
      timeout: downloadTimeoutMs,
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(0, 20_000)));
    child.on('error', () => resolve("Electron's installer could not be started"));
    child.on('close', (code, signal) => {
      if (code === 0) resolve(undefined);
      else if (signal !== null)
        resolve(`Electron's binary could not be fetched within ${downloadTimeoutMs / 60_000} minutes`);
      else resolve(`Electron's binary could not be fetched (${extractFailureReason(said)})`);
    });
  });
}

/** Why the installer failed, from its stack trace, in a few words. */
export function extractFailureReason(trace: string): string {
  // The trace of `fetch` keeps its cause to itself.
  if (trace.includes('fetch failed')) return 'its download host cannot be reached';
  const lines = trace
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return (lines.find((line) => /error/i.test(line)) ?? lines[0])?.slice(0, 200) ?? 'its installer did not say why';
}
