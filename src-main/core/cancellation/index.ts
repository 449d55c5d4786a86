export { Cancellations } from './cancellations.ts';
export type { Road } from './execute.ts';
export { nothingKnown, readingOf, viewOf } from './cancellation-mappers.ts';
