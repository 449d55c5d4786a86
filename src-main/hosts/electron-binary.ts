/**
 * Whether Electron can open a window on this computer, and where its binary is. Runs Electron's installer if the binary
 * is missing.
 */
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

/**
 * The binary in ELECTRON_OVERRIDE_DIST_PATH, or else in the package `electron`. `unavailableReason` is a clause for use
 * after "because".
 */
export async function resolveElectronBinary(
  env: NodeJS.ProcessEnv = process.env,
  folder = electronFolder,
): Promise<ElectronBinary> {
  const name = getBinaryPath(process.platform);
  const override = env['ELECTRON_OVERRIDE_DIST_PATH'];
  if (override) {
    const path = join(override, name);
    return existsSync(path) ? { path } : { unavailableReason: `ELECTRON_OVERRIDE_DIST_PATH does not contain ${name}` };
  }
  const path = join(folder, 'dist', name);
  if (isInstalled(folder, path)) return { path };
  const installer = join(folder, 'install.js');
  if (!existsSync(installer)) return { unavailableReason: 'the package electron is not installed (run npm ci)' };
  process.stderr.write('Downloading Electron (about 120 MB, only once)…\n');
  const failure = await runInstaller(installer, env);
  return failure === undefined && isInstalled(folder, path)
    ? { path }
    : { unavailableReason: failure ?? "Electron's installer did not install Electron" };
}

/** The installer writes path.txt last, so the file marks a complete download. */
function isInstalled(folder: string, path: string): boolean {
  return (
    existsSync(path) && existsSync(join(folder, 'path.txt')) && readFileSync(join(folder, 'path.txt'), 'utf8') !== ''
  );
}

/** Removes the variable that makes the installer trust checksums from the download server. */
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
    let output = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(0, 20_000)));
    child.on('error', () => resolve("Electron's installer could not be started"));
    child.on('close', (code, signal) => {
      if (code === 0) resolve(undefined);
      else if (signal !== null)
        resolve(`Electron could not be downloaded within ${downloadTimeoutMs / 60_000} minutes`);
      else resolve(`Electron could not be downloaded (${extractFailureReason(output)})`);
    });
  });
}

/** The error line of the installer's stack trace, at most 200 characters. */
export function extractFailureReason(trace: string): string {
  // The stack trace of `fetch` does not contain the cause.
  if (trace.includes('fetch failed')) return 'the download server cannot be reached';
  const lines = trace
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return (lines.find((line) => /error/i.test(line)) ?? lines[0])?.slice(0, 200) ?? 'the installer gave no reason';
}

export interface HostEnvironment {
  readonly platform: NodeJS.Platform;
  /** The effective user id; undefined where the system has none. */
  readonly userId: number | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Why no window can be opened, or undefined. The reason is a clause for use after "because". */
export function getWindowUnavailableReason(host: HostEnvironment, forceBrowser: boolean): string | undefined {
  if (forceBrowser) return 'the option --browser was used';
  if (host.platform !== 'linux') return undefined;
  if (!host.env['DISPLAY'] && !host.env['WAYLAND_DISPLAY']) {
    return 'no display is available (DISPLAY and WAYLAND_DISPLAY are not set)';
  }
  // Chromium's sandbox does not work for root, and Session Desk does not open a window without it.
  if (host.userId === 0)
    return (
      "it was started as root, and Electron's sandbox does not work for root; " +
      'to use the window, start Session Desk as a normal user'
    );
  return undefined;
}

/** How an Electron process ended. */
export interface ElectronExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly uptimeMs: number;
}

/** A crash within this time means that Electron cannot run on this computer. */
const maxStartupMs = 10_000;
const crashSignals: readonly (NodeJS.Signals | null)[] = ['SIGABRT', 'SIGILL', 'SIGSEGV', 'SIGTRAP', 'SIGBUS'];

/**
 * Why Electron could not start, or undefined if it started. Electron exits with code 127 if a library is missing, and
 * with a trap if the system denies the sandbox, e.g. because Ubuntu restricts user namespaces.
 */
export function getStartFailureReason(exit: ElectronExit): string | undefined {
  if (exit.uptimeMs > maxStartupMs) return undefined;
  if (exit.code === 127) return 'Electron cannot run here: a system library is missing (see the message above)';
  if (crashSignals.includes(exit.signal))
    return `Electron cannot run here: it exited immediately with ${exit.signal} (see the message above)`;
  return undefined;
}
