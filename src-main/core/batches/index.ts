export { Batches } from './batches.ts';
export { createBatchCircuitBreaker } from './batch-issues.ts';
