/** Selects the host for `npm start`. Pure functions. */

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
