/** `npm start`: the window where one can be had, else the same console in the browser. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { getStartFailureReason, getWindowUnavailableReason } from './select-host.ts';
import type { ElectronExit } from './select-host.ts';
import { disableCoreDumps } from './core-dumps.ts';
import { parseDeepLink } from './electron/deep-link.ts';
import { resolveElectronBinary } from './electron-binary.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));

async function start(args: readonly string[]): Promise<number> {
  const machine = { platform: process.platform, userId: process.getuid?.(), env: process.env };
  const objection = getWindowUnavailableReason(machine, args.includes('--browser'));
  if (objection !== undefined) return startInBrowser(objection, args);
  const binary = await resolveElectronBinary();
  if ('unavailableReason' in binary) return startInBrowser(binary.unavailableReason, args);
  const end = await runElectron(
    binary.path,
    args.filter((argument) => parseDeepLink(argument) !== null),
  );
  const failure = getStartFailureReason(end);
  if (failure !== undefined) return startInBrowser(failure, args);
  return end.code ?? 1;
}

async function startInBrowser(reason: string, args: readonly string[]): Promise<number> {
  process.stdout.write(`Session Desk runs in your browser: ${reason}.\n`);
  const { runBrowserHost } = await import('./browser/browser-host.ts');
  return runBrowserHost({ openBrowser: !args.includes('--no-open') && process.env['SESSION_DESK_NO_OPEN'] !== '1' });
}

function runElectron(path: string, links: readonly string[]): Promise<ElectronExit> {
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
      resolve({ code, signal, uptimeMs: performance.now() - began });
    };
    child.on('error', () => ended(127, null));
    child.on('exit', ended);
  });
}

disableCoreDumps();
process.exitCode = await start(process.argv.slice(2));
