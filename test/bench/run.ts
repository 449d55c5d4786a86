/**
 * `npm run bench [-- NAME…]` compares each figure with a simple baseline that is measured in the same run. Ratios can
 * be compared between machines, milliseconds cannot.
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
  throw new Error(`Unknown benchmark "${unknownName}". Available: ${Object.keys(benchmarks).join(', ')}`);

console.log('Ratio: our duration divided by the baseline. Medians of several rounds.\n');
for (const [name, bench] of Object.entries(benchmarks)) {
  if (selectedNames.length === 0 || selectedNames.includes(name)) await bench();
}
