export { Batches } from './batches.ts';
export { CircuitBreaker } from './circuit-breaker.ts';
