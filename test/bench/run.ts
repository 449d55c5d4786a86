/**
 * `npm run bench [-- PART…]`: each figure beside something simple, measured in the same run. Ratios travel between machines;
 * milliseconds do not.
 */
import { benchBatch } from './batch.ts';
import { benchCancel } from './cancel.ts';
import { benchImport } from './import.ts';
import { benchRenderer } from './renderer.ts';
import { benchStore } from './store.ts';

const benchmarks = {
  renderer: benchRenderer,
  store: benchStore,
  import: benchImport,
  cancel: benchCancel,
  batch: benchBatch,
};

const selectedNames = process.argv.slice(2);
const unknownName = selectedNames.find((name) => !(name in benchmarks));
if (unknownName !== undefined)
  throw new Error(`There is no part "${unknownName}"; there are: ${Object.keys(benchmarks).join(', ')}`);

console.log('A ratio is ours to the simple thing beside it; medians of several rounds.\n');
for (const [name, bench] of Object.entries(benchmarks)) {
  if (selectedNames.length === 0 || selectedNames.includes(name)) await bench();
}
