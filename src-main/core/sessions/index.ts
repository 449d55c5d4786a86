export { csvOf, ExportFiles, jsonLinesOf, masked } from './export-files.ts';
export { Exports } from './exports.ts';
export { clearLeftovers } from './leftovers.ts';
export { Refreshes } from './refreshes.ts';
export { Watching } from './watching.ts';
export { Registry } from './registry.ts';
