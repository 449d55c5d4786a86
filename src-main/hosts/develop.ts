/** `npm run dev`: downloads Electron if necessary, then runs electron-vite's development server. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { getWindowUnavailableReason, resolveElectronBinary } from './electron-binary.ts';

const unavailableReason = getWindowUnavailableReason(
  { platform: process.platform, userId: process.getuid?.(), env: process.env },
  false,
);
const binary = unavailableReason === undefined ? await resolveElectronBinary() : { unavailableReason };
if ('unavailableReason' in binary) {
  process.stderr.write(
    `The development server needs Electron, but Electron cannot start: ${binary.unavailableReason}.\n` +
      'To open the built app in the browser, run `npm start -- --browser`.\n',
  );
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
