/**
 * `npm run bench [-- PART…]`: each figure beside something simple, measured in the same run. Ratios travel between machines;
 * milliseconds do not.
 */
import { benchBatch } from './batch.ts';
import { benchCancel } from './cancel.ts';
import { benchImport } from './import.ts';
import { benchScreen } from './renderer.ts';
import { benchStore } from './store.ts';

const parts = { screen: benchScreen, store: benchStore, import: benchImport, cancel: benchCancel, batch: benchBatch };

const chosen = process.argv.slice(2);
const unknown = chosen.find((name) => !(name in parts));
if (unknown !== undefined)
  throw new Error(`There is no part "${unknown}"; there are: ${Object.keys(parts).join(', ')}`);

console.log('A ratio is ours to the simple thing beside it; medians of several rounds.\n');
for (const [name, bench] of Object.entries(parts)) {
  if (chosen.length === 0 || chosen.includes(name)) await bench();
}
