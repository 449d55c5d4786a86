/** Applies the policy to everything Chromium starts, windows that were never meant to be included. */
import { app, session } from 'electron';
import type { AppModule } from './app-context.ts';
import { isAppPage } from './app-origin.ts';
import { openExternal } from './open-external.ts';
import { isRequestAllowed, isPermissionAllowed, networkPatterns } from './policy.ts';

/**
 * Every renderer process in the operating system's sandbox. `npm start` never passes --no-sandbox; tests that run as root
 * must, and Chromium would not start if both were said.
 */
export const sandbox: AppModule = () => {
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
  return undefined;
};

/** No page but the console's own is shown, in no other window than its own. */
export const navigation: AppModule = ({ pageOrigin, log }) => {
  app.on('web-contents-created', (_created, contents) => {
    const stayHome = (event: Electron.Event, address: string) => {
      if (isAppPage(address, pageOrigin)) return;
      event.preventDefault();
      log.warn({}, 'A navigation away from the console was refused');
    };
    contents.on('will-navigate', (event) => stayHome(event, event.url));
    contents.on('will-frame-navigate', (event) => stayHome(event, event.url));
    contents.on('will-redirect', (event) => stayHome(event, event.url));
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(({ url }) => {
      openExternal(url);
      return { action: 'deny' };
    });
  });
  return undefined;
};

/** Electron grants every permission unless told otherwise. */
export const permissions: AppModule =
  ({ pageOrigin }) =>
  () => {
    const { defaultSession } = session;
    defaultSession.setPermissionRequestHandler((_contents, permission, decide, details) => {
      decide(isPermissionAllowed(permission, details.requestingUrl, pageOrigin));
    });
    defaultSession.setPermissionCheckHandler((_contents, permission, requestingOrigin) =>
      isPermissionAllowed(permission, requestingOrigin, pageOrigin),
    );
    defaultSession.setDevicePermissionHandler(() => false);
  };

/** The window has no network, whatever a page asks for: what the console calls, the main process calls. Nothing is downloaded. */
export const network: AppModule =
  ({ pageOrigin }) =>
  () => {
    const { defaultSession } = session;
    defaultSession.webRequest.onBeforeRequest({ urls: [...networkPatterns] }, ({ url }, decide) =>
      decide({ cancel: !isRequestAllowed(url, pageOrigin) }),
    );
    defaultSession.on('will-download', (event) => event.preventDefault());
    // The window has no spell checker, and yet Chromium fetches its dictionary from Google, past the line above, while a language is set.
    defaultSession.setSpellCheckerLanguages([]);
  };
