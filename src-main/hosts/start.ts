/**
 * `npm start`: builds Session Desk, then opens it in the Electron window, or in the browser if no window is possible.
 */
import './process-hardening.ts';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import {
  getStartFailureReason,
  getWindowUnavailableReason,
  resolveElectronBinary,
  type ElectronExit,
} from './electron-binary.ts';

const projectFolder = fileURLToPath(new URL('../../', import.meta.url));
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Resolves with the exit code. */
async function start(args: readonly string[]): Promise<number> {
  if (!args.includes('--no-build') && !(await build())) return 1;
  const host = { platform: process.platform, userId: process.getuid?.(), env: process.env };
  const unavailableReason = getWindowUnavailableReason(host, args.includes('--browser'));
  if (unavailableReason !== undefined) return startInBrowser(unavailableReason, args);
  const binary = await resolveElectronBinary();
  if ('unavailableReason' in binary) return startInBrowser(binary.unavailableReason, args);
  process.stdout.write('Opening the window…\n');
  const exit = await runElectron(
    binary.path,
    // Deep links, which the window checks. No other argument reaches Electron.
    args.filter((argument) => argument.startsWith('session-desk:')),
  );
  const failureReason = getStartFailureReason(exit);
  if (failureReason !== undefined) return startInBrowser(failureReason, args);
  return exit.code ?? 1;
}

/** Prints the output of the build only if the build fails. Resolves with whether it succeeded. */
function build(): Promise<boolean> {
  process.stdout.write('Building Session Desk…\n');
  const viteCli = fileURLToPath(new URL('../../node_modules/electron-vite/bin/electron-vite.js', import.meta.url));
  const child = spawn(process.execPath, [viteCli, 'build', '--logLevel', 'warn'], {
    cwd: projectFolder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  return new Promise((resolve) => {
    child.on('error', (error) => (output += `${error.message}\n`));
    child.on('close', (code) => {
      if (code !== 0) process.stderr.write(`${output}The build failed.\n`);
      resolve(code === 0);
    });
  });
}

async function startInBrowser(reason: string, args: readonly string[]): Promise<number> {
  process.stdout.write(`Session Desk opens in your browser because ${reason}.\n`);
  const { runBrowserHost } = await import('./browser/browser-host.ts');
  return runBrowserHost({ openBrowser: !args.includes('--no-open') && process.env['SESSION_DESK_NO_OPEN'] !== '1' });
}

function runElectron(path: string, links: readonly string[]): Promise<ElectronExit> {
  const startedAt = performance.now();
  const child = spawn(path, [projectFolder, ...links], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both processes, so it is not forwarded. This process waits for Electron to exit.
  const forwardSignal = (signal: NodeJS.Signals) => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of stopSignals) process.on(signal, forwardSignal);
  return new Promise((resolve) => {
    const handleExit = (code: number | null, signal: NodeJS.Signals | null) => {
      for (const name of stopSignals) process.off(name, forwardSignal);
      resolve({ code, signal, uptimeMs: performance.now() - startedAt });
    };
    child.on('error', () => handleExit(127, null));
    child.on('exit', handleExit);
  });
}

process.exitCode = await start(process.argv.slice(2));
