export { Imports } from './imports.ts';
export { ImportRun, readObjects, type ImportRunOptions } from './import-run.ts';
export { createReadingOptions, type ReadingOptions } from './row-parser.ts';
export { isObject, parseJsonExact } from './json-record.ts';
