/** `npm run bench`: each figure beside something simple, measured in the same run. Ratios travel between machines; milliseconds do not. */
import { benchBatch } from './batch.ts';
import { benchCancel } from './cancel.ts';
import { benchImport } from './import.ts';
import { benchScreen } from './screen.ts';
import { benchStore } from './store.ts';

console.log('A ratio is ours to the simple thing beside it; medians of several rounds.\n');
await benchScreen();
await benchStore();
await benchImport();
await benchCancel();
await benchBatch();
