import { app } from 'electron';
import type { AppModule } from './app-context.ts';

/** One console per data folder: a second start brings the first one's window to the front and ends. */
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
