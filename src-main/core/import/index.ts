export { Imports } from './imports.ts';
export { ImportRun, type ReadingRules, type RunRules } from './run.ts';
export { objectReader } from './objects.ts';
export { parseExact } from './json.ts';
