/** `npm start`: the window where one can be had, else the same console in the browser. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startFailure, windowObjection } from './select-host.ts';
import type { ElectronEnd } from './select-host.ts';
import { switchOffCoreDumps } from './core-dumps.ts';
import { soughtBy } from './electron/deep-link.ts';
import { electronBinary } from './electron-binary.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));

async function start(args: readonly string[]): Promise<number> {
  const machine = { platform: process.platform, userId: process.getuid?.(), env: process.env };
  const objection = windowObjection(machine, args.includes('--browser'));
  if (objection !== undefined) return inBrowser(objection, args);
  const binary = await electronBinary();
  if ('missing' in binary) return inBrowser(binary.missing, args);
  const end = await runElectron(
    binary.path,
    args.filter((argument) => soughtBy(argument) !== null),
  );
  const failure = startFailure(end);
  if (failure !== undefined) return inBrowser(failure, args);
  return end.code ?? 1;
}

async function inBrowser(reason: string, args: readonly string[]): Promise<number> {
  process.stdout.write(`Session Desk runs in your browser: ${reason}.\n`);
  const { runBrowserHost } = await import('./browser/browser-host.ts');
  return runBrowserHost({ openBrowser: !args.includes('--no-open') && process.env['SESSION_DESK_NO_OPEN'] !== '1' });
}

function runElectron(path: string, links: readonly string[]): Promise<ElectronEnd> {
  const began = performance.now();
  const child = spawn(path, [project, ...links], { stdio: 'inherit' });
  // Electron shuts down by itself on Ctrl-C, which a terminal sends to both; this process waits for it.
  const passOn = (signal: NodeJS.Signals) => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, passOn);
  return new Promise((resolve) => {
    const ended = (code: number | null, signal: NodeJS.Signals | null) => {
      for (const name of signals) process.off(name, passOn);
      resolve({ code, signal, afterMs: performance.now() - began });
    };
    child.on('error', () => ended(127, null));
    child.on('exit', ended);
  });
}

switchOffCoreDumps();
process.exitCode = await start(process.argv.slice(2));
