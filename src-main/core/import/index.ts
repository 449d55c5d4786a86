export { Imports } from './imports.ts';
export { ImportRun, type ReadingRules, type RunRules } from './import-run.ts';
export { objectReader } from './read-objects.ts';
export { parseExact } from './json-record.ts';
