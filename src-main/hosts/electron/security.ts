/** Applies the policy to everything Chromium starts, windows that were never meant to be included. */
import { app, session, shell } from 'electron';
import type { Module } from './program.ts';
import { isOwnPage, mayOpenExternally } from './address.ts';
import { externalHosts, mayUse } from './policy.ts';

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
      if (mayOpenExternally(url, externalHosts)) void shell.openExternal(url);
      return { action: 'deny' };
    });
  });
  return undefined;
};

/** Electron grants every permission unless told otherwise. */
export const permissions: Module = ({ origin }) => () => {
  const { defaultSession } = session;
  defaultSession.setPermissionRequestHandler((_contents, permission, decide, details) => {
    decide(mayUse(permission, details.requestingUrl, origin));
  });
  defaultSession.setPermissionCheckHandler((_contents, permission, requestingOrigin) => mayUse(permission, requestingOrigin, origin));
  defaultSession.setDevicePermissionHandler(() => false);
};
