/** The one window. */
import { join } from 'node:path';
import { app, BrowserWindow, dialog, nativeTheme, screen } from 'electron';
import { fitToDisplays, readWindowState, minWindowSize, writeWindowState } from './window-state.ts';
import { createWebPreferences } from './policy.ts';
import type { AppModule, AppContext } from './app-context.ts';
import { exitOnFatalError } from './fatal-error.ts';

/** The page's own background, so that nothing flashes before it is drawn. */
const backgroundColors = { light: '#fdfdfe', dark: '#0f1013' };

export const mainWindow: AppModule = (context) => () => {
  const placementFile = join(app.getPath('userData'), 'placement.json');
  const placement = readWindowState(placementFile);
  const window = new BrowserWindow({
    ...fitToDisplays(
      placement?.bounds,
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
    if (placement?.maximised) window.maximize();
    if (placement?.fullScreen) window.setFullScreen(true);
    window.show();
  });
  let closing = false;
  window.on('close', () => {
    closing = true;
    writeWindowState(placementFile, {
      bounds: window.getNormalBounds(),
      maximised: window.isMaximized(),
      fullScreen: window.isFullScreen(),
    });
  });
  window.on('closed', () => (context.window = undefined));
  reloadAfterCrash(window, context);
  const { pageOrigin, pendingDeepLink } = context;
  const place =
    pendingDeepLink === null ? '' : `#/sessions?${new URLSearchParams({ find: pendingDeepLink }).toString()}`;
  window.loadURL(`${pageOrigin}/${place}`).catch((error: unknown) => {
    // No failure: it was closed while it loaded, or broke off for another address, which the navigation guard refuses.
    const brokenOff = error instanceof Error && 'code' in error && error.code === 'ERR_ABORTED';
    if (!closing && !brokenOff) exitOnFatalError(context, error);
  });
};

/** The page holds nothing that the main process does not: after a crash it can be loaded again. */
function reloadAfterCrash(window: BrowserWindow, { log, locale }: AppContext): void {
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return;
    log.error({ reason }, 'The window stopped working');
    const { message, detail, button } = locale.messages.rendererCrashed;
    void dialog.showMessageBox(window, { type: 'warning', message, detail, buttons: [button] });
    window.webContents.reload();
  });
}
