export { Pace, usualLimits, type PaceLimits } from './pace.ts';
export { pacedProviders, type Priority } from './paced.ts';
