import { existsSync } from 'node:fs';

const candidatePaths = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** The installed Chromium or Chrome. The environment variable CHROMIUM overrides the path. Nothing is downloaded. */
export function chromiumPath(): string {
  return process.env['CHROMIUM'] ?? candidatePaths.find((path) => existsSync(path)) ?? '/usr/bin/chromium';
}

/** Options for `launch`. Chromium's sandbox does not work for root. */
export const chromiumLaunchOptions = (): { executablePath: string; args: string[] } => ({
  executablePath: chromiumPath(),
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
});
