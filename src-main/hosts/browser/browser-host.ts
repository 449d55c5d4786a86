/** The browser host: opens the application, serves it on loopback, prints the address, and ends with its terminal. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { resolveDataFolder } from '../../core/index.ts';
import type { Logger } from '../../core/app.ts';
import { sanitizeError } from '../dispatch.ts';
import { closeApp, openHostApp } from '../open-app.ts';
import { openLogger } from '../logger.ts';
import { openInBrowser } from './open-browser.ts';
import { startBrowserServer } from './server.ts';

const projectUrl = new URL('../../../', import.meta.url);

/** Runs until a signal or a closed terminal stops it. Resolves with the exit code. */
export async function runBrowserHost(options: { openBrowser: boolean }): Promise<number> {
  const root = fileURLToPath(new URL('out/renderer', projectUrl));
  if (!existsSync(root)) {
    process.stderr.write('The user interface is not built yet. Run `npm run build` first.\n');
    return 1;
  }
  const manifest = JSON.parse(readFileSync(new URL('package.json', projectUrl), 'utf8')) as { version: string };
  const dataFolder = resolveDataFolder(process.env);
  const log = openLogger(dataFolder);
  exitOnUnexpectedError(log);
  const stopped = waitForStopSignal();
  const storeWorkerUrl = new URL('src-main/core/store/worker.ts', projectUrl);
  const coreApp = await openHostApp({
    dataFolder,
    version: manifest.version,
    storeWorkerUrl,
    confirmInHost: null,
    logger: log,
  });
  let removeRedirectPage = () => {};
  const server = await startBrowserServer(coreApp, root, log, { onLogin: () => removeRedirectPage() });

  const printAddress = (address: string) =>
    process.stdout.write(
      `Session Desk is running at ${address}\n` +
        'This address works once. Press Enter for a new address, or Ctrl-C to stop Session Desk.\n',
    );
  const firstAddress = server.createLoginUrl();
  printAddress(firstAddress);
  if (options.openBrowser) removeRedirectPage = openInBrowser(firstAddress, dataFolder);
  process.stdin.on('data', () => printAddress(server.createLoginUrl())).on('error', () => undefined);

  await stopped;
  process.stdin.destroy();
  removeRedirectPage();
  await server.close();
  await closeApp(coreApp, log);
  return 0;
}

/** Replaces Node's handler, which would print the whole error and may reveal secrets. */
function exitOnUnexpectedError(log: Logger): void {
  const exit = (error: unknown) => {
    log.error(sanitizeError(error), 'Fatal error, exiting');
    process.stderr.write(
      'An unexpected problem occurred and Session Desk stopped. The file desk.log in the data folder shows where. ' +
        'Start Session Desk again.\n',
    );
    process.exit(1);
  };
  process.on('uncaughtException', exit).on('unhandledRejection', exit);
}

/** Resolves at the first stop signal. A signal more than 2 s later ends the process immediately. */
function waitForStopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let firstSignalAt: number | undefined;
    const stop = () => {
      // Ctrl-C may arrive twice: from the terminal and from npm.
      if (firstSignalAt !== undefined && performance.now() - firstSignalAt > 2_000) process.exit(1);
      firstSignalAt ??= performance.now();
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  });
}
