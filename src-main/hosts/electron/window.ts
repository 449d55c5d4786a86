/** Opens the main window, and serves its page at `app://desk` with the same response headers as the browser host. */
import { join } from 'node:path';
import { app, BrowserWindow, dialog, nativeTheme, protocol, screen } from 'electron';
import { readStaticFile, securityHeaders } from '../static-files.ts';
import { fitToDisplays, readWindowState, minWindowSize, writeWindowState } from './window-state.ts';
import { appOrigin, appScheme, createWebPreferences, isAppPage } from './policy.ts';
import { exitOnFatalError } from './app-context.ts';
import type { AppModule, AppContext } from './app-context.ts';

/** The background of the page, so that the window does not flash before the first paint. */
const backgroundColors = { light: '#fdfdfe', dark: '#0f1013' };

export const mainWindow: AppModule = (context) => () => {
  const stateFile = join(app.getPath('userData'), 'placement.json');
  const state = readWindowState(stateFile);
  const window = new BrowserWindow({
    ...fitToDisplays(
      state?.bounds,
      screen.getAllDisplays().map((display) => display.workArea),
    ),
    minWidth: minWindowSize.width,
    minHeight: minWindowSize.height,
    title: 'Session Desk',
    icon: join(app.getAppPath(), 'resources', 'icon.png'),
    backgroundColor: nativeTheme.shouldUseDarkColors ? backgroundColors.dark : backgroundColors.light,
    show: false,
    webPreferences: createWebPreferences(
      join(app.getAppPath(), 'out', 'preload', 'preload.cjs'),
      context.isDevelopment,
    ),
  });
  context.window = window;
  window.once('ready-to-show', () => {
    if (state?.maximised) window.maximize();
    if (state?.fullScreen) window.setFullScreen(true);
    window.show();
  });
  let isClosing = false;
  window.on('close', () => {
    isClosing = true;
    writeWindowState(stateFile, {
      bounds: window.getNormalBounds(),
      maximised: window.isMaximized(),
      fullScreen: window.isFullScreen(),
    });
  });
  window.on('closed', () => (context.window = undefined));
  reloadAfterCrash(window, context);
  const { pageOrigin, pendingDeepLink } = context;
  const route =
    pendingDeepLink === null ? '' : `#/sessions?${new URLSearchParams({ find: pendingDeepLink }).toString()}`;
  window.loadURL(`${pageOrigin}/${route}`).catch((error: unknown) => {
    // Not a failure if the window was closed while loading, or if another navigation, which is blocked, aborted the
    // load.
    const isAborted = error instanceof Error && 'code' in error && error.code === 'ERR_ABORTED';
    if (!isClosing && !isAborted) exitOnFatalError(context, error);
  });
};

/** Reloads the page after a crash. The main process holds all state. */
function reloadAfterCrash(window: BrowserWindow, { log, locale }: AppContext): void {
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return;
    log.error({ reason }, 'The renderer process ended unexpectedly');
    const { message, detail, button } = locale.texts.native.rendererCrashed;
    void dialog.showMessageBox(window, { type: 'warning', message, detail, buttons: [button] });
    window.webContents.reload();
  });
}

export const appProtocol: AppModule = () => {
  protocol.registerSchemesAsPrivileged([
    { scheme: appScheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
  return () => {
    const root = join(app.getAppPath(), 'out', 'renderer');
    protocol.handle(appScheme, (request) => serveAppRequest(root, request));
  };
};

/** Serves a request from the files in `root`. */
export async function serveAppRequest(root: string, request: Request): Promise<Response> {
  if (request.method !== 'GET' || !isAppPage(request.url, appOrigin)) {
    return new Response(null, { status: 403, headers: securityHeaders });
  }
  const { status, contentType, body } = await readStaticFile(root, new URL(request.url).pathname);
  return new Response(body, { status, headers: { ...securityHeaders, 'Content-Type': contentType } });
}
