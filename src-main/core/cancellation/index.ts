export { Cancellations } from './cancellations.ts';
export type { Road } from './drive.ts';
export { nothingKnown, readingOf, viewOf } from './records.ts';
