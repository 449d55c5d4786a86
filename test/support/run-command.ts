/** Runs command line tools. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { splitLines } from './line-splitter.ts';

const projectFolder = fileURLToPath(new URL('../../', import.meta.url));
const binFolder = join(projectFolder, 'node_modules', '.bin');
/** Output can arrive after the exit, but a process that the tool has left behind must not block the run. */
const outputTimeoutMs = 5_000;

export interface CommandOptions {
  /** Variables to add, or to remove if undefined. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Receives each line of both output streams. Without it, the output is passed through. */
  readonly onLine?: (line: string) => void;
}

/** Runs a command in the project folder with node_modules/.bin on the path. Resolves with whether it exited with 0. */
export function runCommand(command: readonly string[], { env = {}, onLine }: CommandOptions = {}): Promise<boolean> {
  const [program = '', ...args] = command;
  return new Promise((resolve) => {
    // Windows starts .cmd files only through a shell. The arguments come from this project.
    const child = spawn(program, args, {
      cwd: projectFolder,
      stdio: onLine === undefined ? 'inherit' : ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PATH: `${binFolder}${delimiter}${process.env['PATH'] ?? ''}`, ...env },
      shell: process.platform === 'win32',
    });
    for (const stream of [child.stdout, child.stderr]) if (stream && onLine) splitLines(stream, onLine);
    // A terminal sends Ctrl-C to both processes. This process waits for the tool to exit.
    const ignoreSignal = () => undefined;
    process.on('SIGINT', ignoreSignal);
    const finish = (isSuccessful: boolean) => {
      process.off('SIGINT', ignoreSignal);
      resolve(isSuccessful);
    };
    child.on('error', (error) => {
      (onLine ?? console.error)(`${program} could not be started: ${error.message}`);
      finish(false);
    });
    child.on('exit', (code) => {
      const timer = setTimeout(() => {
        (onLine ?? console.error)(`${program} ended, but a process that it started still runs.`);
        child.stdout?.destroy();
        child.stderr?.destroy();
        finish(false);
      }, outputTimeoutMs);
      child.on('close', () => {
        clearTimeout(timer);
        finish(code === 0);
      });
    });
  });
}

/**
 * Runs a command in a private D-Bus session with a real, unlocked keyring and temporary folders, so that the keyring of
 * the user is not used. No display is available, so that no prompt can open.
 */
export async function runWithKeyring(
  command: readonly string[],
  { env = {}, onLine }: CommandOptions = {},
): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'session-desk-tests-'));
  const folders = {
    XDG_DATA_HOME: 'data',
    XDG_CACHE_HOME: 'cache',
    XDG_CONFIG_HOME: 'config',
    XDG_RUNTIME_DIR: 'runtime',
  };
  const sessionEnv: Record<string, string | undefined> = {
    ...env,
    DISPLAY: undefined,
    WAYLAND_DISPLAY: undefined,
    DBUS_SESSION_BUS_ADDRESS: undefined,
  };
  for (const [name, subfolder] of Object.entries(folders)) {
    mkdirSync(join(folder, subfolder), { mode: 0o700 });
    sessionEnv[name] = join(folder, subfolder);
  }
  try {
    return await runCommand(
      ['dbus-run-session', '--', process.execPath, 'test/support/keyring-session.ts', ...command],
      { env: sessionEnv, ...(onLine && { onLine }) },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
