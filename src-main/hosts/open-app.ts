/** Opens and closes the application for both hosts. */
import { hostname, userInfo } from 'node:os';
import type { HostCallHandlers, Language } from '../contract/index.ts';
import { openApp, createOsKeychain } from '../core/index.ts';
import type { App, AppOptions, Logger } from '../core/app.ts';

/** Maximum time to record requests in progress before the process ends. */
const closeTimeoutMs = 10_000;

export interface HostAppOptions {
  readonly dataFolder: string;
  readonly version: string;
  readonly storeWorkerUrl: URL;
  /** The host's proxy resolution. Without it, the proxy variables of the environment apply. */
  readonly providers?: NonNullable<AppOptions['providers']>;
  readonly confirmInHost: AppOptions['confirmInHost'];
  /** Called when the language of the renderer changes. */
  readonly onLanguageChanged?: (language: Language) => void;
  /** Called when the page has copied a text that the host removes from the clipboard after a minute. */
  readonly onTextCopied?: (text: string) => void;
  readonly logger: Logger;
}

/** Opens the application with the workspace `work`. Resolves also if the workspace cannot be opened; see `openApp`. */
export async function openHostApp({ onLanguageChanged, onTextCopied, ...options }: HostAppOptions): Promise<App> {
  const coreApp = await openApp({
    ...options,
    workspace: 'work',
    operator: getOperatorName(),
    hostName: hostname(),
    keychain: createOsKeychain(),
  });
  return {
    handlers: { ...coreApp.handlers, ...createHostHandlers(onLanguageChanged, onTextCopied) },
    on: (name, listener) => coreApp.on(name, listener),
    close: () => coreApp.close(),
  };
}

/** The handlers of the calls that core does not know. */
export function createHostHandlers(
  onLanguageChanged?: HostAppOptions['onLanguageChanged'],
  onTextCopied?: HostAppOptions['onTextCopied'],
): HostCallHandlers {
  return {
    'app.setLanguage': async ({ language }) => {
      onLanguageChanged?.(language);
      return {};
    },
    'app.expireClipboard': async ({ text }) => {
      onTextCopied?.(text);
      return {};
    },
  };
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
