/** The one window. */
import { join } from 'node:path';
import { app, BrowserWindow, dialog, nativeTheme, screen } from 'electron';
import { fitted, readPlacement, smallest, writePlacement } from './window-state.ts';
import { webPreferences } from './policy.ts';
import type { Module, Program } from './app-context.ts';
import { unforeseen } from './fatal-error.ts';

/** The page's own background, so that nothing flashes before it is drawn. */
const background = { light: '#fdfdfe', dark: '#0f1013' };

export const mainWindow: Module = (program) => () => {
  const placementFile = join(app.getPath('userData'), 'placement.json');
  const placement = readPlacement(placementFile);
  const window = new BrowserWindow({
    ...fitted(
      placement?.bounds,
      screen.getAllDisplays().map((display) => display.workArea),
    ),
    minWidth: smallest.width,
    minHeight: smallest.height,
    title: 'Session Desk',
    icon: join(app.getAppPath(), 'resources', 'icon.png'),
    backgroundColor: nativeTheme.shouldUseDarkColors ? background.dark : background.light,
    show: false,
    webPreferences: webPreferences(join(app.getAppPath(), 'out', 'preload', 'preload.cjs'), program.development),
  });
  program.window = window;
  window.once('ready-to-show', () => {
    if (placement?.maximised) window.maximize();
    if (placement?.fullScreen) window.setFullScreen(true);
    window.show();
  });
  let closing = false;
  window.on('close', () => {
    closing = true;
    writePlacement(placementFile, {
      bounds: window.getNormalBounds(),
      maximised: window.isMaximized(),
      fullScreen: window.isFullScreen(),
    });
  });
  window.on('closed', () => (program.window = undefined));
  recoverFromCrash(window, program);
  const { origin, sought } = program;
  const place = sought === null ? '' : `#/sessions?${new URLSearchParams({ find: sought }).toString()}`;
  window.loadURL(`${origin}/${place}`).catch((error: unknown) => {
    // No failure: it was closed while it loaded, or broke off for another address, which the navigation guard refuses.
    const brokenOff = error instanceof Error && 'code' in error && error.code === 'ERR_ABORTED';
    if (!closing && !brokenOff) unforeseen(program, error);
  });
};

/** The page holds nothing that the main process does not: after a crash it can be loaded again. */
function recoverFromCrash(window: BrowserWindow, { log, speech }: Program): void {
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return;
    log.error({ reason }, 'The window stopped working');
    const { message, detail, act } = speech.words.reloaded;
    void dialog.showMessageBox(window, { type: 'warning', message, detail, buttons: [act] });
    window.webContents.reload();
  });
}
