export { csvOf, ExportFiles, jsonLinesOf, masked } from './export-runner.ts';
export { Exports } from './exports.ts';
export { clearLeftovers } from './export-cleanup.ts';
export { Refreshes } from './refreshes.ts';
export { Watching } from './polling.ts';
export { Registry } from './sessions.ts';
