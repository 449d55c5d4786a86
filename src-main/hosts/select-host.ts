/** Which host `npm start` takes, from facts alone. */

export interface HostEnvironment {
  readonly platform: NodeJS.Platform;
  /** The effective user id; undefined where the system has none. */
  readonly userId: number | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Why a window cannot or shall not be opened on this machine, as the end of "in the browser, because …"; or undefined. */
export function getWindowUnavailableReason(machine: HostEnvironment, forceBrowser: boolean): string | undefined {
  if (forceBrowser) return 'you asked for it';
  if (machine.platform !== 'linux') return undefined;
  if (!machine.env['DISPLAY'] && !machine.env['WAYLAND_DISPLAY']) {
    return 'there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)';
  }
  // Chromium has no sandbox for root, and the console does not run a window without one.
  if (machine.userId === 0)
    return "it was started as root, for whom Electron's sandbox does not work; start it as a normal user for the window";
  return undefined;
}

/** How a started Electron came to its end. */
export interface ElectronExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly uptimeMs: number;
}

/** An end sooner than this, by a crash, means that Electron cannot run here at all. */
const maxStartupMs = 10_000;
const crashSignals: readonly (NodeJS.Signals | null)[] = ['SIGABRT', 'SIGILL', 'SIGSEGV', 'SIGTRAP', 'SIGBUS'];

/**
 * Why Electron never got as far as a window, or undefined where it did. A missing library ends it with 127; a sandbox
 * that the system denies (Ubuntu's restriction of user namespaces, say) with a trap.
 */
export function getStartFailureReason(end: ElectronExit): string | undefined {
  if (end.uptimeMs > maxStartupMs) return undefined;
  if (end.code === 127) return 'Electron cannot run here: a system library is missing (it says which above)';
  if (crashSignals.includes(end.signal))
    return `Electron cannot run here: it ended at once with ${end.signal} (it says why above)`;
  return undefined;
}
