export { Imports } from './imports.ts';
export { ImportRun, readObjects, type ReadingOptions, type ImportRunOptions } from './import-run.ts';
export { isObject, parseJsonExact } from './json-record.ts';
