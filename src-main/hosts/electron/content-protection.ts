/** Hides the content of all windows from recordings of the screen, if the operator has turned this on. */
import { app, BrowserWindow } from 'electron';
import type { AppModule } from './app-context.ts';

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
