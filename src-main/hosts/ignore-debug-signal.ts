/**
 * Prevents that the signal SIGUSR1 opens a debugger, through which other programs could read secrets: with a listener,
 * Node does not start its debugger. Import this module first. Windows has no such signal.
 */
if (process.platform !== 'win32') process.on('SIGUSR1', () => undefined);
