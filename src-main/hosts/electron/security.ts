/** Applies the security policy to all web contents, including unexpected ones. */
import { app, BrowserWindow, session, shell } from 'electron';
import type { Session } from 'electron';
import type { AppModule } from './app-context.ts';
import {
  allowedExternalHosts,
  canOpenExternally,
  createWindowProxy,
  isAppPage,
  dnsPrefetchSetting,
  isRequestAllowed,
  isPermissionAllowed,
  networkPatterns,
  webRtcIpHandlingPolicy,
} from './policy.ts';

/**
 * Runs every renderer process in the sandbox of the operating system. `npm start` never passes --no-sandbox. Tests that
 * run as root pass it, and Chromium does not start with both settings.
 */
export const sandbox: AppModule = () => {
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
  return undefined;
};

/** Blocks navigation to other origins, new windows and webviews. */
export const navigation: AppModule = ({ pageOrigin, log }) => {
  app.on('web-contents-created', (_created, contents) => {
    const blockOtherOrigins = (event: Electron.Event, address: string) => {
      if (isAppPage(address, pageOrigin)) return;
      event.preventDefault();
      log.warn({}, 'Navigation to another origin blocked');
    };
    contents.on('will-navigate', (event) => blockOtherOrigins(event, event.url));
    contents.on('will-frame-navigate', (event) => blockOtherOrigins(event, event.url));
    contents.on('will-redirect', (event) => blockOtherOrigins(event, event.url));
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(({ url }) => {
      openExternal(url);
      return { action: 'deny' };
    });
  });
  return undefined;
};

/**
 * Turns WebRTC off, together with the proxy that `network` sets. The policy belongs to the web contents, so it also
 * applies after a reload and to each frame.
 */
export const webRtc: AppModule = () => {
  app.on('web-contents-created', (_created, contents) => contents.setWebRTCIPHandlingPolicy(webRtcIpHandlingPolicy));
  return undefined;
};

/** Restricts permissions. Electron grants all permissions by default. */
export const permissions: AppModule =
  ({ pageOrigin }) =>
  () => {
    const { defaultSession } = session;
    defaultSession.setPermissionRequestHandler((_contents, permission, respond, details) => {
      respond(isPermissionAllowed(permission, details.requestingUrl, pageOrigin));
    });
    defaultSession.setPermissionCheckHandler((_contents, permission, requestingOrigin) =>
      isPermissionAllowed(permission, requestingOrigin, pageOrigin),
    );
    defaultSession.setDevicePermissionHandler(() => false);
  };

/**
 * Blocks network requests and downloads of every session, also of the one that only resolves proxies. The main process
 * sends all requests to providers.
 */
export const network: AppModule = ({ pageOrigin }) => {
  const restricted = new WeakSet<Session>();
  const restrict = (target: Session) => {
    if (restricted.has(target)) return;
    restricted.add(target);
    restrictNetwork(target, pageOrigin);
  };
  app.on('session-created', restrict);
  app.commandLine.appendSwitch('blink-settings', dnsPrefetchSetting);
  return async () => {
    restrict(session.defaultSession);
    await session.defaultSession.setProxy(createWindowProxy(pageOrigin));
  };
};

function restrictNetwork(target: Session, pageOrigin: string): void {
  target.webRequest.onBeforeRequest({ urls: [...networkPatterns] }, ({ url }, respond) =>
    respond({ cancel: !isRequestAllowed(url, pageOrigin) }),
  );
  target.on('will-download', (event) => event.preventDefault());
  // While a language is set, Chromium downloads a dictionary from Google even though the spell checker is off. The
  // request does not pass onBeforeRequest.
  target.setSpellCheckerLanguages([]);
}

/**
 * Opens an address on an allowed host and ignores all others, because the system may start any program for a scheme.
 */
export function openExternal(address: string, allowedHosts: readonly string[] = allowedExternalHosts): void {
  if (canOpenExternally(address, allowedHosts)) void shell.openExternal(address);
}

/** Hides the content of all windows from recordings of the screen, if the operator has turned this on. */
export const contentProtection: AppModule = ({ coreApp }) => {
  // Until the settings are known, nothing is shown to recordings.
  let isHidden = true;
  app.on('browser-window-created', (_event, window) => window.setContentProtection(isHidden));
  const apply = (next: boolean) => {
    isHidden = next;
    for (const window of BrowserWindow.getAllWindows()) window.setContentProtection(next);
  };
  return async () => {
    const openedApp = await coreApp;
    if (openedApp === undefined) return;
    const { handlers } = openedApp;
    const applySettings = async () => apply((await handlers['settings.get']({})).isHiddenFromRecordings);
    openedApp.on('settings.changed', (settings) => apply(settings.isHiddenFromRecordings));
    openedApp.on('app.changed', ({ workspaceError }) => {
      // Fails if the workspace is closed meanwhile. Then the next event follows.
      if (workspaceError === null) applySettings().catch(() => undefined);
    });
    // A workspace that cannot be opened has no settings, and the page shows only the error.
    await applySettings().catch(() => apply(false));
  };
};
