export { Pace, usualLimits } from './rate-limiter.ts';
export { Paces } from './rate-limit-settings.ts';
export { pacedProviders, type Priority } from './with-rate-limit.ts';
