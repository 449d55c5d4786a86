export { createOsKeychain } from './connections/index.ts';
export { isLoopback } from './providers/index.ts';
export { resolveDataFolder } from './data-folder.ts';
export { ensurePrivateFolder } from './private-folder.ts';
export { readRegularFileSync } from './regular-file.ts';
export { openApp, type App, type AppOptions, type Logger } from './app.ts';
export type { Keychain } from './connections/index.ts';
export type { ConfirmInHost, HostConfirmation } from './host-confirmation.ts';
