export { Cancellations } from './cancellations.ts';
export type { RequestGate } from './execute.ts';
export { unknownSessionReading, toSessionReading, toCancellation } from './cancellation-mappers.ts';
