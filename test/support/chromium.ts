import { existsSync } from 'node:fs';

const candidatePaths = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** The Chromium (or Chrome) of this machine: nothing is downloaded. CHROMIUM names another. */
export function chromiumPath(): string {
  return process.env['CHROMIUM'] ?? candidatePaths.find((place) => existsSync(place)) ?? '/usr/bin/chromium';
}
