export { Cancellations } from './cancellations.ts';
export { unknownSessionReading, toSessionReading, toCancellation } from './cancellation-mappers.ts';
