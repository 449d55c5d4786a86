import { app } from 'electron';
import type { Module } from './app-context.ts';

/** One console per data folder: a second start brings the first one's window to the front and ends. */
export const singleInstance: Module = (program) => {
  if (!app.requestSingleInstanceLock()) {
    app.exit(0);
    return 'stop';
  }
  app.on('second-instance', () => {
    const { window } = program;
    if (window === undefined) return;
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  });
  return undefined;
};
