/**
 * The first step of each npm script that runs TypeScript: prints one line and fails if the Node version is too old.
 * Uses only syntax that Node 14 supports.
 */
import { readFileSync } from 'fs';

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const required = manifest.engines.node.replace('>=', '');
const [requiredMajor, requiredMinor] = required.split('.').map(Number);
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < requiredMajor || (major === requiredMajor && minor < requiredMinor)) {
  process.stderr.write(
    `Session Desk needs Node ${required} or newer, and this is Node ${process.versions.node}: ` +
      'install the current LTS version from https://nodejs.org, then run npm ci.\n',
  );
  process.exitCode = 1;
}
