import { app } from 'electron';
import type { AppModule } from './app-context.ts';

/** Allows one instance per data folder. A second start focuses the window of the first instance and exits. */
export const singleInstance: AppModule = (context) => {
  if (!app.requestSingleInstanceLock()) {
    app.exit(0);
    return 'stop';
  }
  app.on('second-instance', () => {
    const { window } = context;
    if (window === undefined) return;
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  });
  return undefined;
};
