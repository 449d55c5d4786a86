export { Batches } from './batches.ts';
export { Brakes } from './brakes.ts';
