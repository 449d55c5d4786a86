export { osKeychain } from './connections/index.ts';
export { dataFolderOf } from './data-folder.ts';
export { openDesk, type Desk, type DeskOptions, type Log } from './app.ts';
export type { Keychain } from './connections/index.ts';
