// Starts the app in SESSION_DESK_FOLDER with Playwright's loader, which delays it until Playwright is attached.
// Playwright adds the loader only for the Electron in node_modules. Without it, Playwright sometimes misses a window
// that opens while it attaches.
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
