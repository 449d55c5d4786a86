/** Opens and closes the application for both hosts. */
import { hostname, userInfo } from 'node:os';
import { openApp, createOsKeychain } from '../core/index.ts';
import type { App, AppOptions, Logger } from '../core/app.ts';

/** Maximum time to record requests in progress before the process ends. */
const closeTimeoutMs = 10_000;

/** Without proxy resolution in `providers`, the proxy variables of the environment apply. */
export type HostAppOptions = Pick<
  AppOptions,
  'dataFolder' | 'version' | 'storeWorkerUrl' | 'providers' | 'confirmInHost' | 'logger'
>;

/** Opens the application with the workspace `work`. Resolves also if the workspace cannot be opened; see `openApp`. */
export function openHostApp(options: HostAppOptions): Promise<App> {
  return openApp({
    ...options,
    workspace: 'work',
    operator: getOperatorName(),
    hostName: hostname(),
    keychain: createOsKeychain(),
  });
}

/** Closes the application, or stops waiting after `timeoutMs`. Never rejects. */
export async function closeApp(coreApp: Pick<App, 'close'>, logger: Logger, timeoutMs = closeTimeoutMs): Promise<void> {
  const timeout = new Promise<'timeout'>((resolve) => setTimeout(resolve, timeoutMs, 'timeout').unref());
  const failure = await Promise.race([coreApp.close().catch(() => 'failed' as const), timeout]);
  if (failure !== undefined)
    logger.error({ end: failure }, 'Shutdown did not complete; the next start resumes unfinished work');
}

/** The OS user name. In some containers, the user id has no name. */
function getOperatorName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}
