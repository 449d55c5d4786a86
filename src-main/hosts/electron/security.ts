/** Applies the policy to everything Chromium starts, windows that were never meant to be included. */
import { app, session } from 'electron';
import type { Module } from './app-context.ts';
import { isOwnPage } from './app-origin.ts';
import { openExternally } from './open-external.ts';
import { mayLoad, mayUse, networkPatterns } from './policy.ts';

/**
 * Every renderer process in the operating system's sandbox. `npm start` never passes --no-sandbox; tests that run as root
 * must, and Chromium would not start if both were said.
 */
export const sandbox: Module = () => {
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
  return undefined;
};

/** No page but the console's own is shown, in no other window than its own. */
export const navigation: Module = ({ origin, log }) => {
  app.on('web-contents-created', (_created, contents) => {
    const stayHome = (event: Electron.Event, address: string) => {
      if (isOwnPage(address, origin)) return;
      event.preventDefault();
      log.warn({}, 'A navigation away from the console was refused');
    };
    contents.on('will-navigate', (event) => stayHome(event, event.url));
    contents.on('will-frame-navigate', (event) => stayHome(event, event.url));
    contents.on('will-redirect', (event) => stayHome(event, event.url));
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(({ url }) => {
      openExternally(url);
      return { action: 'deny' };
    });
  });
  return undefined;
};

/** Electron grants every permission unless told otherwise. */
export const permissions: Module =
  ({ origin }) =>
  () => {
    const { defaultSession } = session;
    defaultSession.setPermissionRequestHandler((_contents, permission, decide, details) => {
      decide(mayUse(permission, details.requestingUrl, origin));
    });
    defaultSession.setPermissionCheckHandler((_contents, permission, requestingOrigin) =>
      mayUse(permission, requestingOrigin, origin),
    );
    defaultSession.setDevicePermissionHandler(() => false);
  };

/** The window has no network, whatever a page asks for: what the console calls, the main process calls. Nothing is downloaded. */
export const network: Module =
  ({ origin }) =>
  () => {
    const { defaultSession } = session;
    defaultSession.webRequest.onBeforeRequest({ urls: [...networkPatterns] }, ({ url }, decide) =>
      decide({ cancel: !mayLoad(url, origin) }),
    );
    defaultSession.on('will-download', (event) => event.preventDefault());
    // The window has no spell checker, and yet Chromium fetches its dictionary from Google, past the line above, while a language is set.
    defaultSession.setSpellCheckerLanguages([]);
  };
