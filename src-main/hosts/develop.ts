/** `npm run dev`: electron-vite's development server, which needs Electron's binary to be there first. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { getWindowUnavailableReason } from './select-host.ts';
import { resolveElectronBinary } from './electron-binary.ts';

const unavailableReason = getWindowUnavailableReason(
  { platform: process.platform, userId: process.getuid?.(), env: process.env },
  false,
);
const binary = unavailableReason === undefined ? await resolveElectronBinary() : { unavailableReason };
if ('unavailableReason' in binary) {
  process.stderr.write(`Development needs the Electron window, which cannot be had: ${binary.unavailableReason}.\n`);
  process.stderr.write('`npm start -- --browser` shows the built console in the browser instead.\n');
  process.exitCode = 1;
} else {
  const viteCli = fileURLToPath(new URL('../../node_modules/electron-vite/bin/electron-vite.js', import.meta.url));
  const child = spawn(process.execPath, [viteCli, 'dev'], {
    stdio: 'inherit',
    env: { ...process.env, ELECTRON_EXEC_PATH: binary.path },
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
  child.on('exit', (code) => (process.exitCode = code ?? 1));
}
