export { Refreshes } from './refreshes.ts';
export { Registry } from './registry.ts';
