export { createOsKeychain, type Keychain } from './connections/index.ts';
export { isLoopback } from './providers/index.ts';
export { ensurePrivateFolder, resolveDataFolder } from './private-folder.ts';
export { readRegularFileSync } from './regular-file.ts';
export { openApp, type App, type AppOptions, type Logger } from './app.ts';
export type { ConfirmInHost, HostConfirmation } from './host-confirmation.ts';
