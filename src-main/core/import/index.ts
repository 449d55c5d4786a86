export { Imports } from './imports.ts';
export { ImportRun, type RunRules } from './run.ts';
