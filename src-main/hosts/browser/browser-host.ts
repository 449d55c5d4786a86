/** The browser host: opens the desk, serves it on loopback, says where, and ends with its terminal. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { resolveDataFolder } from '../../core/index.ts';
import type { Logger } from '../../core/app.ts';
import { sanitizeError } from '../dispatch.ts';
import { closeApp, openHostApp } from '../open-app.ts';
import { openLogger } from '../logger.ts';
import { openInBrowser } from './open-browser.ts';
import { startBrowserServer } from './server.ts';

const project = new URL('../../../', import.meta.url);

/** Runs until a signal or a closed terminal ends it; resolves with the exit code. */
export async function runBrowserHost(options: { openBrowser: boolean }): Promise<number> {
  const root = fileURLToPath(new URL('out/renderer', project));
  if (!existsSync(root)) {
    process.stderr.write('The screen is not built yet. Run `npm run build` first.\n');
    return 1;
  }
  const manifest = JSON.parse(readFileSync(new URL('package.json', project), 'utf8')) as { version: string };
  const dataFolder = resolveDataFolder(process.env);
  const log = openLogger(dataFolder);
  exitOnUnexpectedError(log);
  const stopped = waitForStopSignal();
  const storeWorkerUrl = new URL('src-main/core/store/worker.ts', project);
  const coreApp = await openHostApp({ dataFolder, version: manifest.version, storeWorkerUrl, logger: log });
  let closePage = () => {};
  const server = await startBrowserServer(coreApp, root, log, { onLogin: () => closePage() });

  const tell = (address: string) =>
    process.stdout.write(
      `Session Desk is at ${address}\nThe address works once. Press Enter for a new one, Ctrl-C to end.\n`,
    );
  const first = server.createLoginUrl();
  tell(first);
  if (options.openBrowser) closePage = openInBrowser(first, dataFolder);
  process.stdin.on('data', () => tell(server.createLoginUrl())).on('error', () => undefined);

  await stopped;
  process.stdin.destroy();
  closePage();
  await server.close();
  await closeApp(coreApp, log);
  return 0;
}

/** Node would print the whole error, whatever is in it. */
function exitOnUnexpectedError(log: Logger): void {
  const end = (error: unknown) => {
    log.error(sanitizeError(error), 'The console ends: something happened that was not foreseen');
    process.stderr.write(
      'Session Desk met a fault that it cannot carry on from. desk.log in its data folder says where. Start it again.\n',
    );
    process.exit(1);
  };
  process.on('uncaughtException', end).on('unhandledRejection', end);
}

/** Resolves at the first signal to end. One that comes seconds later means that the person will not wait. */
function waitForStopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let first: number | undefined;
    const stop = () => {
      // Ctrl-C may arrive twice at once: from the terminal and from npm.
      if (first !== undefined && performance.now() - first > 2_000) process.exit(1);
      first ??= performance.now();
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  });
}
