// Starts the console of SESSION_DESK_FOLDER under Playwright's own loader, which holds it back until Playwright listens.
// Playwright does this by itself only for the Electron that it finds in node_modules; without it a window that opens
// while Playwright attaches is now and then never seen.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { app } from 'electron';

const folder = process.env.SESSION_DESK_FOLDER;
const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
app.setName(manifest.productName);
app.setVersion(manifest.version);
app.setAppPath(folder);

const require = createRequire(import.meta.url);
require(join(dirname(require.resolve('playwright-core/package.json')), 'lib/server/electron/loader.js'));
await import(pathToFileURL(join(folder, manifest.main)).href);
