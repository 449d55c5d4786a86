export { createOsKeychain } from './connections/index.ts';
export { resolveDataFolder } from './data-folder.ts';
export { openApp, type App, type AppOptions, type Logger } from './app.ts';
export type { Keychain } from './connections/index.ts';
export type { ConfirmInHost, HostConfirmation } from './host-confirmation.ts';
