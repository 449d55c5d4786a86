export { Batches } from './batches.ts';
export { Brakes } from './circuit-breaker.ts';
