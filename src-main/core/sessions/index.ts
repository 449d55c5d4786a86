export { ExportRunner } from './export-runner.ts';
export { Exports } from './exports.ts';
export { cleanUpInterruptedExports } from './export-runner.ts';
export { Refreshes } from './refreshes.ts';
export { SessionPoller } from './polling.ts';
export { Sessions } from './sessions.ts';
