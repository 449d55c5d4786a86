/** How both hosts open and close the desk. */
import { hostname, userInfo } from 'node:os';
import { openApp, createOsKeychain } from '../core/index.ts';
import type { App, AppOptions, Logger } from '../core/app.ts';

/** How long what is in flight may take to be recorded before the process ends regardless. */
const closeTimeoutMs = 10_000;

export interface HostAppOptions {
  readonly dataFolder: string;
  readonly version: string;
  readonly storeWorkerUrl: URL;
  /** The host's own way out of this machine; without it the environment's proxy variables rule. */
  readonly providers?: NonNullable<AppOptions['providers']>;
  readonly onLanguageChanged?: NonNullable<AppOptions['onLanguageChanged']>;
  readonly logger: Logger;
}

/** Opens the desk on the operator's real work; rejects only where not even a desk with a trouble to show can be had. */
export function openHostApp(options: HostAppOptions): Promise<App> {
  return openApp({
    ...options,
    workspace: 'work',
    operator: getOperatorName(),
    hostName: hostname(),
    keychain: createOsKeychain(),
  });
}

/** Closes the desk, within bounds. */
export async function closeApp(coreApp: Pick<App, 'close'>, logger: Logger, timeoutMs = closeTimeoutMs): Promise<void> {
  const timeout = new Promise<'timeout'>((resolve) => setTimeout(resolve, timeoutMs, 'timeout').unref());
  const end = await Promise.race([coreApp.close().catch(() => 'failed' as const), timeout]);
  if (end !== undefined)
    logger.error({ end }, 'The desk did not close as it should; the next start takes up what was left');
}

/** The operating system's name for the person; some containers have a user id without one. */
function getOperatorName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}
