/** Runs command line tools and passes their output through. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const projectFolder = fileURLToPath(new URL('../../', import.meta.url));
const binFolder = join(projectFolder, 'node_modules', '.bin');

/** Runs a command in the project folder with node_modules/.bin on the path. Resolves with whether it exited with 0. */
export function runCommand(
  command: readonly string[],
  extra: Record<string, string | undefined> = {},
): Promise<boolean> {
  const [program = '', ...args] = command;
  const env = { ...process.env, PATH: `${binFolder}${delimiter}${process.env['PATH'] ?? ''}`, ...extra };
  return new Promise((resolve) => {
    // Windows starts .cmd files only through a shell. The arguments come from this project.
    const child = spawn(program, args, {
      cwd: projectFolder,
      stdio: 'inherit',
      env,
      shell: process.platform === 'win32',
    });
    // A terminal sends Ctrl-C to both processes. This process waits for the tool to exit.
    const ignoreSignal = () => undefined;
    process.on('SIGINT', ignoreSignal);
    const finish = (isSuccessful: boolean) => {
      process.off('SIGINT', ignoreSignal);
      resolve(isSuccessful);
    };
    child.on('error', (error) => {
      process.stderr.write(`${program} could not be started: ${error.message}\n`);
      finish(false);
    });
    child.on('exit', (code) => finish(code === 0));
  });
}

/**
 * Runs a command in a private D-Bus session with a real, unlocked keyring and temporary folders, so that the keyring of
 * the user is not used. No display is available, so that no prompt can open.
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
  for (const [name, subfolder] of Object.entries(folders)) {
    mkdirSync(join(folder, subfolder), { mode: 0o700 });
    env[name] = join(folder, subfolder);
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
