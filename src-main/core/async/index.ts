export { KeyedMutex } from './keyed-mutex.ts';
export { LatestRequest } from './latest-request.ts';
export { DisposableStore, TaskTracker, throttle } from './tasks.ts';
