export { Imports } from './imports.ts';
export { ImportRun, pickMessage, type ReadingOptions, type ImportRunOptions } from './import-run.ts';
export { readObjects } from './read-objects.ts';
export { parseJsonExact } from './json-record.ts';
