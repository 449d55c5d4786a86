export { Cancellations } from './cancellations.ts';
export { nothingKnown, readingOf, viewOf } from './records.ts';
