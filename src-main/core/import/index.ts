export { Imports } from './imports.ts';
export { ImportRun, pickMessage, readObjects, type ReadingOptions, type ImportRunOptions } from './import-run.ts';
export { parseJsonExact } from './json-record.ts';
