export { Exports } from './exports.ts';
export { Refreshes } from './refreshes.ts';
export { Watching } from './watching.ts';
export { Registry } from './registry.ts';
