/** Running the tools of a phase, with their output passed through. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const projectFolder = fileURLToPath(new URL('../../', import.meta.url));
const binFolder = join(projectFolder, 'node_modules', '.bin');

/** Runs a command in the project's folder, its tools first on the path; true where it ended with 0. */
export function runCommand(
  command: readonly string[],
  extra: Record<string, string | undefined> = {},
): Promise<boolean> {
  const [program = '', ...args] = command;
  const env = { ...process.env, PATH: `${binFolder}${delimiter}${process.env['PATH'] ?? ''}`, ...extra };
  return new Promise((resolve) => {
    // Windows finds a tool's .cmd through a shell alone; the arguments are our own.
    const child = spawn(program, args, {
      cwd: projectFolder,
      stdio: 'inherit',
      env,
      shell: process.platform === 'win32',
    });
    // A terminal sends Ctrl-C to both: the tool ends first, then this process.
    const wait = () => undefined;
    process.on('SIGINT', wait);
    const ended = (good: boolean) => {
      process.off('SIGINT', wait);
      resolve(good);
    };
    child.on('error', (error) => {
      process.stderr.write(`${program} could not be started: ${error.message}\n`);
      ended(false);
    });
    child.on('exit', (code) => ended(code === 0));
  });
}

/**
 * Runs a command in a D-Bus session of its own with a real, unlocked keyring in it, and folders that are thrown away: the
 * keyring of the person at the machine is never touched. Without a display, so that nothing can prompt.
 */
export async function runWithKeyring(command: readonly string[], extra: Record<string, string> = {}): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'session-desk-tests-'));
  const folders = {
    XDG_DATA_HOME: 'data',
    XDG_CACHE_HOME: 'cache',
    XDG_CONFIG_HOME: 'config',
    XDG_RUNTIME_DIR: 'runtime',
  };
  const env: Record<string, string | undefined> = {
    ...extra,
    DISPLAY: undefined,
    WAYLAND_DISPLAY: undefined,
    DBUS_SESSION_BUS_ADDRESS: undefined,
  };
  for (const [name, part] of Object.entries(folders)) {
    mkdirSync(join(folder, part), { mode: 0o700 });
    env[name] = join(folder, part);
  }
  try {
    return await runCommand(
      ['dbus-run-session', '--', process.execPath, 'test/support/keyring-session.ts', ...command],
      env,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
